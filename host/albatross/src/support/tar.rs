//! Archives in the format ustar (POSIX.1-1988), compressed with Zstandard. The files are few, small and in one folder, so that a crate
//! for archives would bring much more than these two functions need.

use zstd_safe::{CCtx, CParameter, compress_bound};

use crate::error::Error;

/// The unit of an archive.
const BLOCK: usize = 512;
/// An archive ends with two empty blocks.
const END: usize = 2 * BLOCK;

/// A file of an archive.
pub struct File<'a> {
    /// Its path in the archive: at most 100 ASCII characters.
    pub path: String,
    /// Its content.
    pub content: &'a [u8],
}

/// An archive of these files, each changed at this time in seconds since 1970.
pub fn archive(files: &[File<'_>], time: u64) -> Vec<u8> {
    let mut archive = Vec::new();
    for file in files {
        archive.extend_from_slice(&header(file, time));
        archive.extend_from_slice(file.content);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    archive.resize(archive.len() + END, 0);
    archive
}

/// The header: fields of fixed width, numbers in octal.
fn header(file: &File<'_>, time: u64) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| {
        for (place, byte) in header.iter_mut().skip(at).zip(text.bytes()) {
            *place = byte;
        }
    };
    put(0, &file.path.chars().take(100).collect::<String>());
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{:011o}", file.content.len()));
    put(136, &format!("{time:011o}"));
    // The checksum counts itself as spaces.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\0");
    put(263, "00");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    for (place, byte) in header.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
        *place = byte;
    }
    header
}

/// Compresses a file in one frame with a checksum.
///
/// # Errors
/// There is no memory left.
pub fn compress(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = |code| Error::Compression { problem: zstd_safe::get_error_name(code).to_owned() };
    let mut context =
        CCtx::try_create().ok_or_else(|| Error::Compression { problem: "no memory is left".to_owned() })?;
    context.set_parameter(CParameter::CompressionLevel(9)).map_err(failed)?;
    context.set_parameter(CParameter::ChecksumFlag(true)).map_err(failed)?;
    let mut compressed = Vec::with_capacity(compress_bound(bytes.len()));
    context.compress2(&mut compressed, bytes).map_err(failed)?;
    Ok(compressed)
}
