//! The contents of an account in a form that is the same in every world: labels replace ids, and times are left out.

use std::{collections::BTreeMap, error::Error};

use albatross_test_world::account::Account;
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, Rule, Tag, TargetGroup};

const TAG_ID: &str = "albatross/id";
const TAG_CLUSTER_UID: &str = "albatross/cluster-uid";
const TAG_SERVICE: &str = "albatross/service";

/// How the name of the security group ends that all load balancers of a cluster share.
const SHARED: &str = "-targets";

/// How the descriptions of our rules in security groups of others begin.
const OUR_RULE: &str = "albatross";

/// The resources that a controller made, and those that it must not touch, as sorted lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub ours: Vec<String>,
    pub others: Vec<String>,
}

/// A call failed: a resource was deleted between two calls.
type Failure = Box<dyn Error + Send + Sync>;

/// All of it, as it is now.
pub async fn contents(account: &Account) -> Result<Contents, Failure> {
    let elb = account.elb();
    let load_balancers = elb.describe_load_balancers().send().await?.load_balancers.unwrap_or_default();
    let target_groups = elb.describe_target_groups().send().await?.target_groups.unwrap_or_default();
    let arns = load_balancers.iter().filter_map(LoadBalancer::load_balancer_arn);
    let arns = arns.chain(target_groups.iter().filter_map(TargetGroup::target_group_arn));
    let mut tags = BTreeMap::new();
    for arn in arns {
        let answer = elb.describe_tags().resource_arns(arn).send().await?;
        let found = answer.tag_descriptions.unwrap_or_default().into_iter().next();
        tags.insert(arn.to_owned(), found.and_then(|it| it.tags).unwrap_or_default());
    }
    let mut reading =
        Reading { account, tags, labels: Vec::new(), lines: Vec::new(), contents: Contents::default() };
    reading.infrastructure().await?;
    reading.label(&load_balancers, &target_groups);
    for load_balancer in load_balancers {
        reading.load_balancer(load_balancer).await?;
    }
    for target_group in target_groups {
        reading.target_group(target_group).await?;
    }
    Ok(reading.finish())
}

struct Reading<'a> {
    account: &'a Account,
    /// Tags by ARN.
    tags: BTreeMap<String, Vec<Tag>>,
    /// Ids and the labels that replace them.
    labels: Vec<(String, String)>,
    /// Lines with ids, and whether they are about something of ours.
    lines: Vec<(bool, String)>,
    contents: Contents,
}

