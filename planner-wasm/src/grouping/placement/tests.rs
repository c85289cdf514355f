use albatross_contract::{
    ANNOTATION_SCHEME, ANNOTATION_SHARED, DiagnosticCode, TAG_GROUP, TAG_INGRESS, Withheld,
};

use super::{Place, Placement, place};
use crate::{
    grouping::{
        Groups, Key, Member,
        opening::Opener,
        staying::{Move, Staying},
    },
    testing::{Scene, World, group_id},
};

struct Placed {
    groups: Groups<'static>,
    placements: Vec<Placement<'static>>,
    withheld: Option<Withheld>,
}

fn placed(scene: Scene, members: &[Member<'static>], staying: Vec<Staying<'static>>) -> Placed {
    let mut groups = scene.groups();
    let demands = scene.backends().demands(scene.observed);
    let mut opener = Opener::new(scene.observed, &groups, demands, scene.choices(), scene.points());
    let super::Placed { placements, withheld, .. } = place(members, staying, &mut groups, &mut opener, None);
    Placed { groups, placements, withheld }
}

/// Places all members, given which of them stay.
fn all(scene: Scene) -> Placed {
    let members = scene.members();
    let staying = super::super::staying::judge(&members, &scene.standings(), &scene.groups());
    placed(scene, &members, staying)
}

impl Placed {
    /// In words, where each member is.
    fn told(&self) -> Vec<String> {
        let tell = |placement: &Placement<'_>| match &placement.place {
            Place::On(stand) => {
                let held = if stand.held { ", held" } else { "" };
                let leaves = stand.leaves.map(|owned| format!(", leaves {}", owned.id)).unwrap_or_default();
                let group = self.groups.get(stand.group);
                let id = if group.owned().is_some() { group.id() } else { "new" };
                format!("{id}{held}{leaves}")
            }
            Place::Waits => "waits".to_owned(),
            Place::Rejected => "rejected".to_owned(),
        };
        self.placements.iter().map(tell).collect()
    }

    fn codes(&self, index: usize) -> Vec<DiagnosticCode> {
        let placement = &self.placements[index];
        placement.cause.iter().chain(&placement.diagnostics).map(|diagnostic| diagnostic.code).collect()
    }
}

/// Certificates `a` to `h` for hosts of the same names; a load balancer may have `limit` certificates.
fn world(limit: u32) -> World {
    ["a", "b", "c", "d", "e", "f", "g", "h"]
        .into_iter()
        .fold(World::new(), |world, name| world.certificate(name, &[&format!("{name}.org")]))
        .with(|snapshot| snapshot.inventory.quotas.certificates_per_load_balancer = limit)
}

/// Sets the creation time of the last Ingress.
fn made_at(world: World, time: u64) -> World {
    world.with(|snapshot| snapshot.cluster.ingresses.last_mut().unwrap().metadata.created_at = Some(time))
}

#[test]
fn a_member_that_stays_is_added_to_its_load_balancer() {
    let world = world(25).published("x", &["a.org"], "one").published("y", &["b.org"], "two");
    let scene = world.load_balancer("one", &["a"]).load_balancer("two", &["b"]).read();
    let placed = all(scene);
    assert_eq!(placed.told(), ["one", "two"]);
    assert_eq!(placed.groups.get(group_id(&placed.groups, "two")).members(), [1]);
    assert_eq!(placed.withheld, None);
}

#[test]
fn a_member_of_which_a_part_cannot_be_planned_is_held() {
    let one = |world: World| world.load_balancer("one", &["a"]).read();
    let published = || world(25).published("x", &["a.org"], "one");
    let unreadable = all(one(published().annotated(ANNOTATION_SCHEME, "secret")));
    assert_eq!(
        (unreadable.told(), unreadable.codes(0)),
        (vec!["one, held".into()], vec![DiagnosticCode::AnnotationInvalid])
    );
    for (key, code) in
        [(Key::Frozen, DiagnosticCode::PolicyFrozen), (Key::Rejected("no"), DiagnosticCode::PolicyRejected)]
    {
        let scene = one(published());
        let mut members = scene.members();
        members[0].key = key;
        let placed = placed(scene, &members, vec![Staying::Stays(scene.owned("one"))]);
        assert_eq!((placed.told(), placed.codes(0)), (vec!["one, held".to_owned()], vec![code]));
    }
}

#[test]
fn members_say_the_terms_of_their_load_balancer() {
    let terms = |world: World, key: Key<'static>| {
        let scene =
            world.load_balancer("one", &["a"]).tagged(TAG_GROUP, "red").tagged(TAG_INGRESS, "shop/x").read();
        let mut members = scene.members();
        members[0].key = key;
        let placed = placed(scene, &members, vec![Staying::Stays(scene.owned("one"))]);
        let terms = *placed.groups.get(group_id(&placed.groups, "one")).terms();
        (terms.alone.is_some(), terms.key)
    };
    let published = || world(25).published("x", &["a.org"], "one");
    assert_eq!(terms(published(), Key::Free), (false, None));
    assert_eq!(
        terms(published().annotated(ANNOTATION_SHARED, "false"), Key::Given("blue")),
        (true, Some("blue"))
    );
    assert_eq!(terms(published().annotated(ANNOTATION_SHARED, "perhaps"), Key::Frozen), (true, Some("red")));
}

