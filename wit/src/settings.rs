//! Values derived from settings.

use crate::{Mode, Settings, TAG_CLUSTER};

impl Settings {
    /// The node filters of the settings, or by default those for instances that are tagged as nodes of the cluster.
    pub fn node_filters(&self) -> String {
        let default =
            || format!("tag:{TAG_CLUSTER}{}=owned tag-key=k8s.io/role/node", self.identity.cluster_id);
        self.proxy.node_filters.clone().unwrap_or_else(default)
    }

    /// How many seconds an unneeded load balancer stays: at least as long as connections to its targets may last.
    pub fn load_balancer_grace(&self) -> u64 {
        self.grace.max(self.proxy.deregistration_delay.into())
    }

    /// Whether the objects of a namespace are read.
    pub fn reads_namespace(&self, namespace: &str) -> bool {
        self.watch_namespace.as_deref().is_none_or(|only| only == namespace)
    }

    /// Whether RouteGroups are served if the cluster has the kind.
    pub fn serves_route_groups(&self) -> bool {
        self.proxy.route_groups != Some(false)
    }

    /// Whether Pods with our readiness gate become ready when their targets are healthy.
    pub fn has_readiness_gates(&self) -> bool {
        self.readiness_gates == Some(true)
    }

    /// Whether the Ingresses of any class can be in route mode. If not, nobody needs Services and EndpointSlices.
    pub fn allows_route_mode(&self) -> bool {
        self.default_mode == Mode::Route || self.classes.iter().any(|class| class.mode == Mode::Route)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClassSetting;

    #[test]
    fn without_a_setting_nodes_are_the_tagged_instances_of_the_cluster() {
        let mut settings = Settings::default();
        settings.identity.cluster_id = "shop".to_owned();
        assert_eq!(settings.node_filters(), "tag:kubernetes.io/cluster/shop=owned tag-key=k8s.io/role/node");
        settings.proxy.node_filters = Some("tag:Role=worker".to_owned());
        assert_eq!(settings.node_filters(), "tag:Role=worker");
    }

    #[test]
    fn a_load_balancer_outlives_the_connections_to_its_targets() {
        let mut settings = Settings::default();
        assert_eq!(settings.load_balancer_grace(), 3_600);
        settings.grace = 60;
        assert_eq!(settings.load_balancer_grace(), 300);
    }

    #[test]
    fn without_a_setting_all_namespaces_are_read() {
        let settings = Settings::default();
        assert!(settings.reads_namespace("shop"));
        let only = Settings { watch_namespace: Some("shop".to_owned()), ..settings };
        assert!(only.reads_namespace("shop") && !only.reads_namespace("shop-2"));
    }

    #[test]
    fn route_mode_is_allowed_by_a_class_or_by_default() {
        let settings = Settings::default();
        assert!(!settings.allows_route_mode(), "classes are in proxy mode");
        assert!(Settings { default_mode: Mode::Route, ..settings.clone() }.allows_route_mode());
        let class = ClassSetting { name: "alb".to_owned(), mode: Mode::Route };
        assert!(Settings { classes: vec![class], ..settings }.allows_route_mode());
    }
}
