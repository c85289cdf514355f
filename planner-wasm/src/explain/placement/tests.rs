use albatross_contract::{ANNOTATION_HTTP_ONLY, ANNOTATION_SCHEME, ObjectName, Question, TAG_HTTP_ONLY};

use crate::{NoPolicies, testing::World};

/// Certificates `a` to `f` for hosts of the same names; a load balancer may have three and one more for renewals. `one`
/// has two of them, `two` has one.
fn world() -> World {
    ["a", "b", "c", "d", "e", "f"]
        .into_iter()
        .fold(World::new(), |world, name| world.certificate(name, &[&format!("{name}.org")]))
        .with(|snapshot| snapshot.inventory.quotas.certificates_per_load_balancer = 4)
        .published("at-one", &["a.org", "b.org"], "one")
        .load_balancer("one", &["a", "b"])
        .published("at-two", &["c.org"], "two")
        .load_balancer("two", &["c"])
}

/// Says when the last Ingress was made.
fn made_at(world: World, time: u64) -> World {
    world.with(|snapshot| snapshot.cluster.ingresses.last_mut().unwrap().metadata.created_at = Some(time))
}

/// What is told of the load balancers, by the last part of the name: the chosen one is marked.
fn told(world: World, name: &str) -> Vec<String> {
    let question = Question::Object(ObjectName::ingress("shop", name));
    let explanation = crate::explain(world.read().snapshot, &question, &NoPolicies).unwrap();
    let decision = explanation.decisions.into_iter().find(|it| it.title == "Load balancer").unwrap();
    let tell = |it: albatross_contract::Candidate| {
        let name = it.name.trim_start_matches("albatross-");
        let name = if it.id.is_some() { name } else { "new" };
        format!("{}{name}: {}", if it.chosen { "-> " } else { "" }, it.reason)
    };
    decision.candidates.into_iter().map(tell).collect()
}

/// Three newcomers: the first goes to `one`, which has more certificates, the others fill `two`; a fourth one opens another.
fn four_newcomers() -> World {
    let first = made_at(world().ingress("first", &["d.org"]), 1);
    let second = made_at(first.ingress("second", &["e.org"]), 2);
    let third = made_at(second.ingress("third", &["f.org"]), 3);
    let fourth = third.certificate("g", &["g.org"]).ingress("fourth", &["g.org"]);
    made_at(fourth, 4)
}

#[test]
fn each_newcomer_is_told_what_it_found_at_its_turn() {
    let adds = "1 certificate has to be added";
    assert_eq!(
        told(four_newcomers(), "first"),
        [
            format!("-> one: fits best: {adds}"),
            "new: is created later, for shop/fourth".to_owned(),
            "two: would fit, but it has fewer certificates".to_owned(),
        ],
        "that two is full in the end played no part"
    );
    assert_eq!(
        told(four_newcomers(), "second")[0..2],
        [format!("-> two: fits best: {adds}"), "new: is created later, for shop/fourth".to_owned(),]
    );
    let full =
        |name: &str| format!("{name}: no room: 3 of 4 certificates, and one slot is kept free for renewals");
    assert_eq!(
        told(four_newcomers(), "fourth"),
        ["-> new: is created because no other load balancer fits".to_owned(), full("one"), full("two")]
    );
}

#[test]
fn a_member_that_stays_is_compared_with_the_load_balancers_before_newcomers_come() {
    assert_eq!(
        told(four_newcomers(), "at-one"),
        [
            "-> one: stays: it has been here and still fits",
            "new: is created later, for shop/fourth",
            "two: would fit, but a move would change the DNS name",
        ]
        .map(str::to_owned)
        .to_vec()
    );
}

#[test]
fn a_newcomer_that_joins_a_load_balancer_of_this_plan_names_the_ingress_that_it_is_made_for() {
    let both = || {
        let world = World::new().certificate("a", &["*.a.org"]);
        let older = made_at(world.ingress("older", &["x.a.org"]), 1);
        made_at(older.ingress("a-younger", &["y.a.org"]), 2)
    };
    assert_eq!(told(both(), "older"), ["-> new: is created because no other load balancer fits"]);
    assert_eq!(
        told(both(), "a-younger"),
        ["-> new: is created for shop/older, and fits best: other Ingresses need all its certificates too"]
    );
}

#[test]
fn a_member_that_leaves_says_why() {
    let world = || {
        World::new()
            .certificate("a", &["a.org"])
            .published("x", &["a.org"], "one")
            .annotated(ANNOTATION_SCHEME, "internal")
            .load_balancer("one", &["a"])
            .with(|snapshot| {
                for subnet in &mut snapshot.inventory.subnets {
                    subnet.tags.push(crate::identity::tag("kubernetes.io/role/internal-elb", "1"));
                }
            })
    };
    assert_eq!(
        told(world(), "x"),
        [
            "-> new: is created because no other load balancer fits",
            "one: is left because it asks for another scheme, which AWS cannot change; it serves the Ingress until the status \
             names the other load balancer",
        ]
    );
    let nowhere = world().with(|snapshot| snapshot.inventory.quotas.load_balancers = 1);
    assert_eq!(told(nowhere, "x"), ["-> one: stays: no other load balancer can serve it"]);
}

#[test]
fn what_cannot_be_read_is_told_as_that() {
    let unreadable = world().ingress("new", &["d.org"]).annotated(ANNOTATION_SCHEME, "secret");
    let reason = "unknown: an annotation of the Ingress is invalid";
    assert_eq!(told(unreadable, "new"), [format!("one: {reason}"), format!("two: {reason}")]);
}

#[test]
fn load_balancers_with_and_without_https_say_why_they_do_not_fit() {
    let plain = || {
        let world = world().ingress("plain", &["d.org"]).annotated(ANNOTATION_HTTP_ONLY, "true");
        world.load_balancer("three", &[]).tagged(TAG_HTTP_ONLY, "true")
    };
    assert_eq!(
        told(plain(), "plain"),
        [
            "-> three: fits best: the Ingress asks for HTTP only, so it needs no certificate",
            "one: does not fit: it serves HTTPS, the Ingress asks for HTTP only",
            "two: does not fit: it serves HTTPS, the Ingress asks for HTTP only",
        ]
    );
    let secure = told(plain().ingress("secure", &["e.org"]), "secure");
    let plain = "three: does not fit: it serves only HTTP, for which the Ingress does not ask";
    assert!(secure.iter().any(|told| told == plain), "{secure:?}");
}
