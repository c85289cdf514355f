//! Subnets and security groups of load balancers.

use albatross_contract::{
    DiagnosticCode, IpAddressType, Operation, OutcomeState, Route, RouteTable, Severity, Subnet,
};
use albatross_stories::{Controller, Pass, actions, certificate, ingress, internal, world};

use crate::one_shop::one_shop;

#[test]
fn a_subnet_in_a_zone_that_holds_targets_is_added_in_place() {
    let (settings, mut inventory) = world();
    let missing: Vec<Subnet> =
        inventory.subnets.extract_if(.., |subnet| subnet.id == "subnet-public-c").collect();
    let mut story = Controller::new(
        (settings, inventory),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.converge();
    let before = story.serving("checkout");
    assert_eq!(before.subnets, ["subnet-public-a", "subnet-public-b"]);

    story.cloud.inventory_mut().subnets.extend(missing);

    let passes = story.converge();
    let after = story.serving("checkout");
    assert_eq!(after.arn, before.arn);
    assert_eq!(after.subnets, ["subnet-public-a", "subnet-public-b", "subnet-public-c"]);
    assert_eq!(actions(&passes).count(), 1);
}

#[test]
fn a_better_subnet_in_a_zone_that_has_one_changes_nothing() {
    let mut story = one_shop("*.example.org");
    let inventory = story.cloud.inventory_mut();
    let mut better = inventory.subnets.iter().find(|subnet| subnet.id == "subnet-public-a").unwrap().clone();
    better.id = "subnet-0".into();
    inventory.subnets.push(better);
    inventory.route_tables[1].subnets.push("subnet-0".into());

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
}

#[test]
fn a_subnet_that_runs_out_of_addresses_stays_in_use() {
    let mut story = one_shop("*.example.org");
    for subnet in &mut story.cloud.inventory_mut().subnets {
        subnet.free_addresses = 3;
    }

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty());
    assert!(pass.outcome("checkout").unwrap().diagnostics.is_empty());
}

#[test]
fn subnets_that_the_list_omits_are_removed() {
    let mut story = one_shop("*.example.org");

    story.settings.subnets = vec!["subnet-public-a".into(), "subnet-public-b".into()];

    let passes = story.converge();
    assert_eq!(story.serving("checkout").subnets, ["subnet-public-a", "subnet-public-b"]);
    assert!(actions(&passes).all(|action| matches!(action.operation, Operation::SetSubnets(_))));
}

/// An AWS reference architecture: requests pass a firewall, and only the subnets of the firewall have a route to the
/// internet gateway.
#[test]
fn load_balancers_stand_in_the_tagged_subnets_behind_a_firewall_and_not_in_those_of_the_firewall() {
    let (settings, mut inventory) = world();
    let route = |target: &str| Route { destination: "0.0.0.0/0".into(), target: target.into(), active: true };
    let table = |id: &str, target: &str, subnets: &[&str]| RouteTable {
        id: id.into(),
        vpc_id: "vpc-1".into(),
        main: false,
        subnets: subnets.iter().map(|id| (*id).to_owned()).collect(),
        routes: vec![route(target)],
        tags: Vec::new(),
    };
    let tagged = ["subnet-public-a", "subnet-public-b", "subnet-public-c"];
    let mut firewall = inventory.subnets.clone();
    firewall.retain(|subnet| tagged.contains(&subnet.id.as_str()));
    for subnet in &mut firewall {
        subnet.id = subnet.id.replace("public", "firewall");
        (subnet.free_addresses, subnet.tags) = (11, Vec::new());
    }
    let of_firewall: Vec<&str> = firewall.iter().map(|subnet| subnet.id.as_str()).collect();
    inventory.route_tables =
        vec![table("rtb-firewall", "igw-1", &of_firewall), table("rtb-protected", "vpce-1", &tagged)];
    inventory.subnets.extend(firewall);
    let certificates = vec![certificate(1, &["*.example.org"])];
    let ingresses = vec![ingress("checkout", &["shop.example.org"])];
    let mut story = Controller::new((settings, inventory), certificates, ingresses);

    let passes = story.converge();

    assert_eq!(story.serving("checkout").subnets, tagged);
    let told = &passes[0].plan.diagnostics;
    assert_eq!(told.len(), 3, "each subnet is told once: {told:#?}");
    assert!(
        told.iter().all(|it| it.code == DiagnosticCode::SubnetNotPublic && it.severity == Severity::Info)
    );
}