impl Reading<'_> {
    /// Resources that exist before any controller, and the target groups of Auto Scaling Groups.
    async fn infrastructure(&mut self) -> Result<(), Failure> {
        self.labels.push((self.account.vpc.clone(), "the VPC".to_owned()));
        for subnet in self.account.ec2().describe_subnets().send().await?.subnets() {
            let (id, zone) = (subnet.subnet_id(), subnet.availability_zone());
            self.labels.extend(id.zip(zone).map(|(id, zone)| (id.to_owned(), format!("a subnet in {zone}"))));
        }
        self.security_groups().await?;
        for certificate in self.account.acm().list_certificates().send().await?.certificate_summary_list() {
            let name = format!("certificate {}", certificate.domain_name().unwrap_or_default());
            self.lines.push((false, name.clone()));
            self.labels.extend(certificate.certificate_arn().map(|arn| (arn.to_owned(), name)));
        }
        let groups = self.account.auto_scaling().describe_auto_scaling_groups().send().await?;
        for group in groups.auto_scaling_groups() {
            let name = group.auto_scaling_group_name().unwrap_or_default();
            self.lines.push((false, format!("{name}: {} instances", group.instances().len())));
            for arn in group.target_group_arns() {
                self.lines.push((self.is_ours(arn), format!("{name}: fill {arn}")));
            }
        }
        Ok(())
    }

    /// Security groups, and each of their inbound rules.
    async fn security_groups(&mut self) -> Result<(), Failure> {
        let found = self.account.ec2().describe_security_groups().send().await?;
        for group in found.security_groups() {
            let mut tags: Vec<(&str, &str)> =
                group.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value()?))).collect();
            tags.sort_unstable();
            let name = group.group_name().unwrap_or_default();
            let id = tags.iter().find(|(key, _)| *key == TAG_ID).map(|(_, id)| (*id).to_owned());
            let ours = id.is_some();
            self.lines.push((ours, format!("security group {name}: {tags:?}")));
            for permission in group.ip_permissions() {
                let ports = (permission.from_port(), permission.to_port());
                let blocks = permission.ip_ranges().iter().map(|it| (it.cidr_ip(), it.description()));
                let groups = permission.user_id_group_pairs().iter();
                for (peer, description) in blocks.chain(groups.map(|it| (it.group_id(), it.description()))) {
                    let is_our_rule = description.is_some_and(|it| it.starts_with(OUR_RULE));
                    let rule = format!("{:?} {ports:?} {peer:?}", permission.ip_protocol());
                    self.lines.push((ours || is_our_rule, format!("security group {name}: admits {rule}")));
                }
            }
            if let Some(id) = id.filter(|_| name.ends_with(SHARED)) {
                self.labels.push((name.to_owned(), "shared by all".to_owned()));
                self.labels.push((id, "the shared id".to_owned()));
            }
            self.labels.extend(group.group_id().map(|id| (id.to_owned(), format!("security group {name}"))));
        }
        Ok(())
    }

    /// The scheme identifies a load balancer of ours: with two of one scheme, the worlds would differ anyway.
    fn label(&mut self, load_balancers: &[LoadBalancer], target_groups: &[TargetGroup]) {
        let mut schemes = BTreeMap::new();
        for found in load_balancers {
            let (arn, name) = (text(&found.load_balancer_arn), text(&found.load_balancer_name));
            let label = match self.tag(&arn, TAG_ID) {
                Some(id) => {
                    let scheme = found.scheme().map(|scheme| scheme.as_str()).unwrap_or_default().to_owned();
                    schemes.insert(id.clone(), scheme.clone());
                    self.labels.push((id, format!("the id of {scheme}")));
                    scheme
                }
                None => name.clone(),
            };
            self.labels.extend(self.tag(&arn, TAG_CLUSTER_UID).map(|uid| (uid, "the cluster".to_owned())));
            for id in [arn, name, text(&found.dns_name)] {
                self.labels.push((id, label.clone()));
            }
        }
        for found in target_groups {
            let (arn, name) = (text(&found.target_group_arn), text(&found.target_group_name));
            let label = match self.tag(&arn, TAG_ID) {
                Some(id) => {
                    let owner = schemes.get(&id).map_or("nobody", String::as_str);
                    let service = self.tag(&arn, TAG_SERVICE).unwrap_or_default();
                    format!("target group {service} of {owner}")
                }
                None => name.clone(),
            };
            self.labels.extend([(arn, label.clone()), (name, label)]);
        }
    }

    async fn load_balancer(&mut self, mut found: LoadBalancer) -> Result<(), Failure> {
        let arn = text(&found.load_balancer_arn);
        let ours = self.is_ours(&arn);
        let elb = self.account.elb();
        found.created_time = None;
        if let Some(zones) = &mut found.availability_zones {
            zones.sort_by_key(|zone| zone.zone_name.clone());
        }
        self.lines.push((ours, format!("{found:?}")));
        self.say_tags(&arn);
        let answer = elb.describe_load_balancer_attributes().load_balancer_arn(&arn).send().await?;
        for attribute in answer.attributes() {
            self.lines.push((ours, format!("{arn}: {attribute:?}")));
        }
        let answer = elb.describe_listeners().load_balancer_arn(&arn).send().await?;
        for mut listener in answer.listeners.unwrap_or_default() {
            let listener_arn = listener.listener_arn.take().unwrap_or_default();
            self.lines.push((ours, format!("{listener:?}")));
            let port = listener.port.unwrap_or_default();
            let answer = elb.describe_listener_certificates().listener_arn(&listener_arn).send().await?;
            for certificate in answer.certificates() {
                self.lines.push((ours, format!("{arn}: on port {port} {certificate:?}")));
            }
            let answer = elb.describe_rules().listener_arn(&listener_arn).send().await?;
            let priority = |rule: &Rule| rule.priority().and_then(|priority| priority.parse::<u32>().ok());
            let mut rules = answer.rules.unwrap_or_default();
            rules.retain(|rule| priority(rule).is_some());
            rules.sort_by_key(priority);
            // The order counts, not the numbers.
            for (number, mut rule) in rules.into_iter().enumerate() {
                (rule.rule_arn, rule.priority) = (None, None);
                self.lines.push((ours, format!("{arn}: rule {number} on port {port}: {rule:?}")));
            }
        }
        Ok(())
    }

    async fn target_group(&mut self, found: TargetGroup) -> Result<(), Failure> {
        let arn = text(&found.target_group_arn);
        let ours = self.is_ours(&arn);
        let elb = self.account.elb();
        self.lines.push((ours, format!("{found:?}")));
        self.say_tags(&arn);
        let answer = elb.describe_target_group_attributes().target_group_arn(&arn).send().await?;
        for attribute in answer.attributes() {
            self.lines.push((ours, format!("{arn}: {attribute:?}")));
        }
        let answer = elb.describe_target_health().target_group_arn(&arn).send().await?;
        let targets = answer.target_health_descriptions().iter().filter(|target| {
            let state = target.target_health().and_then(|health| health.state());
            state.is_none_or(|state| state.as_str() != "draining")
        });
        self.lines.push((ours, format!("{arn}: {} targets", targets.count())));
        Ok(())
    }

    fn say_tags(&mut self, arn: &str) {
        let ours = self.is_ours(arn);
        let lines = self.tags[arn].iter().map(|tag| (ours, format!("{arn}: {tag:?}")));
        self.lines.extend(lines);
    }

    fn is_ours(&self, arn: &str) -> bool {
        self.tag(arn, TAG_ID).is_some()
    }

    fn tag(&self, arn: &str, key: &str) -> Option<String> {
        let tag = self.tags.get(arn)?.iter().find(|tag| tag.key() == Some(key))?;
        tag.value().map(str::to_owned)
    }

    fn finish(mut self) -> Contents {
        // An id may be a part of another id.
        self.labels.sort_by_key(|(id, _)| std::cmp::Reverse(id.len()));
        for (ours, line) in self.lines {
            // A label may contain an id.
            let labels = self.labels.iter().chain(&self.labels);
            let line = labels.fold(line, |line, (id, label)| line.replace(id, label));
            if ours { &mut self.contents.ours } else { &mut self.contents.others }.push(line);
        }
        self.contents.ours.sort();
        self.contents.others.sort();
        self.contents
    }
}

fn text(field: &Option<String>) -> String {
    field.clone().unwrap_or_default()
}
