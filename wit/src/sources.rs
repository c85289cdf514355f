//! Objects that ask for a load balancer, whatever their kind.

use crate::{ANNOTATION_CLASS, Cluster, Ingress, IngressAddress, Metadata, ObjectKind, RouteGroup};

/// An object of the cluster that asks for a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceObject<'a> {
    /// An Ingress.
    Ingress(&'a Ingress),
    /// A RouteGroup.
    RouteGroup(&'a RouteGroup),
}

impl Cluster {
    /// All objects that ask for a load balancer: the Ingresses, then the RouteGroups.
    pub fn sources(&self) -> impl Iterator<Item = SourceObject<'_>> {
        let route_groups = self.route_groups.iter().flatten();
        self.ingresses.iter().map(SourceObject::Ingress).chain(route_groups.map(SourceObject::RouteGroup))
    }
}

impl<'a> SourceObject<'a> {
    /// Its kind.
    pub const fn kind(self) -> ObjectKind {
        match self {
            SourceObject::Ingress(_) => ObjectKind::Ingress,
            SourceObject::RouteGroup(_) => ObjectKind::RouteGroup,
        }
    }

    /// Identity, annotations and labels.
    pub const fn metadata(self) -> &'a Metadata {
        match self {
            SourceObject::Ingress(ingress) => &ingress.metadata,
            SourceObject::RouteGroup(route_group) => &route_group.metadata,
        }
    }

    /// Its namespace. Without one an object lives in `default`, as for kubectl.
    pub fn namespace(self) -> &'a str {
        self.metadata().namespace.as_deref().unwrap_or("default")
    }

    /// The load balancers that its status names.
    pub fn status(self) -> &'a [IngressAddress] {
        match self {
            SourceObject::Ingress(ingress) => &ingress.status,
            SourceObject::RouteGroup(route_group) => &route_group.status,
        }
    }

    /// The hostnames in its status, as they are spelled there.
    pub fn hostnames(self) -> impl Iterator<Item = &'a str> {
        self.status().iter().filter_map(|address| address.hostname.as_deref())
    }

    /// The hosts that it names: those of the rules of an Ingress, and those of a RouteGroup.
    pub fn hosts(self) -> impl Iterator<Item = &'a str> {
        let (rules, hosts): (&[_], &[String]) = match self {
            SourceObject::Ingress(ingress) => (&ingress.rules, &[]),
            SourceObject::RouteGroup(route_group) => (&[], &route_group.hosts),
        };
        let of_rules = rules.iter().filter_map(|rule: &'a crate::IngressRule| rule.host.as_deref());
        of_rules.chain(hosts.iter().map(String::as_str)).filter(|host| !host.is_empty())
    }

    /// The Ingress. `None`: an object of another kind.
    pub const fn ingress(self) -> Option<&'a Ingress> {
        match self {
            SourceObject::Ingress(ingress) => Some(ingress),
            SourceObject::RouteGroup(_) => None,
        }
    }

    /// The value of `spec.ingressClassName`, which only an Ingress has.
    pub fn class_field(self) -> Option<&'a str> {
        self.ingress().and_then(|ingress| ingress.ingress_class_name.as_deref())
    }

    /// The name of its class: the field of an Ingress, or else the annotation `kubernetes.io/ingress.class`.
    pub fn class_name(self) -> Option<&'a str> {
        let annotated = || {
            let annotations = &self.metadata().annotations;
            let found = annotations.iter().find(|annotation| annotation.key == ANNOTATION_CLASS);
            found.map(|annotation| annotation.value.as_str())
        };
        self.class_field().or_else(annotated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IngressRule, ObjectName, Tag};

    fn metadata(name: &str) -> Metadata {
        let class = Tag { key: ANNOTATION_CLASS.to_owned(), value: "annotated".to_owned() };
        Metadata { name: name.to_owned(), annotations: vec![class], ..Metadata::default() }
    }

    #[test]
    fn the_field_counts_more_than_the_annotation_and_names_say_the_kind() {
        let rule = IngressRule { host: Some("a.org".to_owned()), paths: Vec::new() };
        let ingress = Ingress {
            metadata: metadata("shop"),
            ingress_class_name: Some("field".to_owned()),
            default_backend: None,
            tls: Vec::new(),
            rules: vec![rule],
            status: Vec::new(),
        };
        let hosts = vec!["b.org".to_owned(), String::new()];
        let status = vec![IngressAddress { hostname: Some("lb".to_owned()), ip: None }];
        let route_group = RouteGroup { metadata: metadata("shop"), hosts, status };
        let cluster =
            Cluster { ingresses: vec![ingress], route_groups: Some(vec![route_group]), ..Cluster::default() };
        let told: Vec<_> = cluster
            .sources()
            .map(|source| {
                let hosts: Vec<&str> = source.hosts().chain(source.hostnames()).collect();
                (ObjectName::of(source).to_string(), source.class_name().unwrap(), hosts)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("default/shop".to_owned(), "field", vec!["a.org"]),
                ("RouteGroup:default/shop".to_owned(), "annotated", vec!["b.org", "lb"]),
            ]
        );
    }
}
