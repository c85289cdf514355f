//! Recordings of a running controller, in a folder or a bucket.
//!
//! They are written beside the passes: a disk or a bucket that is slow, full, missing or forbidden neither stops a pass nor
//! slows it. A few passes wait; when there are more, the newest is left out and counted.

use std::{
    fs,
    io::ErrorKind,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use albatross_aws::{Aws, BucketAddress, BucketFolder};
use albatross_recordings::{Bounds, Directory, FolderError, Recorder, Store};
use clap::ValueEnum;
use tokio::{
    runtime::Handle,
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    task::spawn_blocking,
    time::timeout,
};

use super::{executed::Executed, metrics::Metrics};
use crate::{error::Error, inputs::places::is_in_bucket, pass::Makers, recorder::bundle};

/// How many passes wait to be written at most, which bounds their memory: a pass of 1,000 Ingresses takes 3 MB.
const WAITING: usize = 4;

/// How long the end of the program waits for passes that are being written.
const PATIENCE: Duration = Duration::from_secs(5);

/// Passes that are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RecordedPasses {
    /// Passes with an action, or with a status to write
    Changes,
    /// All passes
    All,
}

/// Where passes are recorded.
#[derive(Clone)]
pub struct Recordings {
    which: RecordedPasses,
    writer: UnboundedSender<Order>,
    /// The passes that wait.
    waiting: Arc<AtomicUsize>,
    metrics: Arc<Metrics>,
}

/// What the writer does next. Only passes are counted and left out.
enum Order {
    /// Look whether the place can be read.
    Look,
    Record {
        time: u64,
        bundle: Vec<u8>,
    },
    /// Leave the place to another process.
    Close,
    /// Say that everything before is done.
    Tell(oneshot::Sender<()>),
}

impl Recordings {
    /// Records into a folder, which is created if it does not exist, or into a bucket, which need not be there yet. Needs a
    /// runtime.
    ///
    /// # Errors
    /// The folder cannot be created, or the address of the bucket is none.
    pub fn new(
        place: &Path,
        which: RecordedPasses,
        bounds: Bounds,
        (aws, metrics): (&Aws, Arc<Metrics>),
    ) -> Result<Recordings, Error> {
        let store: Arc<dyn Store> = if is_in_bucket(place) {
            let address = BucketAddress::parse(&place.to_string_lossy())?;
            Arc::new(BucketFolder::new(aws.clone(), address, Handle::current()))
        } else {
            fs::create_dir_all(place)
                .map_err(|source| Error::Unwritable { path: place.to_owned(), source })?;
            Arc::new(Directory::new(place))
        };
        let (writer, orders) = unbounded_channel();
        let recordings = Recordings { which, writer, waiting: Arc::default(), metrics: Arc::clone(&metrics) };
        let waiting = Arc::clone(&recordings.waiting);
        let writing = Writing { store, bounds, recorder: None, trouble: Trouble::default(), metrics };
        tokio::spawn(writing.obey(orders, waiting));
        // The first pass to be recorded may be days away.
        recordings.order(Order::Look);
        Ok(recordings)
    }

    /// Whether a pass is recorded.
    pub fn wants(&self, executed: &Executed) -> bool {
        self.which == RecordedPasses::All || executed.changes_something()
    }

    /// Has a pass recorded. It is left out if too many wait.
    ///
    /// # Errors
    /// None in practice: every pass can be written as JSON.
    pub fn add(&self, makers: &Makers, executed: &Executed) -> Result<(), Error> {
        if self.waiting.load(Ordering::Relaxed) >= WAITING {
            self.metrics.recorded("left-out");
            tracing::debug!("a pass is not recorded: {WAITING} wait to be written");
            return Ok(());
        }
        let bundle = bundle(makers, &executed.pass, executed.results.clone())?;
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.order(Order::Record { time: executed.pass.snapshot.time, bundle });
        Ok(())
    }

    /// Leaves the place to another process, until the next pass is recorded.
    pub fn close(&self) {
        self.order(Order::Close);
    }

    /// Waits until all passes are written, but not for long.
    pub async fn finish(&self) {
        let (tell, told) = oneshot::channel();
        self.order(Order::Tell(tell));
        if timeout(PATIENCE, told).await.is_err() {
            tracing::warn!("the last passes could not be recorded in time");
        }
    }

    fn order(&self, order: Order) {
        // The writer ends only with the program.
        let _ = self.writer.send(order);
    }
}

/// The side that writes.
struct Writing {
    store: Arc<dyn Store>,
    bounds: Bounds,
    /// It is opened at the first pass: a replica that does not lead leaves a shared place alone.
    recorder: Option<Recorder>,
    trouble: Trouble,
    metrics: Arc<Metrics>,
}

impl Writing {
    async fn obey(mut self, mut orders: UnboundedReceiver<Order>, waiting: Arc<AtomicUsize>) {
        while let Some(order) = orders.recv().await {
            let is_pass = matches!(order, Order::Record { .. });
            // In another thread: a disk blocks.
            let done = spawn_blocking(move || {
                self.follow(order);
                self
            });
            match done.await {
                Ok(writing) => self = writing,
                // A panic has told itself. The controller does its work without recordings.
                Err(_) => return,
            }
            if is_pass {
                waiting.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    fn follow(&mut self, order: Order) {
        match order {
            Order::Look => {
                if let Err(source) = self.store.list() {
                    self.trouble
                        .began(&FolderError::Unreadable { path: self.store.place().to_owned(), source });
                }
            }
            Order::Record { time, bundle } => self.record(time, &bundle),
            Order::Close => self.recorder = None,
            Order::Tell(tell) => {
                // Nobody waits any longer.
                let _ = tell.send(());
            }
        }
    }

    fn record(&mut self, time: u64, bundle: &[u8]) {
        let recorded = match &mut self.recorder {
            Some(recorder) => recorder.record(time, bundle),
            none => Recorder::of(Arc::clone(&self.store), self.bounds)
                .and_then(|recorder| none.insert(recorder).record(time, bundle)),
        };
        match recorded {
            Ok(path) => {
                self.trouble.ended();
                self.metrics.recorded("written");
                tracing::info!(bundle = %path.display(), "pass recorded");
            }
            Err(error) => {
                self.metrics.recorded("failed");
                self.trouble.began(&error);
            }
        }
    }
}

/// Why passes are not recorded, which is told once. Messages of AWS name the object, so only the kind of the error is compared.
#[derive(Default)]
struct Trouble(Option<(std::mem::Discriminant<FolderError>, Option<ErrorKind>)>);

impl Trouble {
    fn began(&mut self, error: &FolderError) {
        let kind = match error {
            FolderError::Unreadable { source, .. } | FolderError::Unwritable { source, .. } => {
                Some(source.kind())
            }
            FolderError::InUse { .. } | FolderError::Pass(_) => None,
        };
        let now = Some((std::mem::discriminant(error), kind));
        if self.0 == now {
            tracing::debug!(%error, "the pass could not be recorded");
        } else {
            tracing::error!(%error, "passes cannot be recorded: the controller goes on without recordings");
        }
        self.0 = now;
    }

    fn ended(&mut self) {
        if self.0.take().is_some() {
            tracing::info!("passes are recorded again");
        }
    }
}
