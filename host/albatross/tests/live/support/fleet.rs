//! A fleet in route mode: groups of Ingresses, each group with a load balancer and some Services.

use std::time::Duration;

use futures::{StreamExt, stream};
use tokio::time::{Instant, sleep};

use super::{World, replica::Replica};

/// The settings of the fleet.
pub const SETTINGS: &str = r#"{ "classes": [{ "name": "alb", "mode": "route" }] }"#;

/// How many groups are created at a time.
const AT_A_TIME: usize = 8;

/// So many groups, each with so many Ingresses, which lead to so many Services.
#[derive(Clone, Copy, Debug)]
pub struct Fleet {
    pub groups: usize,
    pub ingresses: usize,
    pub services: usize,
}

impl Fleet {
    /// Creates the objects in the cluster.
    pub async fn apply(self, world: &World) {
        stream::iter(0..self.groups)
            .for_each_concurrent(AT_A_TIME, async |group| {
                let services = (0..self.services).map(|number| service(group, number));
                let ingresses = (0..self.ingresses).map(|number| self.ingress(group, number, "/"));
                world.apply(&services.chain(ingresses).collect::<Vec<_>>().join("---")).await;
            })
            .await;
    }

    /// An Ingress, with the path that leads to its Service.
    pub fn ingress(self, group: usize, number: usize, path: &str) -> String {
        let service = format!("s{group}-{}", number % self.services);
        let backend = format!("{{ service: {{ name: {service}, port: {{ number: 80 }} }} }}");
        format!(
            "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: fleet-{group}-{number}
  namespace: shop
  annotations: {{ kubernetes.io/ingress.class: alb, alb.ingress.kubernetes.io/group.name: g{group} }}
spec:
  rules:
    - host: fleet-{group}-{number}.example.org
      http:
        paths:
          - {{ path: {path}, pathType: Prefix, backend: {backend} }}
"
        )
    }

    /// A replica that makes everything as fast as it can, until there is nothing left to do.
    pub async fn make(self, world: &World, patience: Duration) {
        let mut replica = replica(world, "maker", &["--aws-rate=100"]);
        let begin = Instant::now();
        while replica.passed("converged").unwrap_or_default() < 1.0 {
            assert!(
                replica.runs() && begin.elapsed() < patience,
                "{patience:?} are enough: {}",
                replica.log()
            );
            sleep(Duration::from_millis(500)).await;
        }
        assert_eq!(replica.terminate(), 0);
    }
}

/// A replica of the controller with the settings of the fleet.
pub fn replica(world: &World, name: &str, arguments: &[&str]) -> Replica {
    let settings = world.file("settings.json", SETTINGS);
    let settings = settings.to_str().expect("a path in UTF-8");
    let arguments = [&["--settings", settings], arguments].concat();
    Replica::start_with(world, name, &world.kubeconfig(), &arguments)
}

fn service(group: usize, number: usize) -> String {
    format!(
        "
apiVersion: v1
kind: Service
metadata: {{ name: s{group}-{number}, namespace: shop }}
spec: {{ type: NodePort, ports: [{{ port: 80 }}] }}
"
    )
}
