//! The text of a panic. A component imports nothing, so it cannot print: it leaves the text in its memory, after a marker for
//! which the host searches when the component has crashed. `policies/README.md` describes this for other languages.

use std::{
    fmt::{self, Write},
    hint::black_box,
    panic::{self, PanicHookInfo},
    sync::atomic::{AtomicU8, Ordering},
};

/// The longest text, in bytes. The host shows 1,024 characters.
const LENGTH: usize = 2_048;

/// The memory in which the host searches.
#[repr(C)]
struct Memory {
    marker: [u8; 24],
    /// Ends with a byte that is zero.
    text: [AtomicU8; LENGTH + 1],
}

static MEMORY: Memory =
    Memory { marker: *b"albatross-panic-message:", text: [const { AtomicU8::new(0) }; LENGTH + 1] };

/// From now on, the text of a panic is kept. On other targets than WebAssembly, where the tests of a policy run, a panic is
/// reported as always.
pub(crate) fn keep_texts() {
    if cfg!(target_arch = "wasm32") {
        panic::set_hook(Box::new(keep));
    }
}

fn keep(panic: &PanicHookInfo<'_>) {
    let mut text = Text { length: 0 };
    // A text that does not fit is cut.
    let _ = match panic.location() {
        Some(place) => write!(text, "{place}: {}", words(panic)),
        None => write!(text, "{}", words(panic)),
    };
    // Nothing reads the memory, so the compiler could leave it out.
    black_box(&MEMORY.marker);
    black_box(&MEMORY.text);
}

fn words<'p>(panic: &'p PanicHookInfo<'_>) -> &'p str {
    panic.payload_as_str().unwrap_or("a panic without a text")
}

/// Writes into the memory.
struct Text {
    length: usize,
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fits = &text[..text.floor_char_boundary(LENGTH - self.length)];
        for (place, byte) in MEMORY.text[self.length..].iter().zip(fits.bytes()) {
            place.store(byte, Ordering::Relaxed);
        }
        self.length += fits.len();
        if fits.len() < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, since there is one memory.
    #[test]
    fn a_text_stands_after_the_marker_and_is_cut_between_letters() {
        let kept = |text: &str| {
            MEMORY.text.iter().for_each(|place| place.store(0, Ordering::Relaxed));
            let written = Text { length: 0 }.write_str(text);
            let bytes = MEMORY.text.iter().map(|place| place.load(Ordering::Relaxed));
            (written, bytes.take_while(|byte| *byte != 0).collect::<Vec<u8>>())
        };
        assert_eq!(kept("no team"), (Ok(()), b"no team".to_vec()));
        let (written, bytes) = kept(&"é".repeat(2_000));
        assert_eq!((written, bytes.len()), (Err(fmt::Error), LENGTH));
        let (_, bytes) = kept(&format!("x{}", "é".repeat(2_000)));
        assert_eq!((bytes.len(), std::str::from_utf8(&bytes).is_ok()), (LENGTH - 1, true));
    }
}
