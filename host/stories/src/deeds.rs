//! Changes that people make to a cluster and to AWS between two passes.

use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_CLASS, ANNOTATION_SCHEME, ANNOTATION_SHARED, AutoScalingGroup,
    Certificate, HealthCheckType, Ingress, LoadBalancer, Tag,
};
use albatross_planner::NoPolicies;

use crate::{Controller, certificate, instance};

/// An Ingress with one more annotation, or with another value for it.
pub fn annotated(mut ingress: Ingress, key: &str, value: &str) -> Ingress {
    let annotations = &mut ingress.metadata.annotations;
    annotations.retain(|tag| tag.key != key);
    annotations.push(Tag { key: key.to_owned(), value: value.to_owned() });
    ingress
}

/// An Ingress that asks for the scheme `internal`.
pub fn internal(ingress: Ingress) -> Ingress {
    annotated(ingress, ANNOTATION_SCHEME, "internal")
}

/// An Ingress that asks for a load balancer of its own.
pub fn alone(ingress: Ingress) -> Ingress {
    annotated(ingress, ANNOTATION_SHARED, "false")
}

/// An Ingress that names a certificate.
pub fn pinned(ingress: Ingress, arn: &str) -> Ingress {
    annotated(ingress, ANNOTATION_CERTIFICATE, arn)
}

/// An Ingress with the class of another controller, which has no IngressClass.
pub fn of_nginx(ingress: Ingress) -> Ingress {
    annotated(ingress, ANNOTATION_CLASS, "nginx")
}

/// A certificate for the same names as another one, whose validity begins later.
pub fn renewal(number: u32, names: &[&str], not_before: u64) -> Certificate {
    Certificate {
        not_before: Some(not_before),
        not_after: Some(not_before + 396 * 86_400),
        ..certificate(number, names)
    }
}

impl Controller {
    /// A copy of the world, to see what would happen there. It has no policies.
    pub fn fork(&self) -> Controller {
        Controller {
            settings: self.settings.clone(),
            cloud: self.cloud.clone(),
            cluster: self.cluster.clone(),
            frozen: self.frozen.clone(),
            policies: Box::new(NoPolicies),
        }
    }

    /// Time passes.
    pub fn wait(&mut self, seconds: u64) {
        self.cloud.advance(seconds);
    }

    /// The grace period passes.
    pub fn wait_for_the_grace(&mut self) {
        self.cloud.advance(self.settings.grace);
    }

    /// An Ingress that exists, by `namespace/name` or by its name in `shop`.
    ///
    /// # Panics
    /// When it does not exist.
    #[allow(clippy::panic)]
    pub fn ingress(&self, name: &str) -> Ingress {
        let (namespace, name) = name.split_once('/').unwrap_or(("shop", name));
        let is_it = |ingress: &&Ingress| {
            ingress.metadata.namespace.as_deref() == Some(namespace) && ingress.metadata.name == name
        };
        match self.cluster.cluster().ingresses.iter().find(is_it) {
            Some(found) => found.clone(),
            None => panic!("there is no Ingress {namespace}/{name}"),
        }
    }

    /// Somebody edits an Ingress.
    pub fn edit(&mut self, name: &str, change: impl FnOnce(Ingress) -> Ingress) {
        let ingress = change(self.ingress(name));
        self.apply(ingress);
    }

    /// Somebody sets an annotation.
    pub fn annotate(&mut self, name: &str, key: &str, value: &str) {
        self.edit(name, |ingress| annotated(ingress, key, value));
    }

    /// Somebody removes an annotation.
    pub fn remove_annotation(&mut self, name: &str, key: &str) {
        self.edit(name, |mut ingress| {
            ingress.metadata.annotations.retain(|tag| tag.key != key);
            ingress
        });
    }

    /// ACM or IAM gets a certificate.
    pub fn add_certificate(&mut self, certificate: Certificate) {
        self.cloud.inventory_mut().certificates.push(certificate);
    }

    /// An Auto Scaling Group of nodes starts, with one node in each of the zones.
    pub fn start_node_group(&mut self, name: &str, zones: &[&str]) {
        let ids: Vec<String> = (0..zones.len()).map(|number| format!("i-{name}-{number}")).collect();
        let inventory = self.cloud.inventory_mut();
        inventory.instances.extend(ids.iter().zip(zones).map(|(id, zone)| instance(id, zone, Some(name))));
        inventory.auto_scaling_groups.push(AutoScalingGroup {
            name: name.to_owned(),
            instances: ids,
            target_groups: Vec::new(),
            health_check_type: HealthCheckType::Ec2,
            tags: Vec::new(),
        });
    }

    /// The node filters no longer find the nodes of an Auto Scaling Group. The group and its instances still run.
    pub fn hide_node_group(&mut self, name: &str) {
        self.cloud
            .inventory_mut()
            .instances
            .retain(|instance| instance.auto_scaling_group.as_deref() != Some(name));
    }

    /// Somebody changes a load balancer in the console.
    ///
    /// # Panics
    /// When it does not exist.
    #[allow(clippy::panic)]
    pub fn in_the_console(&mut self, dns_name: &str, change: impl FnOnce(&mut LoadBalancer)) {
        let found =
            self.cloud.inventory_mut().load_balancers.iter_mut().find(|found| found.dns_name == dns_name);
        match found {
            Some(found) => change(found),
            None => panic!("there is no load balancer {dns_name}"),
        }
    }

    /// Somebody deletes a load balancer in the console.
    pub fn delete_load_balancer(&mut self, dns_name: &str) {
        self.cloud.inventory_mut().load_balancers.retain(|found| found.dns_name != dns_name);
    }
}
