//! The ports of this machine on which listeners are served.

use std::{io, net::Ipv4Addr, net::SocketAddr};

use tokio::net::TcpListener;

use crate::error::Error;

/// A listener on port 443 is served on port 8443.
const BASE: u16 = 8000;
/// How many ports are tried before any free port is taken.
const TRIES: u16 = 100;

/// Which ports are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstPort {
    /// That of the listener plus 8000: 8080 for HTTP, 8443 for HTTPS. If another program uses the port, the next free one.
    OfListener,
    /// This one, and those after it. 0: any free ports.
    Fixed(u16),
}

/// The ports in the order in which they are handed out.
#[derive(Debug)]
pub struct Ports {
    first: FirstPort,
    /// How many were handed out.
    given: u16,
}

impl Ports {
    /// None was handed out yet.
    pub fn new(first: FirstPort) -> Ports {
        Ports { first, given: 0 }
    }

    /// Listens for a listener with this port.
    ///
    /// # Errors
    /// The port that a person asked for cannot be used, or no port can.
    pub async fn listen(&mut self, port: u16) -> Result<TcpListener, Error> {
        match self.first {
            FirstPort::Fixed(0) => bind(0).await,
            FirstPort::Fixed(first) => {
                let next = first.checked_add(self.given).ok_or(Error::NoPort(first))?;
                self.given += 1;
                bind(next).await
            }
            FirstPort::OfListener => {
                let wanted = port.checked_add(BASE).unwrap_or(port);
                for candidate in wanted..=wanted.saturating_add(TRIES) {
                    match bind(candidate).await {
                        Err(Error::Port { source, .. }) if source.kind() == io::ErrorKind::AddrInUse => {}
                        bound => return bound,
                    }
                }
                bind(0).await
            }
        }
    }
}

/// Only this machine reaches the port: what answers there trusts every client.
async fn bind(port: u16) -> Result<TcpListener, Error> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.map_err(|source| Error::Port { address, source })
}

#[cfg(test)]
mod tests;
