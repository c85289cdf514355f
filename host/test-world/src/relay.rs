//! A way to the API server that can be cut, and that can fall silent.

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// What the relay does with connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Open,
    /// Connections break, and new ones are closed at once.
    Cut,
    /// Connections stay and nothing passes.
    Silent,
}

/// Passes connections on to a server until it is told otherwise.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    way: watch::Sender<Way>,
    _task: JoinSet<()>,
}

impl Relay {
    /// A relay to a server such as `127.0.0.1:6443`.
    ///
    /// # Panics
    /// The operating system gives no port.
    pub async fn to(server: &str) -> Relay {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let (way, seen) = watch::channel(Way::Open);
        let mut task = JoinSet::new();
        task.spawn(accept(listener, server.to_owned(), seen));
        Relay { port, way, _task: task }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// From now on the server cannot be reached, as when it has ended.
    pub fn cut(&self) {
        self.way.send_replace(Way::Cut);
    }

    /// From now on nothing gets through, and nobody is told, as when a node is cut off.
    pub fn fall_silent(&self) {
        self.way.send_replace(Way::Silent);
    }

    /// The server can be reached again, over new connections.
    pub fn open(&self) {
        self.way.send_replace(Way::Open);
    }
}

async fn accept(listener: TcpListener, server: String, way: watch::Receiver<Way>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(pass(client, server.clone(), way.clone()));
    }
}

async fn pass(mut client: TcpStream, server: String, mut way: watch::Receiver<Way>) {
    let now = *way.borrow_and_update();
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    if now == Way::Open {
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            _ = way.changed() => {}
        }
    }
    // Both ends stay open until the silence is over.
    let _ = way.wait_for(|way| *way != Way::Silent).await;
}