#[test]
fn six_security_groups_are_reported_and_nothing_is_half_made() {
    let mut story = one_shop("*.example.org");
    story.settings.security_groups = (1..=6).map(|number| format!("sg-{number}")).collect();
    story.apply(internal(ingress("wiki", &["wiki.example.org"])));

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
    let told = pass.plan.diagnostics.iter().find(|told| told.code == DiagnosticCode::SettingInvalid).unwrap();
    assert_eq!(told.field.as_deref(), Some("security-groups"));
    assert!(told.message.contains("6 security groups") && told.message.contains("is 5"), "{}", told.message);
    assert!(pass.tells("wiki", DiagnosticCode::SecurityGroupNone));
}

#[test]
fn a_named_subnet_that_runs_out_of_addresses_stays_in_use() {
    let mut story = one_shop("*.example.org");
    story.settings.subnets = ["a", "b", "c"].iter().map(|zone| format!("subnet-public-{zone}")).collect();
    for subnet in &mut story.cloud.inventory_mut().subnets {
        subnet.free_addresses = 3;
    }

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
}

#[test]
fn a_load_balancer_takes_ipv6_addresses_once_all_its_subnets_have_some() {
    let mut story = one_shop("*.example.org");
    let standing = story.serving("checkout").subnets;
    give_ipv6(&mut story, &standing[1..]);
    story.settings.ip_address_type = IpAddressType::Dualstack;

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
    assert_eq!(pass.plan.load_balancers[0].ip_address_type, IpAddressType::Ipv4);
    let told = pass.plan.diagnostics.iter().find(|told| told.code == DiagnosticCode::SettingInvalid).unwrap();
    assert_eq!(
        told.message,
        format!("its subnet {} has no IPv6 block, so its address type is ipv4", standing[0])
    );

    give_ipv6(&mut story, &standing[..1]);
    let passes = story.converge();

    assert_eq!(story.serving("checkout").ip_address_type, IpAddressType::Dualstack);
    assert!(actions(&passes).all(|action| matches!(action.operation, Operation::SetIpAddressType(_))));
}

fn give_ipv6(story: &mut Controller, subnets: &[String]) {
    let all = story.cloud.inventory_mut().subnets.iter_mut();
    for subnet in all.filter(|subnet| subnets.contains(&subnet.id)) {
        subnet.ipv6_cidr_blocks = vec!["2001:db8::/64".into()];
    }
}

#[test]
fn subnets_in_one_zone_are_too_few() {
    let (settings, mut inventory) = world();
    inventory.subnets.retain(|subnet| subnet.id != "subnet-public-b" && subnet.id != "subnet-public-c");
    let mut story = Controller::new(
        (settings, inventory),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), internal(ingress("wiki", &["wiki.example.org"]))],
    );

    let passes = story.converge();

    let pass = story.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Rejected);
    assert_eq!(
        too_few(&pass),
        "no further internet-facing load balancer can be created: it needs subnets in 2 zones; of the 4 subnets of \
         vpc-1, 1 can be used, 3 cannot (no route to an internet gateway: its default route leads to nat-1). \
         To do: make subnets in 2 zones usable, or name usable subnets in the settings"
    );
    assert!(story.hostname("wiki").is_some(), "an internal one has its subnets");
    assert!(actions(&passes).all(|action| !action.objects.iter().any(|it| *it == "shop/checkout")));
}

#[test]
fn with_a_wrong_cluster_id_the_message_says_for_which_cluster_the_subnets_are_tagged() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.settings.identity.cluster_id = "harbor".into();

    let pass = story.pass();

    assert_eq!(
        too_few(&pass),
        "no further internet-facing load balancer can be created: it needs subnets in 2 zones; of the 6 subnets of \
         vpc-1, 0 can be used, 6 cannot (tagged for another cluster, kubernetes.io/cluster/harbour). \
         To do: check the cluster id (harbor); if it is right, tag subnets in 2 zones with \
         kubernetes.io/cluster/harbor, or name them in the settings"
    );
}

#[test]
fn a_vpc_without_subnets_is_reported() {
    let (settings, mut inventory) = world();
    inventory.subnets.clear();
    let mut story = Controller::new(
        (settings, inventory),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );

    assert!(too_few(&story.pass()).contains("it needs subnets in 2 zones; vpc-1 has no subnets. "));
}

