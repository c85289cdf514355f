use albatross_contract::{PolicyPoint, PolicySetting, ViewPart};

use super::tell;
use crate::testing::World;

fn told(world: World) -> Vec<(String, String)> {
    let scene = world.read();
    let told = tell(scene.observed).into_iter();
    told.map(|it| (it.field.unwrap_or_default(), it.message)).collect()
}

fn with_groups(ids: &[&str]) -> World {
    World::new().with(|it| it.settings.security_groups = ids.iter().map(|id| (*id).to_owned()).collect())
}

#[test]
fn more_security_groups_than_the_quota_are_reported_with_both_numbers() {
    let six = with_groups(&["sg-1", "sg-2", "sg-3", "sg-4", "sg-5", "sg-6"]);
    assert_eq!(
        told(six),
        [(
            "security-groups".to_owned(),
            "the settings name 6 security groups, but the AWS quota is 5 for each load balancer".to_owned()
        )]
    );
    assert_eq!(told(with_groups(&["sg-1", "sg-1", "sg-1", "sg-1", "sg-1", "sg-1"])), [], "one, six times");
}

#[test]
fn a_security_group_of_another_vpc_is_reported_with_both_vpcs() {
    let world = with_groups(&["sg-2"]).with(|it| {
        let mut other = it.inventory.security_groups[0].clone();
        (other.id, other.vpc_id) = ("sg-2".into(), "vpc-2".into());
        it.inventory.security_groups.push(other);
    });
    assert_eq!(told(world)[0].1, "security group sg-2 of the settings belongs to vpc-2, not to vpc-1");
}

#[test]
fn missing_resources_are_named_unless_the_list_is_incomplete() {
    assert_eq!(told(with_groups(&["sg-gone"]))[0].1, "security group sg-gone of the settings does not exist");
    assert_eq!(told(with_groups(&["sg-gone"]).missing(ViewPart::SecurityGroups)), []);
    let subnets =
        || World::new().with(|it| it.settings.subnets = vec!["subnet-a".into(), "subnet-gone".into()]);
    assert_eq!(
        told(subnets()),
        [("subnets".to_owned(), "the settings name subnet-gone, which is not in vpc-1".to_owned())]
    );
    assert_eq!(told(subnets().missing(ViewPart::Subnets)), []);
}

#[test]
fn a_subnet_policy_that_is_not_asked_is_reported() {
    let with = |subnets: &[&str]| {
        let subnets = subnets.iter().map(|id| (*id).to_owned()).collect();
        World::new().with(|it| {
            let policy = PolicySetting { point: PolicyPoint::Subnets, settings: String::new() };
            (it.settings.policies, it.settings.subnets) = (vec![policy], subnets);
        })
    };
    let expected = "the policy for subnets is not asked, since the setting subnets lists them";
    assert_eq!(told(with(&["subnet-a", "subnet-b"])), [("policies".to_owned(), expected.to_owned())]);
    assert_eq!(told(with(&[])), []);
}

#[test]
fn an_unknown_tls_policy_is_reported_with_the_most_similar_one() {
    let world =
        || World::new().with(|it| it.settings.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-6".into()));
    let scene = world().read();
    let told = tell(scene.observed).remove(0);
    assert_eq!(told.field.as_deref(), Some("ssl-policy"));
    assert!(
        told.remedy
            .unwrap()
            .starts_with("write ELBSecurityPolicy-TLS13-1-2-2021-06 if that is what you meant")
    );
    let in_use = world().load_balancer("one", &["a"]).which(|found| {
        found.listeners[0].ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-6".into());
    });
    assert_eq!(super::super::unknown_ssl_policy(in_use.read().observed), None, "AWS has it");
    let listed =
        world().with(|it| it.inventory.ssl_policies = it.settings.ssl_policy.clone().map(|name| vec![name]));
    assert_eq!(super::super::unknown_ssl_policy(listed.read().observed), None, "AWS offers it");
    let others =
        world().with(|it| it.inventory.ssl_policies = Some(vec!["ELBSecurityPolicy-2016-08".into()]));
    let message = tell(others.read().observed).remove(0).message;
    assert!(message.ends_with("which AWS does not offer"), "{message}");
}
