//! Ports for servers that cannot choose a free one themselves.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

use crate::TestServerError;

/// A port of the loopback interface that nobody else gets.
///
/// It stays bound here, without listening, and is shared with the server (`SO_REUSEPORT`): were it closed first, another
/// test could get the same number before the server has it. Only sockets that listen get connections.
#[derive(Debug)]
pub(crate) struct Port {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl Port {
    /// Takes a free port.
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
