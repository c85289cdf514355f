//! Generated worlds: small enough to run thousands of them, varied enough to trigger every rule.

mod dice;
mod foreign;
pub mod http_only;
mod moving;
pub mod networks;
mod route_groups;
mod routed;

use albatross_contract::*;

use crate::{Controller, START, certificate, ingress, instance, world};

pub use dice::Dice;
pub use foreign::Foreign;
pub use moving::{Moving, moving};
pub use route_groups::change as change_route_groups;
pub use routed::change_services;

const DAY: u64 = 86_400;
const DOMAINS: [&str; 4] = ["example.org", "example.net", "shop.example.org", "wiki.example.com"];

/// Properties of the generated worlds, counted over all of them.
#[derive(Default, Debug)]
pub struct Oddities {
    /// Two load balancers have a certificate in common.
    pub common_certificate: usize,
    /// A load balancer has the maximum number of certificates.
    pub at_the_limit: usize,
    /// A member is held.
    pub held: usize,
    /// A load balancer that is not ours exists.
    pub foreign_load_balancer: usize,
    /// An Auto Scaling Group has room for three target groups at most.
    pub auto_scaling_group_near_limit: usize,
    /// A part of the view is incomplete.
    pub incomplete_view: usize,
    /// Some Ingresses are in route mode.
    pub route_mode: usize,
    /// Some Ingresses ask for a Network Load Balancer.
    pub network: usize,
    /// Some Ingresses ask for HTTP only.
    pub http_only: usize,
    /// There are RouteGroups.
    pub route_groups: usize,
}

/// The host with a number.
fn host(dice: &mut Dice) -> String {
    format!("h{}.{}", dice.below(12), dice.pick(&DOMAINS))
}

fn certificates(dice: &mut Dice) -> Vec<Certificate> {
    let mut list = Vec::new();
    for number in 0..dice.between(3, 30) {
        let names: Vec<String> = (0..dice.between(1, 2))
            .map(|_| if dice.percent(15) { format!("*.{}", dice.pick(&DOMAINS)) } else { host(dice) })
            .collect();
        let mut made = certificate(
            u32::try_from(number).unwrap_or(u32::MAX),
            &names.iter().map(String::as_str).collect::<Vec<_>>(),
        );
        made.not_before = Some(START - dice.between(1, 60) as u64 * DAY);
        if dice.percent(10) {
            made.not_after = Some(START + dice.between(1, 6) as u64 * DAY);
        }
        if dice.percent(5) {
            made.not_after = Some(START - DAY);
        }
        if dice.percent(5) {
            made.kind = CertificateKind::Private;
            made.publicly_trusted = Some(false);
        }
        list.push(made);
    }
    list
}

/// An Ingress with a number. Numbers do not say how old it is.
fn some_ingress(number: usize, dice: &mut Dice) -> Ingress {
    let namespace = dice.pick(&["shop", "tools", "wiki"]);
    let hosts: Vec<String> = (0..dice.between(1, 3)).map(|_| host(dice)).collect();
    let mut made =
        ingress(&format!("{namespace}/i{number}"), &hosts.iter().map(String::as_str).collect::<Vec<_>>());
    if dice.percent(20) {
        annotate(&mut made, ANNOTATION_SCHEME, "internal");
    }
    if dice.percent(8) {
        annotate(&mut made, ANNOTATION_SHARED, "false");
    }
    if dice.percent(8) {
        made.ingress_class_name = Some("somebody-else".to_owned());
    }
    made
}

/// Sets an annotation.
fn annotate(ingress: &mut Ingress, key: &str, value: &str) {
    let annotations = &mut ingress.metadata.annotations;
    annotations.retain(|tag| tag.key != key);
    annotations.push(Tag { key: key.to_owned(), value: value.to_owned() });
}

fn foreign_load_balancer() -> LoadBalancer {
    LoadBalancer {
        arn:
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/legacy/0123456789abcdef"
                .into(),
        name: "legacy".into(),
        dns_name: "legacy-123.eu-central-1.elb.amazonaws.com".into(),
        canonical_hosted_zone_id: "Z215JYRZR1TBD5".into(),
        kind: LoadBalancerKind::Application,
        scheme: Scheme::InternetFacing,
        ip_address_type: IpAddressType::Ipv4,
        vpc_id: "vpc-1".into(),
        state: LoadBalancerState::Active,
        created_at: START - 100 * DAY,
        subnets: vec!["subnet-public-a".into(), "subnet-public-b".into()],
        security_groups: vec!["sg-1".into()],
        tags: vec![Tag { key: "team".into(), value: "legacy".into() }],
        ..LoadBalancer::default()
    }
}