#[test]
fn while_moves_are_withheld_the_tags_stay() {
    let world = world(25).published("x", &["a.org"], "one").published("y", &["a.org"], "one");
    let scene = world.load_balancer("one", &["a"]).tagged(TAG_GROUP, "red").read();
    let one = scene.owned("one");
    let placed = placed(scene, &scene.members(), vec![Staying::Stays(one), Staying::StaysWithheld(one)]);
    assert_eq!(placed.told(), ["one", "one, held"]);
    assert_eq!(placed.codes(1), [DiagnosticCode::WithheldNameChange]);
    assert_eq!(placed.groups.get(group_id(&placed.groups, "one")).terms().key, Some("red"));
}

#[test]
fn if_members_ask_for_more_than_fits_the_youngest_moves() {
    let one = |world: World, name: &str, hosts: &[&str]| world.published(name, hosts, "one");
    // One certificate fits beside `d`, and two ask for one each.
    let first = made_at(one(world(3), "first", &["a.org", "b.org"]), 2);
    let both = made_at(one(first, "second", &["d.org", "c.org"]), 1);
    let scene = both.load_balancer("one", &["d", "a"]).read();
    let placed = all(scene);
    assert_eq!(placed.told(), ["new, leaves one", "one"]);
    let needed = placed.groups.get(group_id(&placed.groups, "one")).needed();
    let needed = scene.names(needed.keys());
    assert_eq!(needed, ["a", "c", "d"], "what serves it stays until its name is another");
}

#[test]
fn too_many_that_no_longer_fit_stay_as_one_set() {
    // The first member fits, the others do not.
    let asking = |count: usize| {
        let hosts = ["b.org", "c.org", "d.org", "e.org", "f.org", "g.org", "h.org"];
        let published = |world: World, number: usize| {
            world.published(&format!("i{number}"), &[hosts[number], hosts[(number + 1) % 7]], "one")
        };
        (0..count).fold(world(3), published).load_balancer("one", &["a"])
    };
    let few = all(asking(6).read());
    assert_eq!((few.told()[1..].to_vec(), few.withheld), (vec!["new, leaves one".to_owned(); 5], None));
    let many = all(asking(7).read());
    assert_eq!(many.told()[1..], ["one, held"; 6]);
    assert_eq!(many.withheld.map(|withheld| (withheld.count, withheld.limit)), Some((6, 5)));
    let allowed =
        asking(7).with(|snapshot| snapshot.settings.allowances.name_change = vec!["shop/i3".into()]);
    assert_eq!(all(allowed.read()).withheld, None);
}

#[test]
fn the_oldest_is_placed_first() {
    // A load balancer has room for one of them; the next member opens another.
    let both = made_at(world(2).ingress("first", &["a.org"]), 2);
    let both = made_at(both.ingress("second", &["b.org"]), 1).ingress("third", &["c.org"]);
    let placed = all(both.read());
    let opened = |index: usize| {
        let id = placed.placements[index].group().unwrap();
        placed.groups.get(id).opened()
    };
    assert_eq!([0, 1, 2].map(opened), [Some(1), Some(0), Some(2)], "one without an age is the youngest");
}

#[test]
fn a_member_whose_certificates_are_all_present_comes_before_older_members() {
    // Two more certificates would fit if the present certificate of the younger Ingress could be removed.
    let both = made_at(world(4).ingress("older", &["b.org", "c.org"]), 1);
    let both = made_at(both.ingress("younger", &["a.org"]), 2).load_balancer("one", &["d", "a"]);
    assert_eq!(all(both.read()).told(), ["new", "one"]);
}

#[test]
fn a_moving_member_is_served_where_it_is_still_published() {
    let scene = world(25).published("x", &["a.org"], "one").load_balancer("one", &["a"]).read();
    let from = scene.owned("one");
    let moves = Staying::Moves(Move { from, reason: "of a reason", is_own: true, to: None });
    let placed = placed(scene, &scene.members(), vec![moves]);
    assert_eq!(placed.told(), ["new, leaves one"]);
    let one = placed.groups.get(group_id(&placed.groups, "one"));
    assert_eq!((one.is_empty(), scene.names(one.needed().keys())), (false, vec!["a"]));
}

#[test]
fn a_waiting_member_is_told_why_it_waits() {
    let scene = world(25).ingress("x", &["a.org"]).status("elsewhere.example.com").read();
    let placed = placed(scene, &scene.members(), vec![Staying::Waits]);
    assert_eq!(
        (placed.told(), placed.codes(0)),
        (vec!["waits".into()], vec![DiagnosticCode::WithheldNameChange])
    );
    assert_eq!(placed.groups.len(), 0);
}
