//! The properties of a new load balancer, and how they change.

use albatross_contract::{
    CreateLoadBalancer, Inventory, IpAddressType, LoadBalancer, LoadBalancerAddress, LoadBalancerKind,
    LoadBalancerState, ModifyListener, MutualAuthentication, Operation, Scheme, SetIpAddressType,
    SetSecurityGroups, SetSubnets, SubnetMapping,
};
use albatross_embedded_cloud::EmbeddedCloud;

use crate::shop::{Shop, at, attribute, cloud, inventory, load_balancer, make};

fn made(inventory: Inventory, input: CreateLoadBalancer) -> LoadBalancer {
    let mut cloud = EmbeddedCloud::new(inventory);
    let arn = make(&mut cloud, &Operation::CreateLoadBalancer(input));
    let made = cloud.inventory().load_balancers[0].clone();
    assert_eq!(made.arn, arn);
    made
}

fn attribute_of(load_balancer: &LoadBalancer, key: &str) -> String {
    load_balancer.attributes.iter().find(|it| it.key == key).expect("AWS fills it in").value.clone()
}

#[test]
fn a_new_load_balancer_is_provisioning_and_active_two_minutes_later() {
    let mut shop = Shop::open();
    assert_eq!(shop.load_balancer().state, LoadBalancerState::Provisioning);
    shop.cloud.advance(119);
    assert_eq!(shop.load_balancer().state, LoadBalancerState::Provisioning);
    shop.cloud.advance(1);
    assert_eq!(shop.load_balancer().state, LoadBalancerState::Active);
    assert_eq!(shop.load_balancer().created_at, inventory().observed_at);
}

#[test]
fn arn_and_dns_name_have_the_same_form_as_in_aws() {
    let made = made(inventory(), load_balancer("Shop"));
    let id = made
        .arn
        .strip_prefix("arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/Shop/")
        .expect("the form of the ARN");
    assert_eq!(id.len(), 16);
    assert!(id.bytes().all(|it| it.is_ascii_hexdigit() && !it.is_ascii_uppercase()));
    let number = made
        .dns_name
        .strip_prefix("shop-")
        .and_then(|it| it.strip_suffix(".eu-central-1.elb.amazonaws.com"))
        .expect("the form of the DNS name, lower case");
    assert!(number.bytes().all(|it| it.is_ascii_digit()));
    assert_eq!(made.canonical_hosted_zone_id, "Z215JYRZR1TBD5");
}

#[test]
fn the_dns_name_of_an_internal_load_balancer_begins_with_internal() {
    let made = made(inventory(), CreateLoadBalancer { scheme: Scheme::Internal, ..load_balancer("shop") });
    assert!(made.dns_name.starts_with("internal-shop-"), "{}", made.dns_name);
}

#[test]
fn arn_dns_name_and_attributes_of_a_network_load_balancer_differ() {
    let input = CreateLoadBalancer { kind: LoadBalancerKind::Network, ..load_balancer("shop") };
    let made = made(inventory(), input);
    assert!(made.arn.contains(":loadbalancer/net/shop/"), "{}", made.arn);
    assert!(made.dns_name.ends_with(".elb.eu-central-1.amazonaws.com"), "{}", made.dns_name);
    assert_eq!(attribute_of(&made, "load_balancing.cross_zone.enabled"), "false");
    assert!(!made.attributes.iter().any(|it| it.key == "idle_timeout.timeout_seconds"));
}

#[test]
fn arns_name_the_partition_of_the_region() {
    for (region, partition, suffix) in [
        ("cn-north-1", "arn:aws-cn:", ".cn-north-1.elb.amazonaws.com.cn"),
        ("us-gov-west-1", "arn:aws-us-gov:", ".us-gov-west-1.elb.amazonaws.com"),
    ] {
        let made = made(Inventory { region: region.to_owned(), ..inventory() }, load_balancer("shop"));
        assert!(made.arn.starts_with(partition), "{}", made.arn);
        assert!(made.dns_name.ends_with(suffix), "{}", made.dns_name);
    }
}

