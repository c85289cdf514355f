//! Helpers that the tests of the engine share.

use albatross_contract::{
    Cluster, GroupingInput, GroupingMember, Inventory, Mode, ObjectName, PolicySetting, Quotas, Scheme,
    Settings, Snapshot, Vpc,
};
use albatross_engine::{Engine, Limits, Planner, Policy, PolicySet};
pub use albatross_test_guests::{guests, planner};

/// An engine whose limits are low enough to be reached at once.
pub fn engine() -> Engine {
    Engine::new(low_limits())
}

pub fn low_limits() -> Limits {
    Limits { memory: 16 << 20, fuel: 10_000_000, returned_data: 1 << 20, ..Limits::default() }
}

/// A cluster of some namespaces with one Ingress each, asked of a grouping policy.
pub fn members(namespaces: &[&str]) -> GroupingInput {
    let members = namespaces.iter().map(|namespace| GroupingMember {
        object: ObjectName::ingress(namespace, "web"),
        class: None,
        annotations: Vec::new(),
        labels: Vec::new(),
        hosts: vec![format!("{namespace}.example.org")],
        scheme: Scheme::InternetFacing,
        mode: Mode::Proxy,
        unit: None,
        group: None,
        rules: 0,
        target_groups: Vec::new(),
        certificates: Vec::new(),
        created_at: None,
        load_balancer: None,
        settled: None,
    });
    GroupingInput { settings: String::new(), members: members.collect(), load_balancers: Vec::new() }
}

/// A snapshot of an empty cluster in an empty account; policies are named for `points` of the set.
pub fn empty_snapshot(policies: &PolicySet) -> Snapshot {
    let mut settings = Settings::default();
    settings.policies =
        policies.points().map(|point| PolicySetting { point, settings: String::new() }).collect();
    Snapshot {
        time: 1_795_000_000,
        frozen: Vec::new(),
        settings,
        cluster: Cluster::default(),
        inventory: Inventory {
            hosted_zones: None,
            ssl_policies: None,
            observed_at: 1_795_000_000,
            account: "123456789012".to_owned(),
            region: "eu-central-1".to_owned(),
            incomplete: Vec::new(),
            vpc: Vpc {
                id: "vpc-1".to_owned(),
                cidr_blocks: Vec::new(),
                ipv6_cidr_blocks: Vec::new(),
                tags: Vec::new(),
            },
            zones: Vec::new(),
            subnets: Vec::new(),
            route_tables: Vec::new(),
            security_groups: Vec::new(),
            certificates: Vec::new(),
            load_balancers: Vec::new(),
            target_groups: Vec::new(),
            auto_scaling_groups: Vec::new(),
            instances: Vec::new(),
            quotas: Quotas::default(),
        },
    }
}

/// The host goes on: in the same engine, a good planner still gets the answer of a good policy.
pub fn assert_still_works(engine: &Engine) {
    let planner = Planner::load(engine, "good planner", &planner::asks_every_point()).unwrap();
    let good = Policy::load(engine, "good policy", &guests::one_group("shop", &[0, 1])).unwrap();
    let policies = PolicySet::new(vec![good]).unwrap();
    let planned = planner.plan(&empty_snapshot(&policies), &policies).unwrap();
    assert_eq!(
        planned.plan.next_change_at,
        Some(planner::GROUPING),
        "the policy's group reached the planner"
    );
}
