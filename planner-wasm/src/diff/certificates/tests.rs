use std::collections::BTreeSet;

use albatross_contract::{Action, ListenerCertificate, Operation, ResourceReference};

use super::{Changes, On, compare};
use crate::{
    diff::{
        actions::maker,
        testing::{MEMBER, actions},
    },
    identity::certificate_hash,
    testing::told,
    wanted::Change,
};

const MODIFIED: &str = "one/listener/443/modify";

fn change(adds: bool, arn: &'static str, after: &[usize]) -> Change<'static> {
    Change {
        adds,
        arn,
        after: after.to_vec(),
        after_default: false,
        reason: format!("because of {arn}"),
        objects: if adds { vec![MEMBER] } else { Vec::new() },
    }
}

/// The changes on a listener, whose modification has the id [`MODIFIED`].
fn compared(listener: &ResourceReference, changes: &[Change<'static>]) -> (Changes, Vec<Action>) {
    let made = maker(listener);
    let on = On { load_balancer: "one", port: 443, listener: listener.clone(), made };
    let mut answer = Changes::default();
    let actions = actions(|actions| answer = compare(&on, Some(MODIFIED.into()), changes, actions));
    (answer, actions)
}

fn existing() -> ResourceReference {
    ResourceReference::Existing("arn:listener".into())
}

fn id(arn: &str, verb: &str) -> String {
    format!("listener/443/certificate/{}/{verb}", certificate_hash(arn))
}

#[test]
fn without_changes_there_is_nothing_to_do() {
    assert_eq!(compared(&existing(), &[]).1, []);
}

#[test]
fn certificates_are_added_and_removed_after_the_changes_that_they_depend_on() {
    let changes = vec![change(true, "arn:new", &[]), change(false, "arn:old", &[0])];
    let (_, changed) = compared(&existing(), &changes);
    assert_eq!(told(&changed), [id("arn:new", "add"), id("arn:old", "remove")]);
    assert_eq!(changed[0].depends_on, Vec::<String>::new());
    assert_eq!(changed[1].depends_on, [changed[0].id.as_str()]);
    assert_eq!((changed[0].objects.len(), changed[1].objects.len()), (1, 0));
    assert_eq!(changed[0].reason, "because of arn:new");
    let of = |arn: &str| ListenerCertificate { listener: existing(), certificate: arn.into() };
    assert_eq!(changed[0].operation, Operation::AddListenerCertificate(of("arn:new")));
    assert_eq!(changed[1].operation, Operation::RemoveListenerCertificate(of("arn:old")));
}

#[test]
fn a_former_default_certificate_is_removed_after_the_default_has_changed() {
    let old = Change { after_default: true, ..change(false, "arn:old", &[]) };
    let (_, changed) = compared(&existing(), &[old]);
    assert_eq!(changed[0].depends_on, [MODIFIED]);
}

#[test]
fn added_certificates_wait_for_a_new_listener() {
    let made = ResourceReference::CreatedBy("one/listener/443/create".into());
    let (_, changed) = compared(&made, &[change(true, "arn:new", &[])]);
    assert_eq!(changed[0].depends_on, ["one/listener/443/create"]);
}

#[test]
fn changes_are_found_again_by_their_places() {
    let changes = vec![change(true, "arn:new", &[]), change(false, "arn:old", &[0])];
    let (answer, changed) = compared(&existing(), &changes);
    assert_eq!(answer.actions(&[]), BTreeSet::new());
    assert_eq!(answer.actions(&[Some(1)]), BTreeSet::from([changed[1].id.clone()]));
    let with_default = BTreeSet::from([changed[0].id.clone(), MODIFIED.to_owned()]);
    assert_eq!(answer.actions(&[None, Some(0)]), with_default, "no place means the default certificate");
}
