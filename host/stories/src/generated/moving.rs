//! Generated accounts in which kube-ingress-aws-controller was the only controller.

use albatross_contract::*;

use super::{Dice, annotate};
use crate::{
    Certificates, Controller,
    ancestor::{CONTROLLER, Stack},
    certificate, ingress, world,
};

/// A world to move over.
pub struct Moving {
    /// The cluster, the account, and settings that correspond to the flags of kube-ingress-aws-controller.
    pub story: Controller,
    /// Stacks that are adopted.
    pub adopted: Vec<Stack>,
    /// Stacks that kube-ingress-aws-controller keeps, for the class `nginx`.
    pub kept: Vec<Stack>,
}

/// A world before anything is adopted.
pub fn moving(seed: u64) -> Moving {
    let mut dice = Dice::new(seed);
    let (mut settings, mut inventory) = world();
    for tag in inventory.security_groups.iter_mut().flat_map(|group| &mut group.tags) {
        if tag.key == TAG_APPLICATION {
            tag.value = CONTROLLER.to_owned();
        }
    }
    let flags = Flags { denies: dice.percent(40), redirects: dice.percent(40) };
    settings.proxy.redirect_http = flags.redirects;
    settings.proxy.deny = flags.denies.then_some(DenySettings {
        domains: Vec::new(),
        response: None,
        content_type: None,
        status_code: None,
    });
    let mut certificates = Vec::new();
    let mut ingresses = Vec::new();
    let (mut adopted, mut kept) = (Vec::new(), Vec::new());
    for number in 1..=u32::try_from(dice.between(1, 4)).unwrap_or(1) {
        let of_others = dice.percent(30);
        let (stack, mut members) = stack(number, flags, &mut certificates, &mut dice);
        if of_others {
            members.iter_mut().for_each(|member| annotate(member, ANNOTATION_CLASS, "nginx"));
        }
        stack.put_into(&mut inventory);
        ingresses.extend(members);
        if of_others { kept.push(stack) } else { adopted.push(stack) }
    }
    let mut story = Controller::new((settings, inventory), certificates, ingresses);
    for stack in adopted.iter().chain(&kept) {
        let members: Vec<String> = (0..4).map(|member| format!("shop/i{}-{member}", stack.number)).collect();
        stack.publish(&members.iter().map(String::as_str).collect::<Vec<_>>(), &mut story);
    }
    Moving { story, adopted, kept }
}

/// Flags that all stacks have in common.
#[derive(Clone, Copy)]
struct Flags {
    denies: bool,
    redirects: bool,
}

/// A stack with its Ingresses, each of which needs some of its certificates.
fn stack(
    number: u32,
    flags: Flags,
    certificates: &mut Vec<Certificate>,
    dice: &mut Dice,
) -> (Stack, Vec<Ingress>) {
    let alone = dice.percent(20);
    let is_internal = dice.percent(25);
    let mut members = Vec::new();
    let mut arns = Vec::new();
    for member in 0..if alone { 1 } else { dice.between(1, 4) } {
        let hosts: Vec<String> =
            (0..dice.between(1, 2)).map(|host| format!("h{host}.m{member}.s{number}.org")).collect();
        let name = u32::try_from(certificates.len()).unwrap_or(u32::MAX);
        certificates.push(certificate(name, &[&format!("*.m{member}.s{number}.org")]));
        arns.push(Certificates::arn(name));
        let mut made = ingress(
            &format!("shop/i{number}-{member}"),
            &hosts.iter().map(String::as_str).collect::<Vec<_>>(),
        );
        if is_internal {
            annotate(&mut made, ANNOTATION_SCHEME, "internal");
        }
        if alone {
            annotate(&mut made, ANNOTATION_SHARED, "false");
        }
        members.push(made);
    }
    let made = Stack {
        scheme: if is_internal { Scheme::Internal } else { Scheme::InternetFacing },
        denies: flags.denies,
        redirects: flags.redirects,
        owner: alone.then(|| format!("shop/i{number}-0")),
        ..Stack::new(number, &arns)
    };
    (made, members)
}
