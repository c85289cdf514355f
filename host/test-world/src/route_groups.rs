//! The kind RouteGroup in a Kubernetes API server.

use std::time::Duration;

use kube::{
    Api, Client,
    api::DeleteParams,
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use tokio::time::sleep;

use crate::cluster::apply_all;

const NAME: &str = "routegroups.zalando.org";

/// Installs the kind in these versions, such as `v1`, and waits until the API server has them. The first is stored. The schema
/// has what matters to Albatross.
///
/// # Panics
/// The API server refuses it.
pub async fn install(administrator: &Client, versions: &[&str]) {
    let version = |(number, name): (usize, &&str)| {
        format!(
            "
    - name: {name}
      served: true
      storage: {stored}
      subresources: {{ status: {{}} }}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              x-kubernetes-preserve-unknown-fields: true
              properties: {{ hosts: {{ type: array, items: {{ type: string }} }} }}
            status:
              type: object
              x-kubernetes-preserve-unknown-fields: true
              properties:
                loadBalancer:
                  type: object
                  required: [routegroup]
                  properties:
                    routegroup:
                      type: array
                      items: {{ type: object, properties: {{ hostname: {{ type: string }} }} }}",
            stored = number == 0
        )
    };
    let all: String = versions.iter().enumerate().map(version).collect();
    let definition = format!(
        "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{ name: {NAME} }}
spec:
  group: zalando.org
  scope: Namespaced
  names: {{ kind: RouteGroup, plural: routegroups, singular: routegroup }}
  versions:{all}
"
    );
    apply_all(administrator, &definition).await;
    for version in versions {
        while administrator.list_api_group_resources(&format!("zalando.org/{version}")).await.is_err() {
            sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Deletes the kind, and with it all RouteGroups.
///
/// # Panics
/// The API server does not have the kind.
pub async fn remove(administrator: &Client) {
    let kind = GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    let definitions: Api<DynamicObject> = Api::all_with(administrator.clone(), &ApiResource::from_gvk(&kind));
    definitions.delete(NAME, &DeleteParams::default()).await.expect("the kind can be deleted");
    while definitions.get_opt(NAME).await.expect("an answer").is_some() {
        sleep(Duration::from_millis(100)).await;
    }
}
