//! Facts that a plan must name: the load balancer of each Ingress, Ingresses that are not ours, withdrawn names, the next
//! change.

use serde_json::json;

use crate::program::{
    Folder, quickstart, run,
    world::{World, ingress},
};

/// The text of a screen without line breaks.
fn words(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn last_line(screen: &str) -> String {
    let at = screen.rfind("Plan: ").unwrap_or_else(|| panic!("no last line: {screen}"));
    words(&screen[at..])
}

#[test]
fn a_plan_says_which_ingress_goes_where() {
    let mut world = World::new("who-where", vec![ingress("shop/checkout", &["shop.example.org"])]);
    world.ingresses.push(ingress("tools/wiki", &["wiki.example.org"]));
    world.ingress("tools/wiki")["metadata"]["annotations"] =
        json!({"zalando.org/aws-load-balancer-scheme": "internal"});
    let screen = world.plan_text(&[]);
    for (scheme, name) in [("internet-facing", "shop/checkout"), ("internal", "tools/wiki")] {
        let section =
            screen.split("\n+ albatross-").find(|section| section.contains(&format!("   {scheme} · ")));
        let section = section.unwrap_or_else(|| panic!("no {scheme} in {screen}"));
        let own = section.split("interruption:").next().unwrap();
        assert!(own.contains(&format!("    + Ingress {name}\n")), "{section}");
    }
}

#[test]
fn ingresses_that_are_not_ours_are_named() {
    let mut world = World::new("not-ours", vec![ingress("shop/checkout", &["shop.example.org"])]);
    for name in ["other/a", "other/b"] {
        world.ingresses.push(ingress(name, &["shop.example.org"]));
        world.ingress(name)["metadata"]["annotations"]["kubernetes.io/ingress.class"] =
            json!("somebody-else");
    }
    let screen = words(&world.plan_text(&[]));
    assert!(
        screen.contains(
            "· 2 Ingresses not served, because their classes do not belong to Albatross: other/a, other/b"
        ),
        "{screen}"
    );
}

#[test]
fn a_rejected_ingress_makes_the_detailed_exit_code_2() {
    let mut world = World::at_rest("rejected", vec![ingress("shop/checkout", &["shop.example.org"])]);
    assert_eq!(world.run(&["plan"], &["--detailed-exitcode"]).code, 0);
    world.ingresses.push(ingress("shop/uncovered", &["shop.example.net"]));
    let answer = world.run(&["plan"], &["--detailed-exitcode"]);
    assert!(last_line(&answer.stdout).starts_with("Plan: nothing to do"), "{}", answer.stdout);
    assert!(last_line(&answer.stdout).contains("1 Ingress rejected."), "{}", answer.stdout);
    assert_eq!(answer.code, 2);
    assert_eq!(world.run(&["plan"], &[]).code, 0, "only on request");
}

#[test]
fn a_name_that_is_withdrawn_is_counted_in_the_last_line() {
    let names = ["shop/a", "shop/b", "shop/c"];
    let hosts = ["a.example.org", "b.example.org", "c.example.org"];
    let ingresses = names.iter().zip(hosts).map(|(name, host)| ingress(name, &[host])).collect();
    let mut world = World::at_rest("withdrawn", ingresses);
    world.ingress("shop/a")["metadata"]["annotations"]["kubernetes.io/ingress.class"] =
        json!("somebody-else");
    let line = last_line(&world.plan_text(&["--allow-release", "shop/a"]));
    assert!(line.contains("1 published DNS name is withdrawn: shop/a."), "{line}");
    assert!(!line.contains("No published DNS name changes"), "{line}");
}

#[test]
fn the_last_line_names_the_next_change() {
    let mut world = World::at_rest("next-change", vec![ingress("shop/checkout", &["shop.example.org"])]);
    let now = world.inventory["observed-at"].as_u64().unwrap();
    for certificate in world.inventory["certificates"].as_array_mut().unwrap() {
        certificate["not-after"] = json!(now + 10 * 86_400);
    }
    let line = last_line(&world.plan_text(&[]));
    let expected = [
        "Plan: nothing to do before ",
        "(in 3 days): certificate ",
        " is no longer chosen, since it ends on ",
    ];
    assert!(expected.iter().all(|part| line.contains(part)), "{line}");
}

#[test]
fn a_host_of_a_held_ingress_that_is_still_served_is_not_left_out() {
    let mut world = World::at_rest("held", vec![ingress("shop/checkout", &["shop.example.org"])]);
    world.ingress("shop/checkout")["metadata"]["annotations"] =
        json!({"zalando.org/aws-load-balancer-scheme": "external"});
    let line = last_line(&world.plan_text(&[]));
    assert!(line.contains("1 Ingress held.") && !line.contains("left out"), "{line}");
}

#[test]
fn ids_that_a_flag_takes_are_shown_next_to_the_names() {
    let names: Vec<String> = ('a'..='g').map(|letter| format!("{letter}.example.net")).collect();
    let mut world = World::new("ids-beside", vec![ingress("shop/stays", &["shop.example.org"])]);
    let mut arns = Vec::new();
    for (number, name) in (1..).zip(&names) {
        arns.push(world.add_certificate(number, name));
        world.ingresses.push(ingress(&format!("shop/{}", &name[..1]), &[name]));
    }
    world.come_to_rest();
    for name in &names {
        world.delete(&format!("shop/{}", &name[..1]));
    }
    let screen = world.plan_text(&[]);
    for (name, arn) in names.iter().zip(&arns) {
        assert!(screen.lines().any(|line| line.contains(name) && line.contains(arn)), "{arn}: {screen}");
    }
}

#[test]
fn a_step_says_which_object_changed_whatever_its_kind() {
    let folder = Folder::new("then-class");
    let class = |controller: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {{name: alb}}\nspec: {{controller: {controller}}}\n"
        )
    };
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {namespace: shop, name: web}\nspec: {ports: [{port: 80}]}\n";
    let first = folder.file("first.yaml", class("albatross/ingress") + service);
    let second = folder.file("second.yaml", class("example.org/other"));
    let third = folder.file("third.yaml", "{apiVersion: v1, kind: List}");
    let (cloud, settings) = (quickstart("cloud.json"), quickstart("settings.json"));
    let answer = run(&[
        "simulate",
        "--manifests",
        &first,
        "--then",
        &second,
        "--then",
        &third,
        "--cloud",
        &cloud,
        "--settings",
        &settings,
    ]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let screen = words(&answer.stdout);
    assert!(
        screen.contains("Then Service shop/web was removed and IngressClass alb was changed."),
        "{screen}"
    );
    assert!(screen.contains("Then IngressClass alb was removed."), "{screen}");
}
