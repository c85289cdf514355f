//! The listeners that are open on this machine, and what they serve at the moment.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU32},
};

use albatross_contract::{Explanation, HttpRequest};
use rustls::{
    ServerConfig,
    crypto::ring,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

use crate::{
    authority::Authority,
    backend::Backends,
    error::Error,
    front::Front,
    names,
    ports::{FirstPort, Ports},
    server::{self, Limits},
};

/// Says why a request is answered as it is, or why that is not known.
pub type Explain = Arc<dyn Fn(&HttpRequest) -> Result<Explanation, String> + Send + Sync>;

/// How many explanations are made at a time: each of them is a whole plan.
const EXPLANATIONS: usize = 2;

/// What a listener serves.
pub(crate) struct Serving {
    /// The listener.
    pub front: Front,
    /// TLS. `None`: plain HTTP.
    pub tls: Option<Arc<ServerConfig>>,
    /// The local ports of all listeners of the load balancer, by port.
    pub ports: BTreeMap<u16, u16>,
    /// The backends.
    pub backends: Arc<Backends>,
    /// Explains answers.
    pub explain: Explain,
    /// One permit for each explanation that may be made at a time.
    pub explanations: Arc<Semaphore>,
    /// Counts the requests.
    pub requests: AtomicU32,
}

/// A listener with its address on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name of the load balancer.
    pub load_balancer: String,
    /// The port of the listener.
    pub listener: u16,
    /// Whether clients speak TLS.
    pub has_tls: bool,
    /// The address.
    pub address: SocketAddr,
}

/// All listeners.
pub struct LocalBalancers {
    authority: Authority,
    backends: Arc<Backends>,
    ports: Ports,
    limits: Limits,
    explanations: Arc<Semaphore>,
    /// By name of the load balancer and port.
    open: BTreeMap<(String, u16), Open>,
}

/// An open listener. When it is dropped, no more connections are accepted, and open ones end after the current request.
struct Open {
    address: SocketAddr,
    serving: watch::Sender<Arc<Serving>>,
}

/// A listener before its ports are known.
struct Prepared {
    front: Front,
    tls: Option<Arc<ServerConfig>>,
}

impl LocalBalancers {
    /// Nothing is open yet.
    pub fn new(authority: Authority, backends: Backends, first: FirstPort, limits: Limits) -> LocalBalancers {
        LocalBalancers {
            authority,
            backends: Arc::new(backends),
            ports: Ports::new(first),
            limits,
            explanations: Arc::new(Semaphore::new(EXPLANATIONS)),
            open: BTreeMap::new(),
        }
    }

    /// From now on, serves these listeners and no others. Those that stay keep their addresses and connections.
    ///
    /// # Errors
    /// A port cannot be opened, or a certificate cannot be made; then everything is served as before.
    pub async fn serve(&mut self, fronts: Vec<Front>, explain: &Explain) -> Result<(), Error> {
        let prepared = fronts.into_iter().map(|front| self.prepare(front)).collect::<Result<Vec<_>, _>>()?;
        let wanted: BTreeSet<(String, u16)> = prepared.iter().map(|it| key(&it.front)).collect();
        let mut bound: BTreeMap<(String, u16), TcpListener> = BTreeMap::new();
        for key in wanted.iter().filter(|key| !self.open.contains_key(*key)) {
            bound.insert(key.clone(), self.ports.listen(key.1).await?);
        }
        self.open.retain(|key, _| wanted.contains(key));
        let mut addresses: BTreeMap<&(String, u16), SocketAddr> =
            self.open.iter().map(|(key, open)| (key, open.address)).collect();
        addresses.extend(bound.iter().filter_map(|(key, listener)| Some((key, listener.local_addr().ok()?))));
        let serving: Vec<Serving> =
            prepared.into_iter().map(|it| self.serving(it, &addresses, explain)).collect();
        for serving in serving {
            let key = key(&serving.front);
            match bound.remove(&key) {
                Some(listener) => {
                    self.open(key, listener, serving);
                }
                None => {
                    if let Some(open) = self.open.get(&key) {
                        open.serving.send_replace(Arc::new(serving));
                    }
                }
            }
        }
        Ok(())
    }

    /// The addresses, by name of the load balancer and port.
    pub fn places(&self) -> Vec<Place> {
        let place = |((load_balancer, listener), open): (&(String, u16), &Open)| Place {
            load_balancer: load_balancer.clone(),
            listener: *listener,
            has_tls: open.serving.borrow().tls.is_some(),
            address: open.address,
        };
        self.open.iter().map(place).collect()
    }

    fn prepare(&self, front: Front) -> Result<Prepared, Error> {
        let tls = if front.has_tls() { Some(Arc::new(self.tls(&front)?)) } else { None };
        Ok(Prepared { front, tls })
    }

    /// TLS with a local certificate in place of each certificate of a listener.
    fn tls(&self, front: &Front) -> Result<ServerConfig, Error> {
        let mut certificates = front.certificates.clone();
        if certificates.is_empty() {
            // The account does not say which names they have.
            certificates.push(vec!["localhost".to_owned()]);
        }
        let keys =
            certificates.iter().map(|names| self.authority.certify(names)).collect::<Result<_, _>>()?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Certificates { names: certificates, keys }));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn serving(
        &self,
        Prepared { front, tls }: Prepared,
        addresses: &BTreeMap<&(String, u16), SocketAddr>,
        explain: &Explain,
    ) -> Serving {
        let its = addresses.iter().filter(|((name, _), _)| *name == front.load_balancer);
        Serving {
            ports: its.map(|((_, port), address)| (*port, address.port())).collect(),
            front,
            tls,
            backends: Arc::clone(&self.backends),
            explain: Arc::clone(explain),
            explanations: Arc::clone(&self.explanations),
            requests: AtomicU32::new(0),
        }
    }

    fn open(&mut self, key: (String, u16), listener: TcpListener, serving: Serving) {
        let Ok(address) = listener.local_addr() else { return };
        let (sender, receiver) = watch::channel(Arc::new(serving));
        tokio::spawn(server::accept(listener, receiver, self.limits));
        self.open.insert(key, Open { address, serving: sender });
    }
}

fn key(front: &Front) -> (String, u16) {
    (front.load_balancer.clone(), front.listener.port)
}

/// The certificates of a listener.
struct Certificates {
    names: Vec<Vec<String>>,
    keys: Vec<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.keys.get(names::chosen(&self.names, hello.server_name())).cloned()
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.names.fmt(formatter)
    }
}

#[cfg(test)]
mod tests;
