//! Default settings and quotas.
//!
//! (The types are generated, so nothing can be derived on them here.)
//!
//! Values are those of kube-ingress-aws-controller where it has the same setting, so that a cluster can be migrated.

#![allow(clippy::derivable_impls)]

use crate::{
    Allowances, ClassSetting, Cluster, Identity, IpAddressType, Mode, ProxySettings, Quotas, Scheme, Settings,
};

impl Default for Settings {
    fn default() -> Self {
        Settings {
            identity: Identity::default(),
            ingress_class_controller: "albatross/ingress".to_owned(),
            classes: vec![ClassSetting { name: String::new(), mode: Mode::Proxy }],
            default_mode: Mode::Proxy,
            default_scheme: Scheme::InternetFacing,
            watch_namespace: None,
            ip_address_type: IpAddressType::Ipv4,
            ssl_policy: None,
            idle_timeout: 60,
            subnets: Vec::new(),
            security_groups: Vec::new(),
            proxy: ProxySettings::default(),
            route53: None,
            grace: 3_600,
            allow_untrusted_certificates: false,
            excluded_certificates: Vec::new(),
            certificate_tag: None,
            cluster_local_domains: Vec::new(),
            certificates_per_load_balancer: None,
            consolidate: None,
            web_acl: None,
            access_logs: None,
            deletion_protection: None,
            tags: Vec::new(),
            minimum_age: None,
            retained_classes: None,
            tenancy: None,
            readiness_gates: None,
            allow_group_split: false,
            policies: Vec::new(),
            allowances: Allowances::default(),
        }
    }
}

impl Default for Identity {
    /// Cluster id and uid have no sensible default: they are empty, which the planner refuses.
    fn default() -> Self {
        Identity {
            cluster_id: String::new(),
            cluster_uid: String::new(),
            controller_id: "albatross".to_owned(),
        }
    }
}

impl Default for ProxySettings {
    fn default() -> Self {
        ProxySettings {
            target_port: 9999,
            http_target_port: None,
            target_protocol: None,
            target_ip_address_type: None,
            attach_groups_with_elb_health_checks: None,
            node_filters: None,
            health_check_port: 9999,
            health_check_path: "/kube-system/healthz".to_owned(),
            health_check_interval: 10,
            health_check_timeout: 5,
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            deregistration_delay: 300,
            redirect_http: false,
            deny: None,
            default_kind: None,
            network: None,
            pods: None,
            route_groups: None,
        }
    }
}

impl Default for Allowances {
    fn default() -> Self {
        Allowances {
            release: Vec::new(),
            unneeded: Vec::new(),
            name_change: Vec::new(),
            targets: Vec::new(),
            take_over_cluster: Vec::new(),
            prune: false,
            adopt: None,
            forget: None,
        }
    }
}

impl Default for Quotas {
    /// AWS's default quotas (Elastic Load Balancing user guides, "Quotas for your Application Load Balancers" and
    /// "Quotas for your Network Load Balancers").
    fn default() -> Self {
        Quotas {
            load_balancers: 50,
            certificates_per_load_balancer: 25,
            listeners_per_load_balancer: 50,
            rules_per_load_balancer: 100,
            target_groups: 3_000,
            target_groups_per_load_balancer: 100,
            targets_per_load_balancer: 1_000,
            targets_per_target_group: 1_000,
            target_groups_per_auto_scaling_group: 50,
            security_groups_per_load_balancer: 5,
            tags_per_resource: 50,
            condition_values_per_rule: 5,
            condition_wildcards_per_rule: 5,
            target_groups_per_action: 5,
            network_load_balancers: 50,
            listeners_per_network_load_balancer: 50,
            certificates_per_network_load_balancer: 25,
            targets_per_network_load_balancer: 3_000,
            targets_per_zone_per_network_load_balancer: 500,
            target_groups_per_network_load_balancer_action: 5,
            inbound_rules_per_security_group: 60,
        }
    }
}

impl Default for Cluster {
    /// A cluster that was read completely and is empty.
    fn default() -> Self {
        Cluster {
            incomplete: Vec::new(),
            ingresses: Vec::new(),
            ingress_classes: Vec::new(),
            services: Vec::new(),
            nodes: Vec::new(),
            endpoint_slices: Some(Vec::new()),
            pods: Some(Vec::new()),
            route_groups: None,
        }
    }
}
