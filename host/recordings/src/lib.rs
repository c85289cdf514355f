//! Folders of recorded passes, on this machine or elsewhere: a [`Store`] says how files get there.
//!
//! Each pass is one file, compressed with Zstandard (RFC 8878). Most passes differ little from those before them, so a file
//! holds either a *whole* pass, or a *difference*: a pass that is compressed with the bytes of a whole pass as its prefix. A
//! whole pass and the differences that build upon it are a *group*. The name of a file says when the pass was, and upon which
//! whole pass it builds ([`Name`]). So there is no index that could be wrong, each file is written once and in one step, and
//! the `zstd` program can unpack every file:
//!
//! ```sh
//! zstd -d pass-1795253400-00000001.json.zst
//! zstd -d --patch-from=pass-1795253400-00000001.json \
//!     pass-1795253460-00000002-upon-1795253400-00000001.json.zst
//! ```
//!
//! This crate knows nothing of what is in a pass. It returns exactly the bytes that were recorded: a checksum in each file
//! says so.

mod bounds;
mod copy;
mod error;
mod folder;
mod group;
mod name;
mod packed;
mod recorder;
mod store;
#[cfg(test)]
mod tests;

pub use bounds::Bounds;
pub use copy::{Copy, GroupCopy};
pub use error::{Fault, FolderError, Unusable};
pub use folder::{Folder, read_file, read_file_of};
pub use group::{Group, Reading};
pub use name::{Name, PassId};
pub use recorder::Recorder;
pub use store::{Directory, Lock, Reads, Store, Stored};

/// The largest pass in bytes, unpacked: 512 MiB, enough for about 200,000 Ingresses. What claims to be larger is not unpacked.
pub const LARGEST_PASS: usize = 512 << 20;
