//! Recordings of a running controller, in a folder or a bucket.
//!
//! They are written beside the passes: a disk or a bucket that is slow, full, missing or forbidden neither stops a pass nor
//! slows it. A few passes wait; when there are more, the newest is left out and counted.

use std::{
    fs,
    io::{self, ErrorKind},
    mem::{Discriminant, discriminant},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use albatross_aws::{Aws, AwsError, BucketAddress, BucketFolder, ErrorClass};
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

/// How long a replica that gives up leading waits for passes that are being written.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How long a program that runs once waits for them: as long as S3 may take with all attempts for one of them.
pub const LONG_PATIENCE: Duration = Duration::from_secs(120);

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
    counts: Arc<Counts>,
    metrics: Arc<Metrics>,
}

/// Passes that are not written.
#[derive(Default)]
struct Counts {
    /// Those that wait.
    waiting: AtomicUsize,
    /// Those that never will be: they could not be written, or were left out.
    lost: AtomicUsize,
    /// Whether passes are left out, which is told once until the writer has caught up.
    falls_behind: AtomicBool,
}

/// What the writer does next. Only passes are counted and left out.
enum Order {
    /// Look whether the place can be read.
    Look,
    Record {
        time: u64,
        bundle: Vec<u8>,
    },
    /// Leave the place to another process, and say so.
    Close(oneshot::Sender<()>),
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
            Arc::new(BucketFolder::new(aws.clone(), address, Handle::current())?)
        } else {
            fs::create_dir_all(place)
                .map_err(|source| Error::Unwritable { path: place.to_owned(), source })?;
            Arc::new(Directory::new(place))
        };
        let (writer, orders) = unbounded_channel();
        let recordings = Recordings { which, writer, counts: Arc::default(), metrics: Arc::clone(&metrics) };
        let counts = Arc::clone(&recordings.counts);
        let writing = Writing { store, bounds, recorder: None, trouble: Trouble::default(), counts, metrics };
        tokio::spawn(writing.obey(orders));
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
        if self.counts.waiting.load(Ordering::Relaxed) >= WAITING {
            self.leave_out();
            return Ok(());
        }
        let bundle = bundle(makers, &executed.pass, executed.results.clone())?;
        self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        self.order(Order::Record { time: executed.pass.snapshot.time, bundle });
        Ok(())
    }

    fn leave_out(&self) {
        self.metrics.passes.recorded("left-out");
        self.counts.lost.fetch_add(1, Ordering::Relaxed);
        if !self.counts.falls_behind.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "passes are left out of the recording: {WAITING} wait, because the place answers too slowly or not at all; the \
                 metric albatross_recorded_passes_total counts them"
            );
        }
    }

    /// Waits until all passes are written, but not for longer than this, and leaves the place to another process until the next
    /// pass is recorded. Returns how many passes were not recorded so far.
    pub async fn close(&self, patience: Duration) -> usize {
        let (tell, told) = oneshot::channel();
        self.order(Order::Close(tell));
        let in_time = timeout(patience, told).await.is_ok();
        let waiting = self.counts.waiting.load(Ordering::Relaxed);
        if !in_time && waiting > 0 {
            tracing::warn!(
                waiting,
                "the last passes could not be recorded within {} s: the place answers too slowly or not at all",
                patience.as_secs()
            );
        }
        self.counts.lost.load(Ordering::Relaxed) + waiting
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
    counts: Arc<Counts>,
    metrics: Arc<Metrics>,
}

impl Writing {
    async fn obey(mut self, mut orders: UnboundedReceiver<Order>) {
        let counts = Arc::clone(&self.counts);
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
                counts.waiting.fetch_sub(1, Ordering::Relaxed);
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
            Order::Close(tell) => {
                self.recorder = None;
                // An error: nobody waits any longer.
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
                self.catch_up();
                self.metrics.passes.recorded("written");
                tracing::info!(bundle = %path.display(), "pass recorded");
            }
            Err(error) => {
                self.metrics.passes.recorded("failed");
                self.counts.lost.fetch_add(1, Ordering::Relaxed);
                self.trouble.began(&error);
            }
        }
    }

    /// A pass was written. If no other waits, no more are left out.
    fn catch_up(&self) {
        let is_last = self.counts.waiting.load(Ordering::Relaxed) <= 1;
        if is_last && self.counts.falls_behind.swap(false, Ordering::Relaxed) {
            tracing::info!("no more passes are left out of the recording");
        }
    }
}

/// Why passes are not recorded. Each kind of reason is told once, until a pass is recorded: with two reasons that alternate, each
/// pass would tell another one.
#[derive(Default)]
struct Trouble(Vec<Kind>);

/// What tells errors apart. Their messages do not: those of AWS name the object.
type Kind = (Discriminant<FolderError>, Option<ErrorKind>, Option<ErrorClass>);

impl Trouble {
    fn began(&mut self, error: &FolderError) {
        let kind = kind(error);
        if self.0.contains(&kind) {
            tracing::debug!(%error, "the pass could not be recorded");
        } else {
            tracing::error!(%error, "passes cannot be recorded: the controller goes on without recordings");
            self.0.push(kind);
        }
    }

    fn ended(&mut self) {
        if !self.0.is_empty() {
            tracing::info!("passes are recorded again");
        }
        self.0.clear();
    }
}

fn kind(error: &FolderError) -> Kind {
    let source = match error {
        FolderError::Unreadable { source, .. } | FolderError::Unwritable { source, .. } => Some(source),
        FolderError::InUse { .. } | FolderError::Pass(_) => None,
    };
    let of_aws = source.and_then(|source| source.get_ref()?.downcast_ref::<AwsError>());
    (discriminant(error), source.map(io::Error::kind), of_aws.map(AwsError::class))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> FolderError {
        FolderError::Unwritable { path: "s3://passes/fleet".into(), source: io::Error::other(what) }
    }

    #[test]
    fn each_kind_of_reason_is_told_once_until_a_pass_is_recorded() {
        let invalid = || error(AwsError::NoRegion);
        // Another class, although both are the same to those who know only files.
        let not_called = || error(AwsError::Kept { error: "the bucket is missing".to_owned() });
        let mut trouble = Trouble::default();
        for (error, told) in
            [(invalid(), 1), (not_called(), 2), (invalid(), 2), (not_called(), 2), (error("a disk"), 3)]
        {
            trouble.began(&error);
            assert_eq!(trouble.0.len(), told, "{error}");
        }
        trouble.ended();
        trouble.began(&invalid());
        assert_eq!(trouble.0.len(), 1, "it is told again");
    }
}
