//! The account behind a proxy that records what the controller calls.

use std::{
    collections::BTreeSet,
    ops::Deref,
    sync::{LazyLock, Mutex, PoisonError},
};

use albatross_aws::Aws;
use albatross_contract::Settings;
use albatross_test_servers::{Call, Moto, Recorder};
use albatross_test_world::account::Account;
use serde_json::Value;

pub use albatross_test_world::account::{CLUSTER, config};

/// One moto for all tests: each test has a separate region.
pub static MOTO: LazyLock<Moto> = LazyLock::new(|| Moto::start().expect("moto starts"));

/// The regions that tests have taken.
static TAKEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// An account, and the controller's access to it.
pub struct World {
    pub recorder: Recorder,
    /// The controller's clients, which go through the recorder.
    pub aws: Aws,
    /// Everybody else's clients, which go straight to moto.
    account: Account,
}

impl Deref for World {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

impl World {
    /// A world in a region of the shared moto, which no other test uses.
    pub async fn in_region(region: &str) -> World {
        let is_free = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).insert(region.to_owned());
        assert!(is_free, "two tests use {region}: give one of them a moto of its own (World::on)");
        World::on(&MOTO, region).await
    }

    /// A world in a region of this moto.
    pub async fn on(moto: &Moto, region: &str) -> World {
        let recorder = Recorder::start(moto.endpoint()).expect("a recorder starts");
        recorder.allow_only(rights_of_the_controller());
        let aws = Aws::new(&config(&recorder.endpoint(), region).await)
            .expect("the region is given")
            .with_share(100.0);
        World { recorder, aws, account: Account::new(moto.endpoint(), region).await }
    }

    /// Settings of the cluster, with a grace period of one hour.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        settings.identity.cluster_id = CLUSTER.to_owned();
        settings.identity.cluster_uid = "11111111-2222-4333-8444-555555555555".to_owned();
        settings
    }

    /// The calls after the first `count` ones.
    pub fn calls_since(&self, count: usize) -> Vec<Call> {
        self.recorder.calls().split_off(count)
    }

    /// The names of the writes after the first `count` calls, sorted, each as often as it was made.
    pub fn writes_since(&self, count: usize) -> Vec<String> {
        names(self.calls_since(count).into_iter().filter(Call::is_write))
    }

    /// The same without attempts that got no answer in time and were repeated.
    pub fn answered_writes_since(&self, count: usize) -> Vec<String> {
        let answered = self.calls_since(count).into_iter().filter(Call::is_answered);
        names(answered.filter(Call::is_write))
    }

    /// The names of the reads and writes after the first `count` calls that got an answer in time, sorted.
    pub fn answered_calls_since(&self, count: usize) -> Vec<String> {
        names(self.calls_since(count).into_iter().filter(Call::is_answered))
    }
}

/// The actions that the policies in `deploy/` allow.
pub fn rights_of_the_controller() -> Vec<String> {
    let policies = [
        include_str!("../../../../deploy/iam-policy.json"),
        include_str!("../../../../deploy/iam-policy-route53.json"),
        include_str!("../../../../deploy/iam-policy-wafv2.json"),
        include_str!("../../../../deploy/iam-policy-recordings.json"),
    ];
    let policies = policies.map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
    let statements = policies.iter().flat_map(|policy| policy["Statement"].as_array().expect("statements"));
    let actions = statements.flat_map(|statement| match &statement["Action"] {
        Value::Array(several) => several.clone(),
        one => vec![one.clone()],
    });
    actions.map(|action| action.as_str().expect("an action").to_owned()).collect()
}

fn names(calls: impl Iterator<Item = Call>) -> Vec<String> {
    let mut names: Vec<String> = calls.map(|call| call.action).collect();
    names.sort();
    names
}
