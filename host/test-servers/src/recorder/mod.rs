//! A proxy in front of AWS that records calls and injects faults on demand.

mod answers;
mod call;
mod faults;
mod gate;
mod limits;
mod members;
mod proxy;

use std::{
    collections::BTreeSet,
    io, iter,
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

use crate::{TestServerError, dependent_rights};
use faults::Faults;
use gate::Gate;
use limits::Limits;

/// A proxy for AWS calls over plain HTTP. Clients use its endpoint instead of the upstream's.
///
/// Requests and answers pass unchanged. Signatures are neither checked nor renewed: moto ignores them.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    state: Arc<Shared>,
    /// Absent while the recorder is being dropped.
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Recorder {
    /// Starts a recorder in front of an endpoint such as `http://127.0.0.1:41753`, with a separate thread and runtime.
    ///
    /// # Errors
    /// The operating system provides no port or thread.
    pub fn start(upstream: &str) -> Result<Recorder, TestServerError> {
        let (listener, runtime) = prepare().map_err(TestServerError::io("cannot start a recorder"))?;
        let address =
            listener.local_addr().map_err(TestServerError::io("cannot find the port of a recorder"))?;
        let state = Arc::new(Shared::default());
        let (stop, stopped) = oneshot::channel();
        let proxy = proxy::serve(listener, upstream.to_owned(), Arc::clone(&state));
        let thread = thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                runtime.spawn(proxy);
                // Stop also if the sender is dropped without sending.
                let _ = runtime.block_on(stopped);
            })
            .map_err(TestServerError::io("cannot start a recorder's thread"))?;
        Ok(Recorder { address, state, running: Some(Running { stop, thread }) })
    }

    /// The endpoint URL to use instead of the upstream's.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All calls since the start, in the order in which they arrived.
    pub fn calls(&self) -> Vec<Call> {
        self.state.lock().calls.clone()
    }

    /// Injects a fault into the next calls of an action whose number is in the range; the next call has number 1. `1..=1` is
    /// only the next call, `..` is every call until [`Recorder::clear_faults`].
    ///
    /// A call has at most one fault: the last one that was requested.
    pub fn disturb(&self, action: &str, calls: impl RangeBounds<u64>, fault: Fault) {
        self.state.lock().faults.add(action, calls, fault);
    }

    /// Lets this many more writes pass, at least one, and then stops: the last write is executed, but its answer never
    /// comes, and no further call passes until [`Recorder::go_on`]. Calls that arrive in between wait for ever: this is for
    /// writers that the test kills meanwhile.
    pub fn stop_after(&self, writes: usize) {
        self.state.lock().gate = Gate::Closing(writes.max(1));
    }

    /// Whether the last of those writes has been executed.
    pub fn has_stopped(&self) -> bool {
        matches!(self.state.lock().gate, Gate::Closed)
    }

    /// Lets new calls pass again.
    pub fn go_on(&self) {
        self.state.lock().gate = Gate::Open;
    }

    /// From now on, throttles as AWS does: calls beyond the published rate limits of EC2, Elastic Load Balancing and ACM are not
    /// executed, and get the throttling error of the service. All clients share the limits.
    pub fn limit_rates(&self) {
        self.state.lock().limits = Some(Limits::default());
    }

    /// From now on, lets only those calls pass that these rights allow, such as `ec2:DescribeSubnets`: a call needs the right
    /// with its name and its [dependent rights](crate::dependent_rights). Other calls get AWS's error for a denied call.
    /// Resources and conditions of a policy are ignored.
    pub fn allow_only(&self, rights: impl IntoIterator<Item = String>) {
        self.state.lock().rights = Some(rights.into_iter().collect());
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.state.lock().faults = Faults::default();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if let Some(Running { stop, thread }) = self.running.take() {
            // Both fail only if the thread has already ended.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

/// The state that test and proxy share.
#[derive(Debug, Default)]
struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    faults: Faults,
    gate: Gate,
    /// Absent: there are no rate limits.
    limits: Option<Limits>,
    /// Absent: everything is allowed.
    rights: Option<BTreeSet<String>>,
}

impl State {
    /// The first right that a call needs and that the caller lacks.
    fn lacks(&self, call: &Call) -> Option<String> {
        let rights = self.rights.as_ref()?;
        let right = match call.action.as_str() {
            // Named after the first version of the operation.
            "ListObjectsV2" => "ListBucket",
            action => action,
        };
        let own = format!("{}:{right}", call.service);
        let others = dependent_rights(&own).iter().map(|right| (*right).to_owned());
        iter::once(own).chain(others).find(|right| !rights.contains(right))
    }
}

impl Shared {
    /// Locks the state. After a panic in another thread the records are still valid.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare() -> io::Result<(TcpListener, Runtime)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    Ok((listener, Builder::new_current_thread().enable_io().enable_time().build()?))
}
