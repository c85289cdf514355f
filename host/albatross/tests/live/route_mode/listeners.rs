//! The listeners of the load balancers of an account.

use std::collections::BTreeMap;

use albatross_test_world::account::Account;
use aws_sdk_elasticloadbalancingv2::types::{Action, ActionTypeEnum, Rule, Tag};

/// The tag of a target group that names its Service and port.
const TAG_SERVICE: &str = "albatross/service";

/// A listener.
#[derive(Debug)]
pub struct Listener {
    /// The hostname of its load balancer.
    pub load_balancer: String,
    pub port: i32,
    /// How many certificates it has.
    pub certificates: usize,
    /// What each host and path leads to, in the order of priorities: such as `a.example.org/cart` and `shop/cart:80`, or `503`.
    pub rules: Vec<(String, String)>,
}

/// All listeners, by load balancer and port.
pub async fn listeners(account: &Account) -> Vec<Listener> {
    let elb = account.elb();
    let services = services(account).await;
    let found = elb.describe_load_balancers().send().await.unwrap();
    let mut listeners = Vec::new();
    for load_balancer in found.load_balancers() {
        let request = elb.describe_listeners().load_balancer_arn(load_balancer.load_balancer_arn().unwrap());
        // A load balancer may be deleted meanwhile.
        let Ok(answer) = request.send().await else { continue };
        for listener in answer.listeners() {
            let arn = listener.listener_arn().unwrap();
            let rules = elb.describe_rules().listener_arn(arn).page_size(400).send().await;
            let certificates = elb.describe_listener_certificates().listener_arn(arn).send().await;
            let (Ok(rules), Ok(certificates)) = (rules, certificates) else { continue };
            let priority = |rule: &&Rule| rule.priority().and_then(|it| it.parse::<u32>().ok());
            let mut ordered: Vec<&Rule> =
                rules.rules().iter().filter(|rule| priority(rule).is_some()).collect();
            ordered.sort_by_key(priority);
            listeners.push(Listener {
                load_balancer: load_balancer.dns_name().unwrap().to_owned(),
                port: listener.port().unwrap(),
                certificates: certificates.certificates().len(),
                rules: ordered
                    .into_iter()
                    .flat_map(|rule| {
                        let answer = answer_of(rule, &services);
                        requests(rule).into_iter().map(move |requests| (requests, answer.clone()))
                    })
                    .collect(),
            });
        }
    }
    listeners.sort_by_key(|listener| (listener.load_balancer.clone(), listener.port));
    listeners
}

/// Each host of a rule with each of its paths. A path that stands for a prefix has two values, of which the one with the
/// asterisk is left out.
fn requests(rule: &Rule) -> Vec<String> {
    let conditions = rule.conditions();
    let hosts = conditions.iter().filter_map(|it| it.host_header_config()).flat_map(|it| it.values());
    let paths = conditions.iter().filter_map(|it| it.path_pattern_config()).flat_map(|it| it.values());
    let mut paths: Vec<&str> = paths.map(String::as_str).filter(|path| !path.ends_with("/*")).collect();
    if paths.is_empty() {
        paths.push("/");
    }
    hosts.flat_map(|host| paths.iter().map(move |path| format!("{host}{path}"))).collect()
}

fn answer_of(rule: &Rule, services: &BTreeMap<String, String>) -> String {
    let answer = |action: &Action| match action.r#type() {
        Some(ActionTypeEnum::FixedResponse) => {
            action.fixed_response_config().and_then(|it| it.status_code()).unwrap_or_default().to_owned()
        }
        _ => {
            let groups = action.forward_config().map(|forward| forward.target_groups()).unwrap_or_default();
            let arn = action.target_group_arn().or_else(|| groups.first()?.target_group_arn());
            arn.and_then(|arn| services.get(arn)).cloned().unwrap_or_default()
        }
    };
    rule.actions().iter().map(answer).collect::<Vec<_>>().join(" ")
}

/// The Service of each target group, by ARN.
async fn services(account: &Account) -> BTreeMap<String, String> {
    let elb = account.elb();
    let found = elb.describe_target_groups().send().await.unwrap();
    let arns: Vec<String> =
        found.target_groups().iter().filter_map(|it| it.target_group_arn()).map(str::to_owned).collect();
    let mut services = BTreeMap::new();
    for arns in arns.chunks(20) {
        // A target group may be deleted meanwhile.
        let Ok(answer) = elb.describe_tags().set_resource_arns(Some(arns.to_vec())).send().await else {
            continue;
        };
        for described in answer.tag_descriptions() {
            let is_service = |tag: &&Tag| tag.key() == Some(TAG_SERVICE);
            let service = described.tags().iter().find(is_service).and_then(|tag| tag.value());
            services
                .insert(described.resource_arn().unwrap().to_owned(), service.unwrap_or_default().to_owned());
        }
    }
    services
}
