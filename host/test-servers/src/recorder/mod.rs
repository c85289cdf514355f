//! A proxy in front of AWS that records what is called, and disturbs it on demand.

mod answers;
mod call;
mod faults;
mod proxy;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    ops::RangeBounds,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};

pub use call::Call;
pub use faults::Fault;

use crate::TestServerError;
use faults::Faults;

/// A proxy for AWS calls over plain HTTP: its endpoint is used in the place of the upstream's.
///
/// Requests and answers pass unchanged. Signatures are neither checked nor made anew: moto does not look at them.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    state: Arc<Shared>,
    /// Absent while it is being dropped.
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Recorder {
    /// Starts one in front of an endpoint such as `http://127.0.0.1:41753`. It has a thread and a runtime of its own.
    ///
    /// # Errors
    /// The operating system gives no port or thread.
    pub fn start(upstream: &str) -> Result<Recorder, TestServerError> {
        let (listener, runtime) = prepare().map_err(TestServerError::io("cannot start a recorder"))?;
        let address = listener.local_addr().map_err(TestServerError::io("cannot tell a recorder's port"))?;
        let state = Arc::new(Shared::default());
        let (stop, stopped) = oneshot::channel();
        let proxy = proxy::serve(listener, upstream.to_owned(), Arc::clone(&state));
        let thread = thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                runtime.spawn(proxy);
                // The sender's end is no less a reason to stop than its word.
                let _ = runtime.block_on(stopped);
            })
            .map_err(TestServerError::io("cannot start a recorder's thread"))?;
        Ok(Recorder { address, state, running: Some(Running { stop, thread }) })
    }

    /// Where it listens: the endpoint URL to use in the place of the upstream's.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All calls since the start, in the order in which they came.
    pub fn calls(&self) -> Vec<Call> {
        self.state.lock().calls.clone()
    }

    /// From now on, lets a fault happen to calls of an action: to those whose number lies in the range, the next one
    /// being number 1. `1..=1` is the next call alone, `..` every call until [`Recorder::clear_faults`].
    ///
    /// One call has one fault: the one that was asked for last.
    pub fn disturb(&self, action: &str, calls: impl RangeBounds<u64>, fault: Fault) {
        self.state.lock().faults.add(action, calls, fault);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.state.lock().faults = Faults::default();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if let Some(Running { stop, thread }) = self.running.take() {
            // Both fail only when the thread has ended already.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

/// What test and proxy share.
#[derive(Debug, Default)]
struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    faults: Faults,
}

impl Shared {
    /// A panic elsewhere does not make the records worth less.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare() -> io::Result<(TcpListener, Runtime)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    Ok((listener, Builder::new_current_thread().enable_io().enable_time().build()?))
}
