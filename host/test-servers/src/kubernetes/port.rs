//! Ports for servers that cannot choose a free one themselves.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

use crate::TestServerError;

/// A reserved port of the loopback interface.
///
/// The port stays bound here, without listening, and is shared with the server (`SO_REUSEPORT`). If it were closed first,
/// another test could get the same number before the server binds it. Only listening sockets get connections.
#[derive(Debug)]
pub(crate) struct Port {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl Port {
    /// Reserves a free port.
    pub(crate) fn reserve() -> Result<Port, TestServerError> {
        let reserve = || {
            let socket = TcpSocket::new_v4()?;
            socket.set_reuseport(true)?;
            socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
            Ok(Port { address: socket.local_addr()?, _socket: socket })
        };
        reserve().map_err(TestServerError::io("cannot reserve a port"))
    }

    /// Address and port.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port.
    pub(crate) fn number(&self) -> u16 {
        self.address.port()
    }
}
