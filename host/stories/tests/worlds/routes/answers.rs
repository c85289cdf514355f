//! What load balancers answer.

use albatross_contract::*;
use albatross_embedded_cloud::{AnsweredBy, EmbeddedCloud};

use super::kubernetes::{Asked, Said};

/// The answer of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub said: Said,
    /// The rule that answered. Absent: the default actions.
    pub rule: Option<String>,
    /// Whether a healthy target gets the request.
    pub is_healthy: bool,
    /// Whether any target gets the request.
    pub has_target: bool,
}

/// All answers of a load balancer to a request, for different chances. Empty: no listener accepts the request.
pub fn heard(cloud: &mut EmbeddedCloud, load_balancer: &str, asked: &Asked) -> Vec<Heard> {
    let request = HttpRequest {
        method: "GET".to_owned(),
        scheme: "http".to_owned(),
        host: asked.host.clone(),
        port: asked.port,
        path: asked.path.clone(),
        query: None,
        headers: Vec::new(),
        source_address: None,
    };
    let mut all: Vec<Heard> = Vec::new();
    for number in 0..2 {
        let Some(answer) = cloud.route(load_balancer, &request, number) else { continue };
        let targets = |arn: &str, is: fn(TargetHealth) -> bool, cloud: &mut EmbeddedCloud| {
            let group = cloud.inventory().target_groups.iter().find(|group| group.arn == arn);
            group.is_some_and(|group| group.targets.iter().any(|target| is(target.health)))
        };
        let heard = match answer.by {
            AnsweredBy::TargetGroup(arn) => {
                let group = cloud.inventory().target_groups.iter().find(|group| group.arn == arn);
                Heard {
                    said: Said::NodePort(group.unwrap().port.unwrap()),
                    rule: answer.rule,
                    is_healthy: targets(&arn, |health| health == TargetHealth::Healthy, cloud),
                    has_target: targets(&arn, |health| health != TargetHealth::Draining, cloud),
                }
            }
            AnsweredBy::FixedResponse(response) => Heard {
                said: Said::Status(response.status_code),
                rule: answer.rule,
                is_healthy: true,
                has_target: true,
            },
            other => panic!("{other:?}"),
        };
        if !all.contains(&heard) {
            all.push(heard);
        }
    }
    all
}
