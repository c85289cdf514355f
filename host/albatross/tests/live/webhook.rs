//! The admission webhook, called by a real API server.

use std::{fs, path::Path, time::Duration};

use albatross_cluster::Client;
use hyper::{Request, StatusCode, header::WARNING};
use k8s_openapi::{
    ByteString,
    api::{admissionregistration::v1::ValidatingWebhookConfiguration, core::v1::Secret},
};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
    client::Body,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use tokio::time::sleep;

use crate::support::{
    World, eventually,
    objects::{ingress, ingresses, published, remove_lease},
    replica::Replica,
};

/// What the chart adds to the rights of the controller, and what calls the webhook.
const RIGHTS: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: albatross-webhook }
rules:
  - { apiGroups: [admissionregistration.k8s.io], resources: [validatingwebhookconfigurations], resourceNames: [albatross-webhook], verbs: [get, patch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: albatross-webhook }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: albatross-webhook }
subjects: [{ kind: ServiceAccount, name: albatross, namespace: kube-system }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: albatross-webhook, namespace: kube-system }
rules:
  - { apiGroups: [''], resources: [secrets], verbs: [create] }
  - { apiGroups: [''], resources: [secrets], resourceNames: [albatross-webhook], verbs: [get, update] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: albatross-webhook, namespace: kube-system }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: albatross-webhook }
subjects: [{ kind: ServiceAccount, name: albatross, namespace: kube-system }]
";

