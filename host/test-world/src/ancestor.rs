//! Load balancers as kube-ingress-aws-controller makes them: one CloudFormation stack each.
//!
//! The resources are created directly, since moto's CloudFormation sets neither attributes nor tags of load balancers. They lack
//! the tag with the name of the stack, which only CloudFormation can set.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Certificate, LoadBalancerStateEnum, ProtocolEnum, Tag, TargetTypeEnum,
};
use tokio::time::sleep;

use crate::account::{Account, CLUSTER};

/// The TLS policy of its listeners (flag `--ssl-policy`).
pub const TLS_POLICY: &str = "ELBSecurityPolicy-2016-08";

/// The resources of a stack.
#[derive(Debug)]
pub struct Stack {
    /// The name of the load balancer.
    pub name: String,
    /// The ARN of the load balancer.
    pub load_balancer: String,
    /// The DNS name of the load balancer, in the lower case that statuses must have.
    pub dns_name: String,
    /// The ARN of the target group.
    pub target_group: String,
}

impl Stack {
    /// Creates an internet-facing Application Load Balancer with this certificate, and attaches its target group to the Auto
    /// Scaling Group of the account's nodes.
    ///
    /// # Panics
    /// AWS refuses a call.
    pub async fn make(account: &Account, certificate: &str) -> Stack {
        let elb = account.elb();
        let name = "kube-i-LB-1A2B3C".to_owned();
        let request =
            elb.create_target_group().name("kube-TG-1A2B3C").protocol(ProtocolEnum::Http).port(9999);
        let request = request.vpc_id(&account.vpc).target_type(TargetTypeEnum::Instance);
        let request = request.health_check_path("/kube-system/healthz").health_check_port("9999");
        let request = request.health_check_protocol(ProtocolEnum::Http).healthy_threshold_count(5);
        let request = request.health_check_interval_seconds(10).health_check_timeout_seconds(5);
        let request = request.unhealthy_threshold_count(2).set_tags(Some(tags(None)));
        let answer = request.send().await.expect("a target group");
        let target_group = answer.target_groups()[0].target_group_arn().expect("its ARN").to_owned();

        let request = elb.create_load_balancer().name(&name);
        let request = request.set_subnets(Some(account.subnets.clone()));
        let request = request.security_groups(&account.security_group);
        let answer = request.set_tags(Some(tags(Some(certificate)))).send().await;
        let answer = answer.expect("a load balancer");
        let made = &answer.load_balancers()[0];
        let load_balancer = made.load_balancer_arn().expect("its ARN").to_owned();
        let dns_name = made.dns_name().expect("its DNS name").to_ascii_lowercase();

        for (port, protocol) in [(80, ProtocolEnum::Http), (443, ProtocolEnum::Https)] {
            let forward = Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(&target_group);
            let request = elb.create_listener().load_balancer_arn(&load_balancer).port(port);
            let request = request.protocol(protocol.clone()).default_actions(forward.build());
            let request = match protocol {
                ProtocolEnum::Https => {
                    let default = Certificate::builder().certificate_arn(certificate).build();
                    request.certificates(default).ssl_policy(TLS_POLICY)
                }
                _ => request,
            };
            request.send().await.expect("a listener");
        }
        let request = account.auto_scaling().attach_load_balancer_target_groups();
        let request = request.auto_scaling_group_name("nodes").target_group_arns(&target_group);
        request.send().await.expect("attached");
        until_active(account, &load_balancer).await;
        Stack { name, load_balancer, dns_name, target_group }
    }
}

/// CloudFormation waits until a load balancer is active.
async fn until_active(account: &Account, load_balancer: &str) {
    for _ in 0..150 {
        let request = account.elb().describe_load_balancers().load_balancer_arns(load_balancer);
        let answer = request.send().await.expect("the load balancer");
        let state = answer.load_balancers()[0].state().and_then(|state| state.code());
        if state == Some(&LoadBalancerStateEnum::Active) {
            return;
        }
        sleep(Duration::from_millis(200)).await;
    }
    panic!("{load_balancer} is not active after half a minute");
}

/// The tags of a resource of a stack.
fn tags(certificate: Option<&str>) -> Vec<Tag> {
    let own = [
        (format!("kubernetes.io/cluster/{CLUSTER}"), "owned"),
        ("kubernetes:application".to_owned(), "kube-ingress-aws-controller"),
    ];
    let certificate =
        certificate.map(|arn| (format!("ingress:certificate-arn/{arn}"), "0001-01-01T00:00:00Z"));
    let tag = |(key, value): (String, &str)| Tag::builder().key(key).value(value).build();
    own.into_iter().chain(certificate).map(tag).collect()
}
