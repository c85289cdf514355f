//! What the cluster mentions of the account: the resources that objects name, and the parts of AWS that have to be read for them.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    ANNOTATION_ALB_PREFIX, ANNOTATION_GROUP, Cluster, LoadBalancer, ObjectName, RouteGroupTag, Settings,
    SourceObject, TAG_GROUP, TAG_INGRESS, TAG_MODE, Tag,
};

/// Annotations about attributes of listeners begin with this, after the prefix.
const LISTENER_ATTRIBUTES: &str = "listener-attributes.";
/// The annotation about the web ACL in route mode, after the prefix.
const WEB_ACL: &str = "wafv2-acl-arn";
/// The annotation about the web ACL in proxy mode.
const WEB_ACL_IN_PROXY_MODE: &str = "zalando.org/aws-waf-web-acl-id";

/// What objects of the cluster mention of AWS.
#[derive(Clone, Debug, Default)]
pub struct Mentioned {
    /// The hostnames in the statuses of Ingresses and RouteGroups. A load balancer with such a hostname that is missing in the
    /// list of load balancers is looked up by its name.
    pub hostnames: BTreeSet<String>,
    /// The EC2 instances of Nodes. If a cached list of instances lacks one, it is read again: the Node is new.
    pub instances: BTreeSet<String>,
    /// The load balancers whose listeners get attributes.
    listener_attributes: LoadBalancers,
    /// The load balancers in route mode whose web ACL is to be known.
    with_web_acl: LoadBalancers,
    /// The same for proxy mode.
    with_web_acl_in_proxy_mode: LoadBalancers,
    /// Whether the settings name a web ACL for all load balancers in proxy mode, or let Ingresses move only to a load balancer
    /// with the same one.
    asks_for_all_in_proxy_mode: bool,
    /// ARNs of the web ACLs that Ingresses and the settings name.
    pub(super) web_acls: BTreeSet<String>,
    /// The load balancers of each object that changed lately; those of the last change come first.
    changed: Vec<LoadBalancers>,
}

/// The load balancers of some objects: those that their statuses name, and those that carry the tag of their group or of
/// the object itself.
#[derive(Clone, Debug, Default)]
pub(super) struct LoadBalancers {
    hostnames: BTreeSet<String>,
    groups: BTreeSet<String>,
    objects: BTreeSet<String>,
}