/// A configuration that calls this client, in the form of `clientConfig`.
fn configuration(client: &str) -> String {
    format!(
        "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {{ name: albatross-webhook }}
webhooks:
  - name: ingresses.admission.albatross
    clientConfig: {client}
    rules: [{{ apiGroups: [networking.k8s.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [ingresses], scope: Namespaced }}]
    failurePolicy: Ignore
    matchPolicy: Equivalent
    sideEffects: None
    admissionReviewVersions: [v1]
    timeoutSeconds: 5
"
    )
}

/// The port at which a replica serves the webhook.
async fn port(replica: &Replica) -> u16 {
    eventually("the webhook is served", async || {
        let log = replica.log();
        // Earlier replicas may have written into the same log.
        let own = log.rsplit_once("serving the health endpoints")?.1;
        let line = own.lines().find(|line| line.contains("serving the webhook"))?;
        line.rsplit_once(':')?.1.trim().parse().ok()
    })
    .await
}

/// How many answers of a kind a replica has given.
fn answers(replica: &Replica, kind: &str) -> f64 {
    replica.metric(&format!(r#"albatross_admission_requests_total{{answer="{kind}"}}"#)).unwrap()
}

/// Lets the API server call a replica by the Service of the webhook, whose name it resolves to this machine.
async fn call(world: &World, replica: &Replica) {
    let port = port(replica).await;
    world
        .apply(&format!(
            "
apiVersion: v1
kind: Service
metadata: {{ name: albatross-webhook, namespace: kube-system }}
spec: {{ type: ExternalName, externalName: localhost, ports: [{{ port: {port} }}] }}
"
        ))
        .await;
    let service = format!(
        "{{ service: {{ namespace: kube-system, name: albatross-webhook, path: /validate, port: {port} }} }}"
    );
    world.apply(&configuration(&service)).await;
}

/// Creates an Ingress, only for show unless it is to `stay`. Returns the warnings that a client gets.
async fn create(client: &Client, manifest: &str, stays: bool) -> Vec<String> {
    let object: serde_json::Value = serde_saphyr::from_str(manifest).unwrap();
    let query = if stays { "" } else { "?dryRun=All" };
    let request = Request::post(format!("/apis/networking.k8s.io/v1/namespaces/shop/ingresses{query}"));
    let request =
        request.header("content-type", "application/json").body(Body::from(object.to_string().into_bytes()));
    let answer = client.send(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let warnings = answer.headers().get_all(WARNING).iter();
    // `299 - "text"`, with quotes in the text escaped: RFC 7234.
    warnings
        .map(|it| it.to_str().unwrap().trim_start_matches("299 - ").trim_matches('"').replace("\\\"", "\""))
        .collect()
}

/// Waits until the API server shows warnings of Albatross for an Ingress whose host no certificate covers.
async fn warned(world: &World) -> Vec<String> {
    eventually("the API server shows a warning", async || {
        let warnings = create(&world.administrator, &ingress("wrong", "shop.example.net"), false).await;
        (!warnings.is_empty()).then_some(warnings)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_replica_warns_with_a_certificate_of_its_own_and_nobody_misses_one_that_is_gone() {
    let world = World::new("webhook").await;
    world.apply(RIGHTS).await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let leader = Replica::start(&world, "leader", &["--webhook", "127.0.0.1:0"]);
    eventually("the Ingress is served", async || published(&world.administrator, "checkout").await.pop())
        .await;
    call(&world, &leader).await;

    let warnings = warned(&world).await;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("Albatross: rejected: no certificate covers shop.example.net"),
        "{warnings:?}"
    );
    assert!(answers(&leader, "warning") >= 1.0);
    let fine = create(&world.administrator, &ingress("fine", "shop.example.org"), false).await;
    assert_eq!(fine, [""; 0]);
    assert!(answers(&leader, "no-warning") >= 1.0);

    // A follower shares the certificate, and answers from a view of its own.
    let follower = Replica::start(&world, "follower", &["--webhook", "127.0.0.1:0"]);
    call(&world, &follower).await;
    eventually("the follower warns", async || {
        let warnings = create(&world.administrator, &ingress("wrong", "shop.example.net"), false).await;
        (!warnings.is_empty() && answers(&follower, "warning") >= 1.0).then_some(())
    })
    .await;
    assert_eq!(follower.metric("albatross_leader"), Some(0.0));
    let secrets: Api<Secret> = Api::namespaced(world.administrator.clone(), "kube-system");
    let made = [&leader, &follower].map(|it| it.log().matches("made a certificate for the webhook").count());
    assert_eq!(made, [1, 0], "both have the one in the Secret");
    assert!(secrets.get("albatross-webhook").await.unwrap().data.unwrap().contains_key("tls.key"));

    // Without a webhook that answers, Ingresses are created as before.
    follower.kill();
    assert_eq!(create(&world.administrator, &ingress("later", "later.example.net"), true).await, [""; 0]);
    assert!(ingresses(&world.administrator).get_opt("later").await.unwrap().is_some());
    assert_eq!(leader.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_lost_or_ends_soon_is_made_again_and_one_of_others_is_left_alone() {
    let world = World::new("webhook-secret").await;
    world.apply(RIGHTS).await;
    let secrets: Api<Secret> = Api::namespaced(world.administrator.clone(), "kube-system");
    let configurations: Api<ValidatingWebhookConfiguration> = Api::all(world.administrator.clone());
    let start = async || {
        let replica = Replica::start(&world, "replica", &["--webhook", "127.0.0.1:0"]);
        call(&world, &replica).await;
        replica
    };
    let trusted = async || {
        let found = configurations.get("albatross-webhook").await.unwrap();
        found.webhooks.unwrap().remove(0).client_config.ca_bundle.unwrap_or_default()
    };
    let authorities = async || {
        let secret = secrets.get_opt("albatross-webhook").await.unwrap()?;
        secret.data?.remove("ca.crt")
    };
    let replica = start().await;
    let first = eventually("the API server trusts it", async || {
        let bundle = authorities().await?;
        (trusted().await == bundle).then_some(bundle)
    })
    .await;
    replica.kill();

    // Long before its end it is made again, and its authority stays trusted for the replicas that still have it.
    let ends = json!({"metadata": {"annotations": {"albatross/ends-at": "1"}}});
    secrets.patch("albatross-webhook", &PatchParams::default(), &Patch::Merge(ends)).await.unwrap();
    remove_lease(&world.administrator).await;
    let replica = start().await;
    let second = eventually("it is renewed", async || {
        let bundle = authorities().await.filter(|it| *it != first)?;
        (trusted().await == bundle).then_some(bundle)
    })
    .await;
    assert!(second.0.ends_with(&first.0));
    replica.kill();

    // A Secret that somebody else made is not overwritten.
    secrets.delete("albatross-webhook", &DeleteParams::default()).await.unwrap();
    let of_others = Secret {
        metadata: serde_json::from_value(json!({"name": "albatross-webhook"})).unwrap(),
        data: Some([("password".to_owned(), ByteString(b"1234".to_vec()))].into()),
        ..Secret::default()
    };
    secrets.create(&kube::api::PostParams::default(), &of_others).await.unwrap();
    let replica = start().await;
    eventually("the log names the Secret", async || {
        replica
            .log()
            .contains("the Secret kube-system/albatross-webhook exists, and Albatross did not make it")
            .then_some(())
    })
    .await;
    assert_eq!(secrets.get("albatross-webhook").await.unwrap().data, of_others.data);
    replica.kill();
}

/// An authority, and a certificate of it for this machine in a folder.
fn certificate(folder: &Path) -> String {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let trusted = authority.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    fs::write(folder.join("tls.crt"), certificate.pem()).unwrap();
    fs::write(folder.join("tls.key"), key.serialize_pem()).unwrap();
    trusted
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_in_a_folder_is_exchanged_while_the_webhook_runs() {
    let world = World::new("webhook-folder").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    let folder = world.path("certificate");
    fs::create_dir_all(&folder).unwrap();
    let arguments = ["--webhook", "127.0.0.1:0", "--webhook-certificate", folder.to_str().unwrap()];
    let trusted = certificate(&folder);
    let replica = Replica::start(&world, "replica", &arguments);
    replica.passes("converged", 1.0).await;
    let trust = async |authority: &str| {
        let bundle = serde_json::to_value(ByteString(authority.as_bytes().to_vec())).unwrap();
        let client =
            format!("{{ url: 'https://127.0.0.1:{}/validate', caBundle: {bundle} }}", port(&replica).await);
        world.apply(&configuration(&client)).await;
    };
    trust(&trusted).await;
    warned(&world).await;

    // Half of another pair: the one before stays.
    let other = world.path("other");
    fs::create_dir_all(&other).unwrap();
    certificate(&other);
    fs::copy(other.join("tls.key"), folder.join("tls.key")).unwrap();
    eventually("the log says what is wrong", async || {
        replica.log().contains("the certificate and the key cannot be used together").then_some(())
    })
    .await;
    warned(&world).await;

    let trusted = certificate(&folder);
    eventually("it is exchanged", async || {
        replica.log().contains("the webhook has a new certificate").then_some(())
    })
    .await;
    trust(&trusted).await;
    sleep(Duration::from_secs(2)).await;
    let before = answers(&replica, "warning");
    eventually("API servers that trust the new one get answers", async || {
        warned(&world).await;
        (answers(&replica, "warning") > before).then_some(())
    })
    .await;
    assert_eq!(replica.terminate(), 0);
}
