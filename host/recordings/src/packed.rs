//! The bytes of a file: one frame of Zstandard, with its size and a checksum.

use zstd_safe::{CCtx, CParameter, DCtx, compress_bound, get_error_name, get_frame_content_size};

use crate::{LARGEST_PASS, error::Fault};

/// The default level of zstd. Level 9 makes a whole pass a fifth smaller.
const LEVEL: i32 = 3;
/// Windows of zstd: 1 KiB at least, and at most what each decoder accepts without being told to (128 MiB).
const WINDOWS: std::ops::RangeInclusive<u32> = 10..=27;

/// Compresses a pass, as a difference if there is a base.
///
/// # Errors
/// What zstd says; in practice, that there is no memory left.
pub fn pack(pass: &[u8], base: Option<&[u8]>) -> Result<Vec<u8>, Fault> {
    let mut context = CCtx::try_create().ok_or(Fault::OutOfMemory)?;
    let mut set = |parameter| context.set_parameter(parameter).map_err(failed);
    set(CParameter::CompressionLevel(LEVEL))?;
    set(CParameter::ChecksumFlag(true))?;
    if let Some(base) = base {
        // The window reaches from the end of the pass to the beginning of the base. The tables of this level remember only a
        // part of the base, so the matcher for long distances finds the rest.
        set(CParameter::WindowLog(window(base.len().saturating_add(pass.len()))))?;
        set(CParameter::EnableLongDistanceMatching(true))?;
        context.ref_prefix(base).map_err(failed)?;
    }
    let mut packed = Vec::with_capacity(compress_bound(pass.len()));
    context.compress2(&mut packed, pass).map_err(failed)?;
    Ok(packed)
}

/// The logarithm of the smallest window for this many bytes.
fn window(bytes: usize) -> u32 {
    let logarithm = usize::BITS - bytes.saturating_sub(1).leading_zeros();
    logarithm.clamp(*WINDOWS.start(), *WINDOWS.end())
}

/// Unpacks a pass, with the base that it builds upon if it is a difference. The size that the frame states is the most that
/// is ever written.
///
/// # Errors
/// [`Fault::TooLarge`], [`Fault::Foreign`], or [`Fault::Damaged`].
pub fn unpack(packed: &[u8], base: Option<&[u8]>) -> Result<Vec<u8>, Fault> {
    let size = match get_frame_content_size(packed) {
        Ok(Some(size)) => usize::try_from(size).unwrap_or(usize::MAX),
        Ok(None) | Err(_) => return Err(Fault::Foreign),
    };
    if size > LARGEST_PASS {
        return Err(Fault::TooLarge { mebibytes: LARGEST_PASS >> 20 });
    }
    let mut context = DCtx::try_create().ok_or(Fault::OutOfMemory)?;
    if let Some(base) = base {
        context.ref_prefix(base).map_err(failed)?;
    }
    let mut pass = Vec::with_capacity(size);
    context.decompress(&mut pass, packed).map_err(failed)?;
    Ok(pass)
}

fn failed(code: usize) -> Fault {
    Fault::Damaged { message: get_error_name(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(seed: u32) -> Vec<u8> {
        (0..20_000_u32)
            .flat_map(|line| format!("{line}: {}\n", line.wrapping_mul(seed) % 997).into_bytes())
            .collect()
    }

    #[test]
    fn a_pass_comes_out_as_it_went_in() {
        let (base, pass) = (text(1), text(2));
        for bytes in [&[][..], b"{}", &pass] {
            assert_eq!(unpack(&pack(bytes, None).unwrap(), None).unwrap(), bytes);
            assert_eq!(unpack(&pack(bytes, Some(&base)).unwrap(), Some(&base)).unwrap(), bytes);
        }
    }

    #[test]
    fn a_difference_is_small_wherever_the_base_differs() {
        let base = text(7);
        let mut pass = base.clone();
        for at in [10, pass.len() / 2, pass.len() - 10] {
            pass.splice(at..at, *b"something new");
        }
        let difference = pack(&pass, Some(&base)).unwrap();
        assert!(difference.len() < 300, "{} bytes", difference.len());
        assert_eq!(unpack(&difference, Some(&base)).unwrap(), pass);
    }

    #[test]
    fn a_difference_with_another_base_is_damaged() {
        let base = text(1);
        let pass = [base.as_slice(), b"and more"].concat();
        let difference = pack(&pass, Some(&base)).unwrap();
        let mut other = base;
        let middle = other.len() / 2;
        other[middle] ^= 1;
        for base in [None, Some(other.as_slice())] {
            assert!(matches!(unpack(&difference, base), Err(Fault::Damaged { .. })));
        }
    }

    #[test]
    fn no_truncation_and_no_flipped_bit_gives_another_pass() {
        let pass = &text(3)[..2_000];
        let packed = pack(pass, None).unwrap();
        for end in 0..packed.len() {
            assert!(unpack(&packed[..end], None).is_err(), "cut at {end}");
        }
        for at in 0..packed.len() {
            let mut flipped = packed.clone();
            flipped[at] ^= 0x10;
            // Some bits mean nothing: the pass is the same without them.
            assert!(
                unpack(&flipped, None).is_ok_and(|it| it == pass) || unpack(&flipped, None).is_err(),
                "{at}"
            );
        }
        assert!(unpack(&[packed, vec![0]].concat(), None).is_err(), "something follows");
    }

    #[test]
    fn what_would_not_fit_into_memory_is_not_unpacked() {
        // RFC 8878, 3.1.1: magic number, descriptor (single segment, size in eight bytes), and the size.
        let mut packed = vec![0x28, 0xb5, 0x2f, 0xfd, 0xe0];
        packed.extend((LARGEST_PASS as u64 + 1).to_le_bytes());
        assert!(matches!(unpack(&packed, None), Err(Fault::TooLarge { mebibytes: 512 })));
    }

    #[test]
    fn a_frame_that_states_too_small_a_size_writes_no_more() {
        // Here the size, 10, is in one byte. A block of 1,000 equal bytes follows.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 10, 0x43, 0x1f, 0x00, 0xff];
        assert!(matches!(unpack(&frame, None), Err(Fault::Damaged { .. })));
        assert!(matches!(unpack(b"{\"format-version\": 1}", None), Err(Fault::Foreign)));
    }

    #[test]
    fn a_window_reaches_over_everything() {
        assert_eq!((window(0), window(1024), window(1025)), (10, 10, 11));
        assert_eq!((window(3 << 20), window(4 << 20), window(usize::MAX)), (22, 22, 27));
    }
}
