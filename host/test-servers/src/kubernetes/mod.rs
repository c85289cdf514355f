//! kube-apiserver and etcd as Kubernetes.

mod client;
mod port;

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    TestServerError,
    authority::{self, Authority},
    folder::{Folder, last_lines, new_log, next_number, write},
    parts,
    tether::Tethered,
};
use client::Client;
use port::Port;

/// How long kube-apiserver may take to become ready. It takes three seconds on two idle cores.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// The token of the administrator. It is valid only for this server, which only this machine can reach.
const ADMINISTRATOR: &str = "administrator";

/// A Kubernetes API server without objects and without controllers.
///
/// There is no controller manager: nothing creates EndpointSlices or the default service account of a namespace, empties a
/// namespace that is being deleted, or collects objects without an owner. Authorisation is RBAC: a service account may do
/// only what the roles that a test creates allow.
#[derive(Debug)]
pub struct Kubernetes {
    url: String,
    authority: Authority,
    client: Client,
    // Dropped in this order: etcd's folder is inside the folder of the API server, which must exist until both have ended.
    _etcd: Tethered,
    _api_server: Tethered,
    folder: Folder,
    _ports: [Port; 3],
}

impl Kubernetes {
    /// Starts an API server and returns when it reports that it is ready.
    ///
    /// # Errors
    /// A program is missing, does not start, or is not ready in time; the message has the end of its output.
    pub fn start() -> Result<Kubernetes, TestServerError> {
        let etcd_program = parts::kubernetes_program("etcd")?;
        let api_server_program = parts::kubernetes_program("kube-apiserver")?;
        let own_folder = Folder::new()?;
        let folder = own_folder.path();
        let authority = Authority::new(folder)?;
        authority::write_token_keys(folder)?;
        write(
            &folder.join("tokens.csv"),
            &format!("{ADMINISTRATOR},administrator,administrator,\"system:masters\"\n"),
        )?;

        let [client_port, peer_port, secure_port] = [Port::reserve()?, Port::reserve()?, Port::reserve()?];
        let data = folder.join("etcd");
        let mut etcd_log = new_log(&folder.join("etcd.log"))?;
        let etcd_arguments = etcd_arguments(&data, &client_port, &peer_port);
        let mut etcd = Tethered::start_with_folder(&data, &etcd_program, &etcd_arguments, &etcd_log)?;
        let mut api_server_log = new_log(&folder.join("kube-apiserver.log"))?;
        let api_server_arguments = api_server_arguments(folder, &client_port, &secure_port);
        let mut api_server =
            Tethered::start_with_folder(folder, &api_server_program, &api_server_arguments, &api_server_log)?;

        let url = format!("https://{}", secure_port.address());
        let client = Client::new(&url, authority.certificate())?;
        let begin = Instant::now();
        while !client.is_ready(ADMINISTRATOR) {
            let (server, log) = if etcd.ended() {
                ("etcd", &mut etcd_log)
            } else if api_server.ended() || begin.elapsed() > READY_WITHIN {
                ("kube-apiserver", &mut api_server_log)
            } else {
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            let after = format!("after {} s", begin.elapsed().as_secs());
            return Err(TestServerError::NotReady { server, after, detail: last_lines(log) });
        }
        Ok(Kubernetes {
            url,
            authority,
            client,
            _etcd: etcd,
            _api_server: api_server,
            folder: own_folder,
            _ports: [client_port, peer_port, secure_port],
        })
    }

    /// The URL of the server, such as `https://127.0.0.1:41753`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The certificate of the authority that signed the server's certificate, as PEM.
    pub fn ca_certificate(&self) -> &str {
        self.authority.certificate()
    }

    /// The bearer token of an administrator, who may do everything.
    pub fn administrator_token(&self) -> &str {
        ADMINISTRATOR
    }

    /// Requests a bearer token of an existing service account, as its Pods get it (TokenRequest), valid for a day.
    ///
    /// # Errors
    /// The service account does not exist.
    pub fn service_account_token(&self, namespace: &str, name: &str) -> Result<String, TestServerError> {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
        let body = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            // A soak lasts for hours, and nobody renews the token in a kubeconfig.
            "spec": { "expirationSeconds": 86_400 },
        });
        let answer = self.client.post(&path, ADMINISTRATOR, &body)?;
        let token = answer["status"]["token"].as_str();
        token.map(str::to_owned).ok_or(TestServerError::Answer { request: path, missing: "status.token" })
    }

    /// Writes a kubeconfig file with this token. The file is removed with the server.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn kubeconfig(&self, token: &str) -> Result<PathBuf, TestServerError> {
        let path = self.folder.path().join(format!("{}.kubeconfig", next_number()));
        // kubeconfig files are YAML, which includes JSON.
        let content = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "contexts": [{ "name": "test", "context": { "cluster": "test", "user": "test" } }],
            "clusters": [{
                "name": "test",
                "cluster": { "server": self.url, "certificate-authority": self.authority.certificate_path() },
            }],
            "users": [{ "name": "test", "user": { "token": token } }],
        });
        write(&path, &content.to_string())?;
        Ok(path)
    }
}

/// The address of etcd, by its port.
fn etcd_url(port: &Port) -> String {
    format!("http://{}", port.address())
}

fn etcd_arguments(data: &Path, client_port: &Port, peer_port: &Port) -> Vec<String> {
    let (clients, peers) = (etcd_url(client_port), etcd_url(peer_port));
    vec![
        format!("--data-dir={}", data.display()),
        format!("--listen-client-urls={clients}"),
        format!("--advertise-client-urls={clients}"),
        format!("--listen-peer-urls={peers}"),
        format!("--initial-advertise-peer-urls={peers}"),
        format!("--initial-cluster=default={peers}"),
        // The data need not survive a crash of the machine.
        "--unsafe-no-fsync".to_owned(),
        "--socket-reuse-port".to_owned(),
        "--log-level=error".to_owned(),
    ]
}

fn api_server_arguments(folder: &Path, etcd_port: &Port, secure_port: &Port) -> Vec<String> {
    let in_folder = |name: &str| folder.join(name).display().to_string();
    vec![
        format!("--etcd-servers={}", etcd_url(etcd_port)),
        "--bind-address=127.0.0.1".to_owned(),
        "--advertise-address=127.0.0.1".to_owned(),
        format!("--secure-port={}", secure_port.number()),
        "--permit-port-sharing".to_owned(),
        format!("--tls-cert-file={}", in_folder(authority::SERVER_CERTIFICATE)),
        format!("--tls-private-key-file={}", in_folder(authority::SERVER_KEY)),
        format!("--service-account-key-file={}", in_folder(authority::TOKEN_PUBLIC_KEY)),
        format!("--service-account-signing-key-file={}", in_folder(authority::TOKEN_KEY)),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        // Only the administrator comes from a file, to create the first roles. Everybody else is a service account with a
        // token from the server itself, as in a cluster.
        format!("--token-auth-file={}", in_folder("tokens.csv")),
        "--authorization-mode=RBAC".to_owned(),
        "--service-cluster-ip-range=10.0.0.0/16".to_owned(),
        // Room for worlds with thousands of Services; the usual range holds 2,768.
        "--service-node-port-range=20000-32767".to_owned(),
        // This plugin would refuse every Pod, because no controller creates the default service accounts.
        "--disable-admission-plugins=ServiceAccount".to_owned(),
    ]
}
