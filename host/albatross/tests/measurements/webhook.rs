//! How long the webhook takes for an answer, over HTTPS, with 10,000 Ingresses.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use albatross::{
    live::{
        metrics::Admission,
        webhook::{Desk, Identity, serve},
    },
    pass::Makers,
};
use albatross_cluster::Viewer;
use albatross_contract::{
    ANNOTATION_GROUP, ClassSetting, Cluster, Ingress, IngressBackend, IngressPath, Mode, PathType,
    ServiceBackend, ServicePortReference,
};
use albatross_engine::{Engine, Limits};
use albatross_stories::{Controller, annotated, certificate, ingress, service, world};
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::{Value, json};

/// The Ingresses of each fleet.
const INGRESSES: usize = 10_000;
/// The Ingresses of a group in route mode.
const OF_GROUP: usize = 20;
/// How many certificates there are, and in route mode groups.
const CERTIFICATES: usize = INGRESSES / OF_GROUP;
/// The Services of a group.
const SERVICES: usize = 8;
/// How many questions are asked in each row.
const QUESTIONS: usize = 500;

/// The name of the server.
const NAME: &str = "localhost";

/// A row of the table.
pub struct Row {
    pub what: &'static str,
    pub clients: usize,
    pub median: Duration,
    pub percentile_99: Duration,
    pub longest: Duration,
    /// How many answers had a warning.
    pub warned: usize,
}

/// Asks in a fleet of each mode, of Ingresses that only add something, and of Ingresses with which something is wrong.
pub fn rows(row: impl Fn(Row)) {
    let proxy = Server::start(proxy_mode());
    let fine =
        |number| question(&ingress("new/new", &[&format!("new.d{}.example.org", number % CERTIFICATES)]));
    let wrong = |number| question(&ingress("new/new", &[&format!("new{number}.example.net")]));
    for clients in [1, 4] {
        row(proxy.ask("proxy mode, nothing to warn of", clients, &fine));
        row(proxy.ask("proxy mode, no certificate", clients, &wrong));
    }
    drop(proxy);
    let route = Server::start(route_mode());
    let fine =
        |number| question(&routed(number * OF_GROUP, &format!("new.d{}.example.org", number % CERTIFICATES)));
    let taken = |number| question(&routed(number * OF_GROUP, &host(number * OF_GROUP % INGRESSES)));
    for clients in [1, 4] {
        row(route.ask("route mode, nothing to warn of", clients, &fine));
        row(route.ask("route mode, host and path of another Ingress", clients, &taken));
    }
}

fn proxy_mode() -> Controller {
    let ingresses = (0..INGRESSES).map(|number| {
        let certificate = number % CERTIFICATES;
        ingress(&format!("n{certificate}/i{number}"), &[&format!("i{number}.d{certificate}.example.org")])
    });
    let mut fleet = Controller::new(world(), certificates(), ingresses.collect());
    fleet.converge_within(10);
    fleet
}

fn route_mode() -> Controller {
    let (mut settings, mut inventory) = world();
    settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
    // Raised quotas, as large accounts have them.
    inventory.quotas.load_balancers = 2_000;
    inventory.quotas.target_groups = 20_000;
    inventory.quotas.target_groups_per_auto_scaling_group = 20_000;
    let mut fleet = Controller::new((settings, inventory), certificates(), Vec::new());
    let services = (0..CERTIFICATES * SERVICES).map(|number| {
        let port = u16::try_from(30_000 + number % 2_768).expect("a port");
        service(&format!("n{}/s{}", number / SERVICES, number % SERVICES), port)
    });
    let all = Cluster {
        ingresses: (0..INGRESSES).map(|number| routed(number, &host(number))).collect(),
        services: services.collect(),
        ..Cluster::default()
    };
    let now = fleet.cloud.now();
    fleet.cluster.apply(all, now);
    fleet.converge_within(10);
    fleet
}

fn certificates() -> Vec<albatross_contract::Certificate> {
    let numbers = 0..CERTIFICATES;
    numbers
        .map(|number| {
            certificate(u32::try_from(number).expect("small"), &[&format!("*.d{number}.example.org")])
        })
        .collect()
}

fn host(number: usize) -> String {
    format!("i{number}.d{}.example.org", number / OF_GROUP)
}

