//! A folder of recordings in a bucket.

use std::{
    future::Future,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use albatross_recordings::{Fault, FolderError, LARGEST_PASS, Lock, Reads, Store, Stored};
use bytes::Bytes;
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use tokio::runtime::{Handle, Runtime};

use super::{Bucket, BucketAddress};
use crate::{
    clients::Aws,
    error::{AwsError, ErrorClass},
};

/// How many objects are read or deleted at once: an answer takes some 30 ms, and a pass is planned in 10.
const AT_ONCE: usize = 8;

/// A folder of recordings in a bucket. It blocks, so it must be used outside of the threads that drive the runtime.
///
/// S3 has no locks. No object is ever overwritten, so two recorders do not damage what the other writes. But the bounds hold for all
/// passes of the prefix: each recorder also removes the other's, and a pass that is written in the moment in which its group is
/// removed lacks the whole pass that it builds upon.
#[derive(Clone, Debug)]
pub struct BucketFolder {
    bucket: Bucket,
    address: BucketAddress,
    place: PathBuf,
    runtime: Handle,
    /// Keeps the runtime alive, if nobody else does.
    _own: Option<Arc<Runtime>>,
}

impl BucketFolder {
    /// The folder at an address in a bucket, which is not asked yet.
    ///
    /// # Errors
    /// Those of [`Bucket::new`].
    pub fn new(aws: Aws, address: BucketAddress, runtime: Handle) -> Result<BucketFolder, AwsError> {
        let (bucket, place) = (Bucket::new(aws, &address.bucket)?, PathBuf::from(address.to_string()));
        Ok(BucketFolder { bucket, address, place, runtime, _own: None })
    }

    /// As [`BucketFolder::new`], for a program that does nothing else in this runtime, whose thread is another one.
    ///
    /// # Errors
    /// Those of [`Bucket::new`].
    pub fn with_runtime(
        aws: Aws,
        address: BucketAddress,
        runtime: Runtime,
    ) -> Result<BucketFolder, AwsError> {
        let folder = BucketFolder::new(aws, address, runtime.handle().clone())?;
        Ok(BucketFolder { _own: Some(Arc::new(runtime)), ..folder })
    }

    /// The same folder, as [`Bucket::in_guessed_region`].
    #[must_use]
    pub fn in_guessed_region(self) -> BucketFolder {
        BucketFolder { bucket: self.bucket.in_guessed_region(), ..self }
    }

    /// Waits for S3 in a task of the runtime, and not in the thread that waits.
    fn wait<T: Send + 'static>(
        &self,
        what: impl Future<Output = Result<T, AwsError>> + Send + 'static,
    ) -> io::Result<T> {
        let done = self.runtime.block_on(self.runtime.spawn(what));
        done.map_err(io::Error::other)?.map_err(into_io)
    }
}

impl Store for BucketFolder {
    fn place(&self) -> &Path {
        &self.place
    }

    fn take(&self) -> Result<Lock, FolderError> {
        Ok(Lock::none())
    }

    fn list(&self) -> io::Result<Vec<Stored>> {
        let (bucket, prefix) = (self.bucket.clone(), self.address.key(""));
        let objects = self.wait(async move { bucket.list(&prefix).await })?;
        let prefix = self.address.key("");
        let stored = objects.into_iter().filter_map(|object| {
            // A folder that was made in the console is an object with an empty name.
            let name = object.key.strip_prefix(&prefix).filter(|name| !name.is_empty())?.to_owned();
            Some(Stored { name, bytes: object.bytes })
        });
        Ok(stored.collect())
    }

    fn read(&self, name: &str, most: u64) -> Result<Vec<u8>, Fault> {
        let read = read(self.bucket.clone(), self.address.key(name), most);
        within(self.wait(read)?, most)
    }

    fn read_each(&self, names: Vec<String>, most: u64) -> Reads<'_> {
        let (bucket, address, runtime) = (self.bucket.clone(), self.address.clone(), self.runtime.clone());
        let tasks = stream::iter(names).map(move |name| {
            // In a task, so that it goes on while nobody waits for it.
            runtime.spawn(read(bucket.clone(), address.key(&name), most))
        });
        let reads =
            tasks.buffered(AT_ONCE).map(|done| done.map_err(io::Error::other)?.map_err(into_io)).boxed();
        Box::new(Ahead { reads, runtime: self.runtime.clone(), most })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (bucket, key, content) =
            (self.bucket.clone(), self.address.key(name), Bytes::copy_from_slice(bytes));
        self.wait(async move { bucket.put_new(&key, content).await })
    }

    fn remove(&self, names: &[String]) -> io::Result<()> {
        let keys: Vec<String> = names.iter().map(|name| self.address.key(name)).collect();
        let bucket = self.bucket.clone();
        self.wait(async move {
            let deletes = stream::iter(keys).map(|key| {
                let bucket = bucket.clone();
                async move { bucket.delete(&key).await }
            });
            deletes.buffer_unordered(AT_ONCE).try_collect().await
        })
    }
}

async fn read(bucket: Bucket, key: String, most: u64) -> Result<Vec<u8>, AwsError> {
    bucket.get(&key, most).await
}

/// The objects that are being read, in their order.
struct Ahead {
    reads: BoxStream<'static, io::Result<Vec<u8>>>,
    runtime: Handle,
    most: u64,
}

impl Iterator for Ahead {
    type Item = Result<Vec<u8>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.runtime.block_on(self.reads.next())?;
        Some(read.map_err(Fault::from).and_then(|bytes| within(bytes, self.most)))
    }
}

fn within(bytes: Vec<u8>, most: u64) -> Result<Vec<u8>, Fault> {
    if bytes.len() as u64 > most {
        return Err(Fault::TooLarge { mebibytes: LARGEST_PASS >> 20 });
    }
    Ok(bytes)
}

/// An error of S3, as one of a file.
fn into_io(error: AwsError) -> io::Error {
    let kind = match error.class() {
        ErrorClass::NotFound => io::ErrorKind::NotFound,
        ErrorClass::Denied | ErrorClass::Credentials => io::ErrorKind::PermissionDenied,
        ErrorClass::Conflict => io::ErrorKind::AlreadyExists,
        ErrorClass::Timeout => io::ErrorKind::TimedOut,
        ErrorClass::Unavailable => io::ErrorKind::NetworkUnreachable,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
