//! The worlds of route mode: groups of Ingresses, and the Services that their paths lead to.

use albatross_contract::{
    Cluster, Endpoint, EndpointAddressType, EndpointPort, EndpointSlice, Ingress, IngressBackend,
    IngressPath, PathType, Service, ServiceBackend, ServicePortReference, TransportProtocol,
};
use albatross_stories::{annotated, ingress};

/// The Ingresses and Services of one group.
#[derive(Clone, Copy)]
pub struct Groups {
    /// How many Ingresses share a load balancer.
    pub ingresses: usize,
    /// How many paths an Ingress has, each with another Service.
    pub paths: usize,
    /// How many Services the Ingresses of a group use.
    pub services: usize,
    /// How many endpoints a Service has, which are the targets. 0: the targets are the nodes.
    pub endpoints: usize,
    /// Whether there is a listener for HTTPS, beside the listener for HTTP.
    pub has_https: bool,
}

const PORT: u16 = 80;

impl Groups {
    /// The Ingress with a number, for a host.
    pub fn ingress(&self, number: usize, group: usize, host: &str) -> Ingress {
        let mut made = ingress(&format!("n{group}/i{number}"), &[host]);
        made.rules[0].paths = (0..self.paths).map(|path| self.path(number, path)).collect();
        made = annotated(made, "alb.ingress.kubernetes.io/group.name", &format!("g{group}"));
        if self.has_https {
            made = annotated(
                made,
                "alb.ingress.kubernetes.io/listen-ports",
                r#"[{"HTTP": 80}, {"HTTPS": 443}]"#,
            );
        }
        if self.endpoints > 0 {
            made = annotated(made, "alb.ingress.kubernetes.io/target-type", "ip");
        }
        made
    }

    fn path(&self, number: usize, path: usize) -> IngressPath {
        IngressPath {
            path: Some(format!("/p{path}")),
            path_type: PathType::Prefix,
            backend: IngressBackend::Service(ServiceBackend {
                name: format!("s{}", (number * self.paths + path) % self.services),
                port: ServicePortReference::Number(PORT),
            }),
        }
    }

    /// The Services and EndpointSlices of this many groups.
    pub fn cluster(&self, groups: usize) -> Cluster {
        let all = (0..groups).flat_map(|group| (0..self.services).map(move |service| (group, service)));
        let all: Vec<(usize, usize)> = all.collect();
        Cluster {
            services: all.iter().map(|(group, service)| self.service(*group, *service)).collect(),
            endpoint_slices: Some(match self.endpoints {
                0 => Vec::new(),
                _ => all.iter().map(|(group, service)| self.slice(*group, *service)).collect(),
            }),
            ..Cluster::default()
        }
    }

    fn service(&self, group: usize, service: usize) -> Service {
        let node_port = 30_000 + (group * self.services + service) % 2_768;
        albatross_stories::service(&format!("n{group}/s{service}"), u16::try_from(node_port).unwrap())
    }

    fn slice(&self, group: usize, service: usize) -> EndpointSlice {
        let mut metadata = ingress(&format!("n{group}/s{service}-abcde"), &[]).metadata;
        metadata.labels = vec![albatross_contract::Tag {
            key: "kubernetes.io/service-name".to_owned(),
            value: format!("s{service}"),
        }];
        let first = (group * self.services + service) * self.endpoints;
        let endpoint = |number: usize| Endpoint {
            addresses: vec![format!("10.0.{}.{}", number / 250 % 256, number % 250 + 1)],
            ready: Some(true),
            serving: Some(true),
            terminating: Some(false),
            node_name: None,
            zone: None,
            target: None,
        };
        EndpointSlice {
            metadata,
            address_type: EndpointAddressType::Ipv4,
            endpoints: (first..first + self.endpoints).map(endpoint).collect(),
            ports: vec![EndpointPort {
                name: None,
                port: Some(8080),
                protocol: TransportProtocol::Tcp,
                app_protocol: None,
            }],
        }
    }
}