/// A world before its first pass.
pub fn generate(seed: u64, oddities: &mut Oddities) -> (Controller, Dice) {
    let mut dice = Dice::new(seed);
    let (mut settings, mut inventory) = world();
    inventory.quotas.certificates_per_load_balancer = *dice.pick(&[4, 5, 6, 10, 25]);
    inventory.security_groups.push(networks::other_group(&inventory.security_groups[0]));
    if dice.percent(10) {
        settings.allow_untrusted_certificates = true;
    }
    if dice.percent(30) {
        inventory.load_balancers.push(foreign_load_balancer());
        oddities.foreign_load_balancer += 1;
    }
    if dice.percent(15) {
        let room = dice.between(0, 3);
        let limit = inventory.quotas.target_groups_per_auto_scaling_group as usize;
        inventory.auto_scaling_groups[0].target_groups = (0..limit - room)
            .map(|number| {
                format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/other-{number}/{number:016x}")
            })
            .collect();
        oddities.auto_scaling_group_near_limit += 1;
    }
    if dice.percent(20) {
        inventory.instances.push(instance("i-single-2", "b", None));
    }
    if dice.percent(12) {
        let parts = [
            ViewPart::CertificatesAcm,
            ViewPart::CertificatesIam,
            ViewPart::Instances,
            ViewPart::TargetHealth,
            ViewPart::AutoScalingGroups,
            ViewPart::Quotas,
        ];
        let part = *dice.pick(&parts);
        inventory.incomplete.push(IncompletePart {
            part,
            resource: None,
            reason: "the list call failed".into(),
            expected: None,
        });
        oddities.incomplete_view += 1;
    }
    let ingresses: Vec<Ingress> =
        (0..dice.between(1, 14)).map(|number| some_ingress(number, &mut dice)).collect();
    let certificates = certificates(&mut dice);
    settings.classes.push(ClassSetting { name: routed::CLASS.to_owned(), mode: Mode::Route });
    let mut story = Controller::new((settings, inventory), certificates, ingresses);
    // From another seed, so that the rest of a world is the same with and without them.
    oddities.route_mode += usize::from(routed::add(&mut story, &mut Dice::new(!seed)));
    oddities.network += usize::from(networks::add(&mut story, &mut Dice::new(seed.rotate_left(32))));
    oddities.http_only += usize::from(http_only::add(&mut story, &mut Dice::new(!seed.rotate_left(32))));
    oddities.route_groups += usize::from(route_groups::add(&mut story, &mut Dice::new(seed.rotate_left(16))));
    (story, dice)
}

/// One change to one Ingress, and the name of the Ingress.
pub fn change_one(story: &mut Controller, dice: &mut Dice) -> (String, &'static str) {
    let ingresses = story.cluster.cluster().ingresses.clone();
    let mut one = dice.pick(&ingresses).clone();
    let what = match dice.below(8) {
        1..6 if routed::is_routed(&one) => routed::change(&mut one, dice),
        0 if dice.percent(30) => {
            one = routed::some_ingress(100 + dice.below(100), dice);
            "added in route mode"
        }
        0 => {
            one = some_ingress(100 + dice.below(100), dice);
            "added"
        }
        5 => {
            routed::route(&mut one, dice);
            "moved to route mode"
        }
        1 => {
            let another = host(dice);
            one.rules.push(IngressRule { host: Some(another), paths: Vec::new() });
            "given a host"
        }
        2 => {
            one.rules.truncate(1);
            "left with one host"
        }
        3 => {
            annotate(
                &mut one,
                ANNOTATION_SCHEME,
                if dice.percent(50) { "internal" } else { "internet-facing" },
            );
            "given a scheme"
        }
        4 => {
            annotate(&mut one, ANNOTATION_SCHEME, "outside");
            "broken"
        }
        6 if !routed::is_routed(&one) && dice.percent(50) => {
            http_only::ask(&mut one, dice);
            "told whether to serve HTTP only"
        }
        6 if !routed::is_routed(&one) => {
            networks::ask(&mut one, dice);
            "given a kind of load balancer"
        }
        _ => {
            annotate(&mut one, ANNOTATION_SHARED, if dice.percent(50) { "false" } else { "true" });
            "told whether to share"
        }
    };
    let namespace = one.metadata.namespace.as_deref().unwrap_or("default");
    let who = format!("{namespace}/{}", one.metadata.name);
    story.apply(one);
    (who, what)
}