impl Mentioned {
    /// What a cluster and the settings mention.
    pub fn by(cluster: &Cluster, settings: &Settings) -> Mentioned {
        let providers = cluster.nodes.iter().filter_map(|node| node.provider_id.as_deref());
        // Such as `aws:///eu-central-1a/i-0123`.
        let instances =
            providers.filter_map(|id| id.rsplit_once('/')).map(|(_, instance)| instance.to_owned());
        let mut mentioned = Mentioned {
            hostnames: cluster.sources().flat_map(SourceObject::hostnames).map(str::to_owned).collect(),
            instances: instances.collect(),
            asks_for_all_in_proxy_mode: settings.web_acl.is_some() || settings.consolidate == Some(true),
            web_acls: settings.web_acl.iter().cloned().collect(),
            ..Mentioned::default()
        };
        let is_served = |source: &SourceObject<'_>| {
            settings.serves_route_groups() || !matches!(source, SourceObject::RouteGroup(_))
        };
        for source in cluster.sources().filter(is_served) {
            for annotation in &source.metadata().annotations {
                let name = annotation.key.strip_prefix(ANNOTATION_ALB_PREFIX).unwrap_or_default();
                if name.starts_with(LISTENER_ATTRIBUTES) {
                    mentioned.listener_attributes.add(source);
                } else if name == WEB_ACL {
                    mentioned.with_web_acl.add(source);
                    mentioned.add_web_acl(&annotation.value);
                } else if annotation.key == WEB_ACL_IN_PROXY_MODE {
                    mentioned.with_web_acl_in_proxy_mode.add(source);
                    mentioned.add_web_acl(&annotation.value);
                }
            }
        }
        mentioned
    }

    /// The same, with the objects that changed lately, those that changed last first: their load balancers are read first, if there
    /// is no time for all.
    pub fn attending_to(self, cluster: &Cluster, changed: &[ObjectName]) -> Mentioned {
        if changed.is_empty() {
            return self; // as in nearly every pass
        }
        let places: BTreeMap<&ObjectName, usize> =
            changed.iter().enumerate().rev().map(|(place, object)| (object, place)).collect();
        let mut load_balancers = vec![LoadBalancers::default(); changed.len()];
        for source in cluster.sources() {
            if let Some(place) = places.get(&ObjectName::of(source)) {
                load_balancers[*place].add(source);
            }
        }
        Mentioned { changed: load_balancers, ..self }
    }

    /// The place of the last change that concerns a load balancer; 0 is the latest of all. `None`: no change concerns it.
    pub(super) fn rank(&self, load_balancer: &LoadBalancer) -> Option<usize> {
        self.changed.iter().position(|changed| changed.has(load_balancer))
    }

    fn add_web_acl(&mut self, arn: &str) {
        let arn = arn.trim();
        self.web_acls.extend(arn.starts_with("arn:").then(|| arn.to_owned()));
    }

    /// Whether attributes of the listeners of a load balancer are to be known. In proxy mode no annotation asks for any.
    pub(super) fn names_listener_attributes(&self, load_balancer: &LoadBalancer) -> bool {
        is_in_route_mode(load_balancer) && self.listener_attributes.has(load_balancer)
    }

    /// Whether the web ACL of a load balancer is to be known.
    pub(super) fn names_web_acl(&self, load_balancer: &LoadBalancer) -> bool {
        match is_in_route_mode(load_balancer) {
            true => self.with_web_acl.has(load_balancer),
            // A load balancer that no status names may be one that was just created for these Ingresses.
            false => {
                self.asks_for_all_in_proxy_mode
                    || self.with_web_acl_in_proxy_mode.has(load_balancer)
                    || (!self.with_web_acl_in_proxy_mode.is_empty() && !self.is_published(load_balancer))
            }
        }
    }

    fn is_published(&self, load_balancer: &LoadBalancer) -> bool {
        let name = plain(&load_balancer.dns_name);
        self.hostnames.iter().any(|hostname| plain(hostname) == name)
    }
}

fn is_in_route_mode(load_balancer: &LoadBalancer) -> bool {
    value(&load_balancer.tags, TAG_MODE) == Some("route")
}

impl LoadBalancers {
    fn add(&mut self, source: SourceObject<'_>) {
        self.hostnames.extend(source.hostnames().map(plain));
        let group = value(&source.metadata().annotations, ANNOTATION_GROUP);
        self.groups.extend(group.map(|it| it.trim().to_owned()));
        self.objects.insert(ObjectName::of(source).to_string());
    }

    fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    fn has(&self, load_balancer: &LoadBalancer) -> bool {
        let alone = value(&load_balancer.tags, TAG_INGRESS);
        let group = value(&load_balancer.tags, TAG_GROUP).map(RouteGroupTag::read);
        // Nothing but the policy says who is in its group.
        let may_be_in = |it: RouteGroupTag<'_>| it.is_of_a_policy() || self.groups.contains(it.name);
        self.hostnames.contains(&plain(&load_balancer.dns_name))
            || (!self.is_empty() && group.is_some_and(may_be_in))
            || alone.is_some_and(|object| self.objects.contains(object))
    }
}

/// A hostname in lower case, without the prefix of dual-stack load balancers.
fn plain(hostname: &str) -> String {
    let hostname = hostname.trim_end_matches('.').to_ascii_lowercase();
    hostname.strip_prefix("dualstack.").map(str::to_owned).unwrap_or(hostname)
}

fn value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

#[cfg(test)]
mod tests {
    use albatross_contract::IngressAddress;
    use albatross_stories::{annotated, ingress};

    use super::*;

    fn named(dns_name: &str, key: &str, value: &str) -> LoadBalancer {
        let tag = |key: &str, value: &str| Tag { key: key.into(), value: value.into() };
        let tags = vec![tag(key, value), tag(TAG_MODE, "route")];
        LoadBalancer { dns_name: dns_name.into(), tags, ..LoadBalancer::default() }
    }

