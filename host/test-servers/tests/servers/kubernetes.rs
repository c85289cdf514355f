//! A Kubernetes API server with RBAC.

use std::{
    fs, iter,
    sync::{Arc, LazyLock},
    thread,
    time::{Duration, Instant},
};

use albatross_test_servers::Kubernetes;
use rustls::crypto::ring;
use serde_json::{Value, json};
use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig},
};

/// One server for all tests: starting it takes seconds.
static KUBERNETES: LazyLock<Kubernetes> = LazyLock::new(|| Kubernetes::start().unwrap());

fn agent(kubernetes: &Kubernetes) -> Agent {
    let authority = Certificate::from_pem(kubernetes.ca_certificate().as_bytes()).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::from(iter::once(authority)))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build();
    Agent::config_builder().tls_config(tls).proxy(None).http_status_as_error(false).build().new_agent()
}

fn get(kubernetes: &Kubernetes, token: &str, path: &str) -> Result<(u16, String), ureq::Error> {
    let mut answer = agent(kubernetes)
        .get(format!("{}{path}", kubernetes.url()))
        .header("Authorization", format!("Bearer {token}"))
        .call()?;
    Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?))
}

fn status(token: &str, path: &str) -> u16 {
    get(&KUBERNETES, token, path).unwrap().0
}

fn create(path: &str, object: &Value) {
    let answer = agent(&KUBERNETES)
        .post(format!("{}{path}", KUBERNETES.url()))
        .header("Authorization", format!("Bearer {}", KUBERNETES.administrator_token()))
        .send_json(object)
        .unwrap();
    assert_eq!(answer.status(), 201, "{object}");
}

fn service_account(name: &str) -> String {
    create(
        "/api/v1/namespaces/default/serviceaccounts",
        &json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": name } }),
    );
    KUBERNETES.service_account_token("default", name).unwrap()
}

#[test]
fn the_administrator_may_do_everything() {
    let token = KUBERNETES.administrator_token();
    assert_eq!(status(token, "/readyz"), 200);
    assert_eq!(status(token, "/apis/networking.k8s.io/v1/ingresses"), 200);
}

#[test]
fn the_server_reports_its_release() {
    let (_, version) = get(&KUBERNETES, KUBERNETES.administrator_token(), "/version").unwrap();
    let version: Value = serde_json::from_str(&version).unwrap();
    assert_ne!(version["major"], json!("0"), "{version}");
}

#[test]
fn an_unknown_user_is_denied() {
    assert_eq!(status("unknown", "/api/v1/namespaces"), 401);
}

#[test]
fn a_service_account_may_do_only_what_its_role_allows() {
    const INGRESSES: &str = "/apis/networking.k8s.io/v1/ingresses";
    let token = service_account("controller");
    assert_eq!(status(&token, INGRESSES), 403);

    create(
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        &json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": { "name": "controller" },
            "rules": [{ "apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": ["list"] }],
        }),
    );
    create(
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        &json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": { "name": "controller" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "controller" },
            "subjects": [{ "kind": "ServiceAccount", "namespace": "default", "name": "controller" }],
        }),
    );
    // The server learns about new roles through watches, with a delay.
    let begin = Instant::now();
    while status(&token, INGRESSES) != 200 {
        assert!(begin.elapsed() < Duration::from_secs(120), "the role is not known yet");
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(status(&token, "/api/v1/secrets"), 403);
}

#[test]
fn a_service_account_that_does_not_exist_has_no_token() {
    let error = KUBERNETES.service_account_token("default", "nobody").unwrap_err().to_string();
    assert!(error.contains("serviceaccounts/nobody/token") && error.contains("404"), "{error}");
}

#[test]
fn a_kubeconfig_names_server_authority_and_token() {
    let path = KUBERNETES.kubeconfig("some-token").unwrap();
    let content: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let cluster = &content["clusters"][0]["cluster"];
    assert_eq!(cluster["server"], json!(KUBERNETES.url()));
    let authority = fs::read_to_string(cluster["certificate-authority"].as_str().unwrap()).unwrap();
    assert_eq!(authority, KUBERNETES.ca_certificate());
    assert_eq!(content["users"][0]["user"]["token"], json!("some-token"));
}

#[test]
fn the_server_ends_and_its_folder_is_removed_when_it_is_dropped() {
    let kubernetes = Kubernetes::start().unwrap();
    let folder = kubernetes.kubeconfig("token").unwrap().parent().unwrap().to_owned();
    let token = kubernetes.administrator_token().to_owned();
    assert_eq!(get(&kubernetes, &token, "/readyz").unwrap().0, 200);
    let address = kubernetes.url().strip_prefix("https://").unwrap().to_owned();
    drop(kubernetes);
    std::net::TcpStream::connect(address).unwrap_err();
    assert!(!folder.exists(), "{}", folder.display());
}
