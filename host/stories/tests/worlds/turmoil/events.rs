//! Events that may happen between two passes.

use std::collections::BTreeSet;

use albatross_contract::*;
use albatross_stories::generated::{Dice, Foreign, change_one, change_route_groups, change_services};
use albatross_stories::{pinned, renewal, tag};

use super::{Turmoil, everything};
use crate::services::name;

const WEB_ACL: &str = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1a2b";

impl Turmoil {
    /// One event, with its description.
    pub fn something_happens(&mut self, dice: &mut Dice) -> &'static str {
        match dice.below(23) {
            0 | 1 => self.some_are_deleted(dice),
            2 | 3 => self.some_are_made_again(dice),
            4 => self.one_is_changed(dice),
            5 => self.one_is_pinned(dice),
            6 => self.certificates_are_deleted(dice),
            7 => self.certificates_are_renewed(dice),
            8 => self.somebody_meddles_with_a_load_balancer(dice),
            9 => self.somebody_meddles_with_target_groups(dice),
            10 => self.nodes_come(),
            11 => self.nodes_go(dice),
            12 => self.lists_fail(dice),
            13 => self.all_is_known(),
            14 | 15 => self.targets_become_healthy_or_not(),
            16 => self.a_policy_fails(dice),
            17 | 18 => change_services(&mut self.story, dice),
            19 | 20 => self.somebody_adds_something(dice),
            21 => {
                change_route_groups(&mut self.story, dice);
                "RouteGroups change"
            }
            _ => self.settings_change(dice),
        }
    }

    fn some_are_deleted(&mut self, dice: &mut Dice) -> &'static str {
        let keep = *dice.pick(&[0, 50, 80, 90]);
        let there = self.story.cluster.cluster().ingresses.clone();
        self.story.apply_all(there.into_iter().filter(|_| dice.percent(keep)).collect());
        "some are deleted"
    }

    fn some_are_made_again(&mut self, dice: &mut Dice) -> &'static str {
        let mut all = self.story.cluster.cluster().ingresses.clone();
        let there: BTreeSet<String> = all.iter().map(name).collect();
        let gone = self.ingresses.iter().filter(|ingress| !there.contains(&name(ingress)));
        all.extend(gone.filter(|_| dice.percent(70)).cloned());
        self.story.apply_all(all);
        "some are made again"
    }

    fn one_is_changed(&mut self, dice: &mut Dice) -> &'static str {
        if self.story.cluster.cluster().ingresses.is_empty() {
            return self.some_are_made_again(dice);
        }
        change_one(&mut self.story, dice);
        let there = self.story.cluster.cluster().ingresses.clone();
        let names: BTreeSet<String> = there.iter().map(name).collect();
        self.ingresses.retain(|ingress| !names.contains(&name(ingress)));
        self.ingresses.extend(there);
        "one is changed"
    }

    fn one_is_pinned(&mut self, dice: &mut Dice) -> &'static str {
        let (there, certificates) = (
            self.story.cluster.cluster().ingresses.clone(),
            self.story.cloud.inventory().certificates.clone(),
        );
        if there.is_empty() || certificates.is_empty() {
            return "nothing";
        }
        let one = pinned(dice.pick(&there).clone(), &dice.pick(&certificates).arn);
        self.story.apply(one);
        "one names a certificate"
    }

    /// ACM and IAM do not delete certificates that a listener uses.
    fn certificates_are_deleted(&mut self, dice: &mut Dice) -> &'static str {
        let inventory = self.story.cloud.inventory_mut();
        let listeners = inventory.load_balancers.iter().flat_map(|found| &found.listeners);
        let used: BTreeSet<&String> = listeners
            .flat_map(|listener| listener.certificates.iter().chain(&listener.default_certificate))
            .collect();
        inventory.certificates.retain(|found| used.contains(&found.arn) || !dice.percent(20));
        "certificates are deleted"
    }

    fn certificates_are_renewed(&mut self, dice: &mut Dice) -> &'static str {
        let now = self.story.cloud.now();
        let mut old = self.story.cloud.inventory().certificates.clone();
        old.retain(|_| dice.percent(30));
        for certificate in old {
            let names: Vec<&str> = certificate.names.iter().map(String::as_str).collect();
            self.renewals += 1;
            self.story.add_certificate(renewal(1_000 + self.renewals, &names, now - 60));
        }
        "certificates are renewed"
    }

    fn somebody_meddles_with_a_load_balancer(&mut self, dice: &mut Dice) -> &'static str {
        let all = self.story.load_balancers();
        let ours: Vec<&LoadBalancer> =
            all.iter().filter(|found| found.name.starts_with("albatross-")).collect();
        if ours.is_empty() {
            return "nothing";
        }
        let name = &dice.pick(&ours).dns_name;
        let kind = dice.below(14);
        self.story.in_the_console(name, |found| match kind {
            0 => found.listeners.clear(),
            1 => found.listeners.retain(|listener| listener.port != 443),
            2 => found.listeners.iter_mut().for_each(|listener| listener.certificates.clear()),
            3 => found.security_groups = vec!["sg-other".into()],
            4 => found.tags.retain(|tag| tag.key.starts_with("kubernetes")),
            5 => found.tags.clear(),
            6 => found.state = LoadBalancerState::Failed,
            7 => {
                let tag = |key: &str, value: &str| Tag { key: key.into(), value: value.into() };
                found.attributes.push(tag("deletion_protection.enabled", "true"));
            }
            9 => found.tags.retain(|tag| tag.key != TAG_MODE && tag.key != TAG_HTTP_ONLY),
            10 => rules_of(found).for_each(|rule| rule.tags.clear()),
            11 => found.listeners.iter_mut().for_each(|listener| listener.rules.truncate(1)),
            // In route mode the value `true` means nothing.
            12 => set_tag(found, TAG_HTTP_ONLY, "false"),
            13 if tag(&found.tags, TAG_MODE).is_some() => set_tag(found, TAG_HTTP_ONLY, "true"),
            _ => {}
        });
        if kind == 8 {
            self.story.delete_load_balancer(name);
        }
        "somebody meddles with a load balancer"
    }

    fn somebody_adds_something(&mut self, dice: &mut Dice) -> &'static str {
        self.added += 1;
        Foreign::add(self.story.cloud.inventory_mut(), self.added, dice)
    }

    fn somebody_meddles_with_target_groups(&mut self, dice: &mut Dice) -> &'static str {
        let inventory = self.story.cloud.inventory_mut();
        match dice.below(4) {
            0 => inventory.target_groups.iter_mut().for_each(|found| found.targets.clear()),
            1 => drop(inventory.target_groups.pop()),
            2 => inventory.auto_scaling_groups.iter_mut().for_each(|group| group.target_groups.clear()),
            _ => inventory.target_groups.iter_mut().take(1).for_each(|found| found.tags.clear()),
        }
        "somebody meddles with target groups"
    }

    fn nodes_come(&mut self) -> &'static str {
        let number = self.story.cloud.inventory().auto_scaling_groups.len();
        self.story.start_node_group(&format!("more-nodes-{number}"), &["a", "b"]);
        "nodes come"
    }

    fn nodes_go(&mut self, dice: &mut Dice) -> &'static str {
        self.story.cloud.inventory_mut().instances.retain(|_| !dice.percent(40));
        "nodes go"
    }

    fn targets_become_healthy_or_not(&mut self) -> &'static str {
        self.targets_are_unhealthy = !self.targets_are_unhealthy;
        self.story.cloud.faults_mut().all_targets_unhealthy(self.targets_are_unhealthy);
        "targets become healthy, or unhealthy"
    }

    fn lists_fail(&mut self, dice: &mut Dice) -> &'static str {
        let parts = [
            ViewPart::Ingresses,
            ViewPart::RouteGroups,
            ViewPart::IngressStatuses,
            ViewPart::Subnets,
            ViewPart::SecurityGroups,
            ViewPart::CertificatesAcm,
            ViewPart::CertificatesIam,
            ViewPart::LoadBalancers,
            ViewPart::Listeners,
            ViewPart::Rules,
            ViewPart::Services,
            ViewPart::EndpointSlices,
            ViewPart::Pods,
            ViewPart::TargetGroups,
            ViewPart::TargetHealth,
            ViewPart::AutoScalingGroups,
            ViewPart::Instances,
            ViewPart::Tags,
            ViewPart::Quotas,
        ];
        self.incomplete = (0..dice.between(1, 2)).map(|_| *dice.pick(&parts)).collect();
        "lists fail"
    }

    pub fn all_is_known(&mut self) -> &'static str {
        self.incomplete.clear();
        self.story.frozen.clear();
        self.story.cloud.inventory_mut().incomplete.clear();
        "all lists can be read, and all policies work"
    }

    fn a_policy_fails(&mut self, dice: &mut Dice) -> &'static str {
        let points = [PolicyPoint::Grouping, PolicyPoint::Subnets, PolicyPoint::Certificates];
        self.story.frozen = vec![*dice.pick(&points)];
        "a policy fails"
    }

    fn settings_change(&mut self, dice: &mut Dice) -> &'static str {
        let everything = everything(&mut self.story);
        let settings = &mut self.story.settings;
        match dice.below(26) {
            0 => settings.default_scheme = Scheme::Internal,
            1 => settings.default_scheme = Scheme::InternetFacing,
            2 => settings.grace = 60,
            3 => settings.ingress_class_controller = "somebody/else".into(),
            4 => settings.proxy.target_port += 1,
            5 => settings.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-06".into()),
            6 => settings.allowances = everything,
            7 => self.story.cloud.inventory_mut().quotas.target_groups_per_auto_scaling_group = 1,
            8 => self.story.cloud.inventory_mut().quotas.load_balancers = 2,
            12 => settings.security_groups = vec!["sg-1".into()],
            13 => settings.subnets = ["a", "b"].map(|zone| format!("subnet-public-{zone}")).into(),
            14 => settings.allow_untrusted_certificates = true,
            15 => {
                let mode = *dice.pick(&[Mode::Proxy, Mode::Route]);
                settings.classes.iter_mut().for_each(|class| class.mode = mode);
            }
            16 => settings.deletion_protection = Some(true),
            17 => settings.tags = vec![Tag { key: "team".into(), value: dice.below(3).to_string() }],
            18 => {
                settings.proxy.target_protocol =
                    Some(*dice.pick(&[TargetProtocol::Http, TargetProtocol::Https]));
            }
            19 => settings.web_acl = Some(WEB_ACL.into()),
            20 => settings.minimum_age = Some(600),
            21 => settings.certificate_tag = Some(Tag { key: "ingress".into(), value: "blue".into() }),
            22 => settings.proxy.http_target_port = Some(*dice.pick(&[9_998, 9_999])),
            9..12 => {
                let rule = (*dice.pick(&["namespace", "host", "reject"])).to_owned();
                settings.policies = vec![PolicySetting { point: PolicyPoint::Grouping, settings: rule }];
            }
            _ => {
                *settings = self.settings.clone();
                self.story.cloud.inventory_mut().quotas = self.quotas;
            }
        }
        "settings change"
    }
}

fn set_tag(found: &mut LoadBalancer, key: &str, value: &str) {
    found.tags.retain(|tag| tag.key != key);
    found.tags.push(Tag { key: key.into(), value: value.into() });
}

fn rules_of(found: &mut LoadBalancer) -> impl Iterator<Item = &mut Rule> {
    found.listeners.iter_mut().flat_map(|listener| &mut listener.rules)
}