    #[test]
    fn only_the_load_balancers_of_ingresses_that_ask_are_read() {
        let acl = "alb.ingress.kubernetes.io/wafv2-acl-arn";
        let mut published = annotated(ingress("shop", &[]), acl, " arn:aws:wafv2:x ");
        published.status =
            vec![IngressAddress { hostname: Some("dualstack.A.elb.amazonaws.com".into()), ip: None }];
        let mut grouped = annotated(ingress("wiki", &[]), acl, "none");
        grouped = annotated(grouped, ANNOTATION_GROUP, "tools");
        let silent = annotated(ingress("blog", &[]), ANNOTATION_GROUP, "blogs");
        let mut proxied = annotated(ingress("api", &[]), WEB_ACL_IN_PROXY_MODE, "arn:aws:wafv2:y");
        proxied.status = vec![IngressAddress { hostname: Some("p.elb.amazonaws.com".into()), ip: None }];
        let cluster = Cluster { ingresses: vec![published, grouped, silent, proxied], ..Cluster::default() };
        let mentioned = Mentioned::by(&cluster, &Settings::default());
        let namespace = cluster.ingresses[0].metadata.namespace.clone().unwrap_or_default();

        for (load_balancer, expected) in [
            (named("a.elb.amazonaws.com", TAG_GROUP, "x"), true),
            (named("b.elb.amazonaws.com", TAG_GROUP, "tools"), true),
            (named("c.elb.amazonaws.com", TAG_INGRESS, &format!("{namespace}/wiki")), true),
            (named("d.elb.amazonaws.com", TAG_INGRESS, &format!("{namespace}/blog")), false),
            (named("b.elb.amazonaws.com", TAG_GROUP, "tools/2"), true),
            (named("e.elb.amazonaws.com", TAG_GROUP, "blogs"), false),
            (named("f.elb.amazonaws.com", TAG_GROUP, "policy/blogs/1"), true),
        ] {
            assert_eq!(mentioned.names_web_acl(&load_balancer), expected, "{}", load_balancer.dns_name);
            assert!(!mentioned.names_listener_attributes(&load_balancer), "nobody asks for attributes");
        }
        let mut in_proxy_mode = named("a.elb.amazonaws.com", TAG_GROUP, "tools");
        in_proxy_mode.tags.pop();
        assert!(!mentioned.names_web_acl(&in_proxy_mode), "there the annotation does nothing");
        let fresh = LoadBalancer { dns_name: "fresh.elb.amazonaws.com".into(), ..LoadBalancer::default() };
        assert!(
            mentioned.names_web_acl(&fresh),
            "it may have been created for the Ingress that names a web ACL"
        );
        assert_eq!(mentioned.web_acls.iter().collect::<Vec<_>>(), ["arn:aws:wafv2:x", "arn:aws:wafv2:y"]);
        in_proxy_mode.dns_name = "p.elb.amazonaws.com".into();
        assert!(mentioned.names_web_acl(&in_proxy_mode));
        let settings = Settings { web_acl: Some("arn:aws:wafv2:z".into()), ..Settings::default() };
        let of_settings = Mentioned::by(&Cluster::default(), &settings);
        assert!(of_settings.names_web_acl(&in_proxy_mode), "the settings ask for all of proxy mode");
        let consolidating = Settings { consolidate: Some(true), ..Settings::default() };
        assert!(Mentioned::by(&Cluster::default(), &consolidating).names_web_acl(&in_proxy_mode));
        assert!(
            !["x", "policy/x/1"].into_iter().any(|group| of_settings.names_web_acl(&named(
                "a.elb.amazonaws.com",
                TAG_GROUP,
                group
            ))),
            "not for route mode"
        );
        assert_eq!(of_settings.web_acls.iter().collect::<Vec<_>>(), ["arn:aws:wafv2:z"]);
        let hostnames = ["dualstack.A.elb.amazonaws.com", "p.elb.amazonaws.com"].map(str::to_owned);
        assert_eq!(mentioned.hostnames, BTreeSet::from(hostnames));
    }
}