/// The Ingress with a number in route mode: two paths of its group, over HTTP and HTTPS.
fn routed(number: usize, host: &str) -> Ingress {
    let group = number / OF_GROUP % CERTIFICATES;
    let name = if host.starts_with('i') { format!("n{group}/i{number}") } else { format!("n{group}/new") };
    let mut made = ingress(&name, &[host]);
    let path = |path: usize| IngressPath {
        path: Some(format!("/p{path}")),
        path_type: PathType::Prefix,
        backend: IngressBackend::Service(ServiceBackend {
            name: format!("s{}", (number * 2 + path) % SERVICES),
            port: ServicePortReference::Number(80),
        }),
    };
    made.rules[0].paths = (0..2).map(path).collect();
    made = annotated(made, ANNOTATION_GROUP, &format!("g{group}"));
    annotated(made, "alb.ingress.kubernetes.io/listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#)
}

/// The question of an API server for a new Ingress.
fn question(new: &Ingress) -> String {
    let paths = |rule: &albatross_contract::IngressRule| {
        let path = |path: &IngressPath| {
            let IngressBackend::Service(backend) = &path.backend else { return Value::Null };
            json!({"path": path.path, "pathType": "Prefix",
                "backend": {"service": {"name": backend.name, "port": {"number": 80}}}})
        };
        rule.paths.iter().map(path).collect::<Vec<_>>()
    };
    let rules = new.rules.iter().map(|rule| json!({"host": rule.host, "http": {"paths": paths(rule)}}));
    let annotations = new.metadata.annotations.iter().map(|it| (it.key.clone(), json!(it.value)));
    let service = json!({"service": {"name": "web", "port": {"number": 80}}});
    let mut spec = json!({"rules": rules.collect::<Vec<_>>()});
    if new.rules.iter().all(|rule| rule.paths.is_empty()) {
        spec["rules"][0]["http"]["paths"] = json!([{"path": "/", "pathType": "Prefix", "backend": service}]);
    }
    let namespace = new.metadata.namespace.clone();
    let metadata = json!({"name": "asked", "namespace": namespace,
        "annotations": annotations.collect::<serde_json::Map<String, Value>>()});
    let request = json!({
        "uid": "1",
        "kind": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"},
        "operation": "CREATE",
        "namespace": namespace,
        "object": {"metadata": metadata, "spec": spec},
    });
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}).to_string()
}

/// A webhook that has seen the pass of a fleet.
struct Server {
    address: SocketAddr,
    trusted: Arc<ClientConfig>,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    fn start(mut fleet: Controller) -> Server {
        let makers =
            Arc::new(Makers::load(None, &[], &Engine::new(Limits::default())).expect("it is built in"));
        let pass = makers.pass(fleet.snapshot().expect("the cloud answers")).expect("a plan");
        assert!(pass.plan.actions.is_empty(), "nothing is left to do");
        eprintln!("{} load balancers, planned in {:?}", pass.plan.load_balancers.len(), pass.took);
        let desk = Arc::new(Desk::new(Viewer::default(), Admission::default()));
        desk.put(&pass, makers, desk.revision());
        let key = KeyPair::generate().expect("random numbers");
        let certificate = CertificateParams::new(vec![NAME.to_owned()]).expect("a name").self_signed(&key);
        let certificate = certificate.expect("a certificate").pem();
        let identity = Arc::new(Identity::default());
        identity.set(certificate.as_bytes(), key.serialize_pem().as_bytes()).expect("a pair");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM")).expect("a root");
        let trusted = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
        let address = runtime.block_on(serve(([127, 0, 0, 1], 0).into(), identity, desk)).expect("a port");
        Server { address, trusted: Arc::new(trusted), _runtime: runtime }
    }

    /// Asks [`QUESTIONS`] questions, by this many clients at a time.
    fn ask(&self, what: &'static str, clients: usize, question: &(dyn Fn(usize) -> String + Sync)) -> Row {
        let of_client = |client: usize| {
            let mut connection = self.connect();
            let numbers = (client..QUESTIONS).step_by(clients);
            numbers.map(|number| connection.ask(&question(number))).collect::<Vec<_>>()
        };
        let mut answers: Vec<(Duration, bool)> = thread::scope(|scope| {
            let started: Vec<_> = (0..clients).map(|client| scope.spawn(move || of_client(client))).collect();
            started.into_iter().flat_map(|client| client.join().expect("no client fails")).collect()
        });
        answers.sort();
        let at = |percent: usize| answers[(answers.len() * percent / 100).min(answers.len() - 1)].0;
        Row {
            what,
            clients,
            median: at(50),
            percentile_99: at(99),
            longest: at(100),
            warned: answers.iter().filter(|(_, warned)| *warned).count(),
        }
    }

    fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let name = ServerName::try_from(NAME).expect("a name");
        let tls = ClientConnection::new(Arc::clone(&self.trusted), name).expect("TLS");
        Connection(BufReader::new(StreamOwned::new(tls, stream)))
    }
}

/// A connection that stays open, as that of an API server.
struct Connection(BufReader<StreamOwned<ClientConnection, TcpStream>>);

impl Connection {
    /// Asks, and returns how long the answer took, and whether it has a warning.
    fn ask(&mut self, question: &str) -> (Duration, bool) {
        let begin = Instant::now();
        let length = question.len();
        let request = format!(
            "POST /validate HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{question}"
        );
        self.0.get_mut().write_all(request.as_bytes()).expect("it listens");
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).expect("a head");
            if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = number.trim().parse().expect("a number");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("a body");
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(answer["response"]["allowed"], true);
        (begin.elapsed(), answer["response"]["warnings"].is_array())
    }
}
