//! Listeners that are open, and clients and backends that speak to them in bytes.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use albatross_contract::{Explanation, HttpRequest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

use crate::{Authority, Backends, Explain, FirstPort, Front, Limits, LocalBalancers};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Explains in one line.
pub fn explain() -> Explain {
    Arc::new(|request: &HttpRequest| {
        Ok(Explanation { headline: format!("about {}", request.path), decisions: Vec::new() })
    })
}

/// Serves listeners on free ports.
pub async fn served(fronts: Vec<Front>, backends: Backends, limits: Limits) -> LocalBalancers {
    let authority = Authority::new().unwrap();
    let mut balancers = LocalBalancers::new(authority, backends, FirstPort::Fixed(0), limits);
    balancers.serve(fronts, &explain()).await.unwrap();
    balancers
}

/// The backend of Service `shop/web`.
pub fn web(address: SocketAddr) -> Backends {
    BTreeMap::from([("shop/web".to_owned(), format!("http://{address}").parse().unwrap())])
}

/// The address of the first listener.
pub fn first(balancers: &LocalBalancers) -> SocketAddr {
    balancers.places()[0].address
}

/// Sends bytes, and reads until the other side ends the connection.
pub async fn exchange(address: SocketAddr, sent: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    rest(&mut stream).await
}

/// Reads until the other side ends the connection.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset after an answer is an end as well.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection ends");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until a text has come.
pub async fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut seen = Vec::new();
    let read = async {
        while !String::from_utf8_lossy(&seen).contains(text) {
            let mut some = [0; 4096];
            let count = stream.read(&mut some).await.unwrap();
            assert!(count > 0, "the connection ended before {text:?}: {}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&some[..count]);
        }
    };
    timeout(PATIENCE, read).await.expect("the text comes");
    String::from_utf8_lossy(&seen).into_owned()
}

/// A request that ends its connection.
pub fn get(path: &str, more: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: shop.example.org\r\nConnection: close\r\n{more}\r\n").into_bytes()
}

/// A backend whose connections a test plays.
pub struct Backend {
    /// Its address.
    pub address: SocketAddr,
    connections: mpsc::Receiver<TcpStream>,
}

impl Backend {
    /// Listens.
    pub async fn listen() -> Backend {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, connections) = mpsc::channel(8);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if sender.send(stream).await.is_err() {
                    return;
                }
            }
        });
        Backend { address, connections }
    }

    /// The next connection.
    pub async fn connection(&mut self) -> TcpStream {
        timeout(PATIENCE, self.connections.recv()).await.expect("a connection comes").unwrap()
    }
}