#[test]
fn a_list_of_subnets_that_cannot_be_used_is_to_be_corrected() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.settings.subnets = vec!["subnet-public-a".into(), "subnet-gone".into()];

    let pass = story.pass();
    let told = too_few(&pass);

    let of_settings =
        pass.plan.diagnostics.iter().find(|it| it.code == DiagnosticCode::SettingInvalid).unwrap();
    assert_eq!(of_settings.message, "the settings name subnet-gone, which is not in vpc-1");
    assert!(told.contains("5 cannot (not in the list of the settings)"), "{told}");
    assert!(told.ends_with("To do: name usable subnets in 2 zones in the settings"), "{told}");
}

#[test]
fn a_list_that_leaves_one_zone_changes_no_load_balancer() {
    let mut story = one_shop("*.example.org");

    story.settings.subnets = vec!["subnet-public-a".into()];

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty());
    assert_eq!(story.serving("checkout").subnets.len(), 3);
}

#[test]
fn without_a_security_group_a_newcomer_is_rejected_and_members_are_served_on() {
    let mut story = one_shop("*.example.org");
    story.cloud.inventory_mut().security_groups[0].tags.clear();

    story.apply(internal(ingress("wiki", &["wiki.example.org"])));
    let pass = story.pass();

    assert_eq!(pass.outcome("wiki").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("wiki", DiagnosticCode::SecurityGroupNone));
    assert!(pass.plan.actions.is_empty());
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Placed);
    assert_eq!(story.serving("checkout").security_groups, ["sg-1"]);

    story.apply(ingress("returns", &["returns.example.org"]));
    story.converge();
    assert_eq!(
        story.hostname("returns"),
        story.hostname("checkout"),
        "what needs no new load balancer is served"
    );
}

#[test]
fn a_named_security_group_that_does_not_exist_changes_no_load_balancer() {
    let mut story = one_shop("*.example.org");

    story.settings.security_groups = vec!["sg-nowhere".into()];
    story.apply(internal(ingress("wiki", &["wiki.example.org"])));

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty());
    assert!(pass.tells("wiki", DiagnosticCode::SecurityGroupNone));
    assert_eq!(story.serving("checkout").security_groups, ["sg-1"]);
}

/// The diagnostic about subnets for `checkout`, with its remedy.
fn too_few(pass: &Pass) -> String {
    let diagnostics = &pass.outcome("checkout").unwrap().diagnostics;
    let told = diagnostics.iter().find(|found| found.code == DiagnosticCode::SubnetsTooFew).unwrap();
    format!("{}. To do: {}", told.message, told.remedy.as_ref().unwrap())
}

#[test]
fn a_load_balancer_takes_up_ipv6_after_its_subnets_and_gives_it_up_before_them() {
    let mut story = one_shop("*.example.org");
    let [a, b, c] = ["a", "b", "c"].map(|zone| format!("subnet-public-{zone}"));
    let new = ["subnet-with-ipv6-a", "subnet-with-ipv6-b"].map(str::to_owned);
    let inventory = story.cloud.inventory_mut();
    for (id, like) in new.iter().zip([&a, &b]) {
        let like = inventory.subnets.iter().find(|subnet| subnet.id == *like).unwrap();
        let subnet =
            Subnet { id: id.clone(), ipv6_cidr_blocks: vec!["2001:db8::/64".into()], ..like.clone() };
        inventory.subnets.push(subnet);
        let public = inventory.route_tables.iter_mut().find(|table| table.id == "rtb-public").unwrap();
        public.subnets.push(id.clone());
    }

    story.settings.ip_address_type = IpAddressType::Dualstack;
    story.settings.subnets = new.to_vec();
    let passes = story.converge();
    assert!(passes.iter().flat_map(|pass| &pass.results).all(|result| result.error.is_none()), "{passes:#?}");
    assert_eq!(story.serving("checkout").ip_address_type, IpAddressType::Dualstack);
    assert_eq!(story.serving("checkout").subnets, new);

    story.settings.ip_address_type = IpAddressType::Ipv4;
    story.settings.subnets = vec![a.clone(), b.clone(), c.clone()];
    let passes = story.converge();
    assert!(passes.iter().flat_map(|pass| &pass.results).all(|result| result.error.is_none()), "{passes:#?}");
    assert_eq!(story.serving("checkout").ip_address_type, IpAddressType::Ipv4);
    assert_eq!(story.serving("checkout").subnets, [a, b, c]);
}