#[test]
fn attributes_that_the_call_does_not_name_have_defaults() {
    let made = made(inventory(), load_balancer("shop"));
    for (key, value) in [
        ("idle_timeout.timeout_seconds", "60"),
        ("deletion_protection.enabled", "false"),
        ("routing.http2.enabled", "true"),
        ("access_logs.s3.enabled", "false"),
        ("client_keep_alive.seconds", "3600"),
        ("load_balancing.cross_zone.enabled", "true"),
        ("ipv6.deny_all_igw_traffic", "false"),
    ] {
        assert_eq!(attribute_of(&made, key), value, "{key}");
    }
}

#[test]
fn without_a_security_group_the_load_balancer_gets_the_default_one_of_the_vpc() {
    let made = made(inventory(), CreateLoadBalancer { security_groups: Vec::new(), ..load_balancer("shop") });
    assert_eq!(made.security_groups, ["sg-default"]);
}

#[test]
fn an_attribute_changes_and_the_others_stay() {
    let mut shop = Shop::open();
    let before = shop.load_balancer().attributes.len();
    let arn = shop.load_balancer.clone();
    let change = attribute(&arn, "idle_timeout.timeout_seconds", "90");
    shop.run(&Operation::ModifyLoadBalancerAttributes(change));
    assert_eq!(attribute_of(shop.load_balancer(), "idle_timeout.timeout_seconds"), "90");
    assert_eq!(shop.load_balancer().attributes.len(), before);
}

#[test]
fn subnets_security_groups_and_address_type_change_in_place() {
    let mut shop = Shop::open();
    let (arn, dns_name) = (shop.load_balancer.clone(), shop.load_balancer().dns_name.clone());
    let subnets = vec!["subnet-a-second".to_owned(), "subnet-b".to_owned()];
    shop.run(&Operation::SetSubnets(SetSubnets { load_balancer: at(&arn), subnets: subnets.clone() }));
    shop.run(&Operation::SetSecurityGroups(SetSecurityGroups {
        load_balancer: at(&arn),
        security_groups: vec![at("sg-nodes")],
    }));
    shop.run(&Operation::SetIpAddressType(SetIpAddressType {
        load_balancer: at(&arn),
        ip_address_type: IpAddressType::Dualstack,
    }));
    let changed = shop.load_balancer();
    assert_eq!(changed.subnets, subnets);
    assert_eq!(changed.security_groups, ["sg-nodes"]);
    assert_eq!(changed.ip_address_type, IpAddressType::Dualstack);
    assert_eq!(changed.dns_name, dns_name);
}

/// Sets properties on the load balancer of the shop that no operation of ours sets.
fn carried(shop: &mut Shop) -> LoadBalancer {
    let arn = shop.load_balancer.clone();
    let mapping = |subnet: &str, allocation: &str| SubnetMapping {
        subnet_id: subnet.to_owned(),
        addresses: vec![LoadBalancerAddress {
            allocation_id: Some(allocation.to_owned()),
            ..LoadBalancerAddress::default()
        }],
        ..SubnetMapping::default()
    };
    let verify = MutualAuthentication { mode: "passthrough".to_owned(), ..MutualAuthentication::default() };
    let balancers = &mut shop.cloud.inventory_mut().load_balancers;
    let found = balancers.iter_mut().find(|it| it.arn == arn).expect("it is there");
    found.subnet_mappings = vec![mapping("subnet-a", "eipalloc-a"), mapping("subnet-b", "eipalloc-b")];
    found.enforce_security_group_inbound_rules_on_private_link_traffic = Some(false);
    found.ipv4_ipam_pool_id = Some("ipam-pool-1".to_owned());
    found.web_acl = Some("arn:aws:wafv2:acl".to_owned());
    found.listeners.iter_mut().for_each(|it| it.mutual_authentication = Some(verify.clone()));
    found.clone()
}

