//! A proxy in front of AWS that records what is called, and disturbs it on demand.

mod answers;
mod call;
mod faults;
mod gate;
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

    /// Lets so many more writes be executed, one at least, and then stops: the answer of the last one never comes, and no
    /// other call gets through, until [`Recorder::go_on`]. Calls that wait then wait for good: it is for writers that are
    /// killed meanwhile.
    pub fn stop_after(&self, writes: usize) {
        self.state.lock().gate = Gate::Closing(writes.max(1));
    }

    /// Whether the last of those writes was executed.
    pub fn has_stopped(&self) -> bool {
        matches!(self.state.lock().gate, Gate::Closed)
    }

    /// Lets new calls through again.
    pub fn go_on(&self) {
        self.state.lock().gate = Gate::Open;
    }

    /// From now on, lets only calls through that these rights allow, such as `ec2:DescribeSubnets`: a call needs the right
    /// of its own name and [those that AWS checks beside it](crate::dependent_rights). Others are denied in AWS's words.
    /// Resources and conditions of a policy are not looked at.
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
    gate: Gate,
    /// Absent: everything is allowed.
    rights: Option<BTreeSet<String>>,
}

impl State {
    /// The first right that a call needs and its caller lacks.
    fn lacks(&self, call: &Call) -> Option<String> {
        let rights = self.rights.as_ref()?;
        let own = format!("{}:{}", call.service, call.action);
        let others = dependent_rights(&own).iter().map(|right| (*right).to_owned());
        iter::once(own).chain(others).find(|right| !rights.contains(right))
    }
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
