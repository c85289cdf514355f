//! A relay to the API server whose connections a test can cut or stall.

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// How the relay treats connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Open,
    /// Connections break, and new connections are closed at once.
    Cut,
    /// Connections stay open, and nothing passes.
    Silent,
}

/// Passes connections on to a server until the test cuts or stalls them.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    way: watch::Sender<Way>,
    /// The number of connections through which data may pass.
    passing: watch::Sender<usize>,
    _task: JoinSet<()>,
}

impl Relay {
    /// A relay to a server such as `127.0.0.1:6443`.
    ///
    /// # Panics
    /// The operating system provides no port.
    pub async fn to(server: &str) -> Relay {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let (way, seen) = watch::channel(Way::Open);
        let passing = watch::Sender::new(0);
        let mut task = JoinSet::new();
        task.spawn(accept(listener, server.to_owned(), seen, passing.clone()));
        Relay { port, way, passing, _task: task }
    }

    /// The URL of the relay.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// From now on the server cannot be reached, as if it had ended.
    pub async fn cut(&self) {
        self.close(Way::Cut).await;
    }

    /// From now on no data passes, while connections stay open, as if a node were cut off from the network.
    pub async fn fall_silent(&self) {
        self.close(Way::Silent).await;
    }

    /// Closes the way, and waits until every connection has noticed it: until then data could still pass.
    async fn close(&self, way: Way) {
        self.way.send_replace(way);
        // Fails only if the relay is dropped, which is borrowed here.
        let _ = self.passing.subscribe().wait_for(|passing| *passing == 0).await;
    }

    /// The server can be reached again, over new connections.
    pub fn open(&self) {
        self.way.send_replace(Way::Open);
    }
}

async fn accept(
    listener: TcpListener,
    server: String,
    way: watch::Receiver<Way>,
    passing: watch::Sender<usize>,
) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(pass(client, server.clone(), way.clone(), passing.clone()));
    }
}

async fn pass(
    mut client: TcpStream,
    server: String,
    mut way: watch::Receiver<Way>,
    passing: watch::Sender<usize>,
) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    passing.send_modify(|passing| *passing += 1);
    let is_open = *way.borrow_and_update() == Way::Open;
    let mut has_ended = false;
    if is_open {
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => has_ended = true,
            _ = way.changed() => {}
        }
    }
    passing.send_modify(|passing| *passing -= 1);
    if has_ended {
        return;
    }
    // Both ends stay open until the silence ends.
    let _ = way.wait_for(|way| *way != Way::Silent).await;
}