#[test]
fn properties_that_a_person_set_survive_changes_of_other_properties() {
    let mut shop = Shop::open();
    let before = carried(&mut shop);
    let (arn, https) = (shop.load_balancer.clone(), shop.https.clone());
    shop.run(&Operation::SetSubnets(SetSubnets {
        load_balancer: at(&arn),
        subnets: vec!["subnet-b".to_owned(), "subnet-a-second".to_owned()],
    }));
    shop.run(&Operation::SetSecurityGroups(SetSecurityGroups {
        load_balancer: at(&arn),
        security_groups: vec![at("sg-nodes")],
    }));
    shop.run(&Operation::ModifyListener(ModifyListener {
        listener: at(&https),
        protocol: None,
        default_certificate: None,
        ssl_policy: Some("ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned()),
        default_actions: Vec::new(),
    }));
    let after = shop.load_balancer();
    assert_eq!(
        after.subnet_mappings,
        before.subnet_mappings[1..],
        "the address of the removed subnet is gone"
    );
    assert_eq!(after.enforce_security_group_inbound_rules_on_private_link_traffic, Some(false));
    assert_eq!((&after.ipv4_ipam_pool_id, &after.web_acl), (&before.ipv4_ipam_pool_id, &before.web_acl));
    assert!(after.listeners.iter().all(|it| it.mutual_authentication.is_some()));
}

#[test]
fn a_subnet_that_has_become_full_can_be_kept() {
    let mut shop = Shop::open();
    for subnet in &mut shop.cloud.inventory_mut().subnets {
        subnet.free_addresses = 0;
    }
    let same = SetSubnets {
        load_balancer: at(&shop.load_balancer),
        subnets: vec!["subnet-a".to_owned(), "subnet-b".to_owned()],
    };
    shop.run(&Operation::SetSubnets(same));
}

#[test]
fn a_load_balancer_in_one_local_zone_is_allowed() {
    let mut cloud = cloud();
    cloud.inventory_mut().zones[0].kind = albatross_contract::ZoneKind::LocalZone;
    let input = CreateLoadBalancer { subnets: vec!["subnet-a".to_owned()], ..load_balancer("shop") };
    make(&mut cloud, &Operation::CreateLoadBalancer(input));
}

#[test]
fn deleting_a_load_balancer_deletes_its_listeners_and_keeps_its_target_groups() {
    let mut shop = Shop::open();
    let arn = at(&shop.load_balancer);
    shop.run(&Operation::DeleteLoadBalancer(arn));
    assert!(shop.cloud.inventory().load_balancers.is_empty());
    assert!(shop.target_group().load_balancer_arns.is_empty());
}

#[test]
fn deleting_a_load_balancer_that_no_longer_exists_succeeds() {
    let mut shop = Shop::open();
    let delete = Operation::DeleteLoadBalancer(at(&shop.load_balancer));
    shop.run(&delete);
    assert_eq!(shop.cloud.execute(&delete), Ok(None));
}

#[test]
fn a_load_balancer_that_is_created_again_has_another_dns_name() {
    let mut shop = Shop::open();
    let before = shop.load_balancer().dns_name.clone();
    let delete = Operation::DeleteLoadBalancer(at(&shop.load_balancer));
    shop.run(&delete);
    make(&mut shop.cloud, &Operation::CreateLoadBalancer(load_balancer("shop")));
    assert_ne!(shop.cloud.inventory().load_balancers[0].dns_name, before);
}

#[test]
fn a_network_load_balancer_exchanges_the_subnet_of_a_zone_in_two_calls() {
    let mut cloud = EmbeddedCloud::new(inventory());
    let input = CreateLoadBalancer {
        kind: LoadBalancerKind::Network,
        security_groups: Vec::new(),
        subnets: vec!["subnet-a".into(), "subnet-b".into()],
        ..load_balancer("shop")
    };
    let arn = make(&mut cloud, &Operation::CreateLoadBalancer(input));
    let set = |subnets: &[&str]| {
        let subnets = subnets.iter().map(|id| (*id).to_owned()).collect();
        Operation::SetSubnets(SetSubnets { load_balancer: at(&arn), subnets })
    };
    let refused = cloud.execute(&set(&["subnet-a-second", "subnet-b"])).expect_err("both in one call");
    assert_eq!(refused.code, "InvalidConfigurationRequest");
    cloud.execute(&set(&["subnet-b"])).expect("the present one is removed");
    cloud.execute(&set(&["subnet-a-second", "subnet-b"])).expect("the other one is added");
}
