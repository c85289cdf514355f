//! The text of a panic.
//!
//! A policy imports nothing, so it cannot print. Before it ends, it writes its text into its memory, after a marker; the host
//! searches for the marker when the policy has crashed. `policies/README.md` describes this for authors of policies, and the
//! SDK does it for policies in Rust.
//!
//! The marker must be in the component too. Otherwise an annotation of an Ingress, which a policy has in its memory, could pose as
//! the text of a policy that leaves none.

use memchr::memmem;
use wasmtime::{Store, WasmCoreDump};

use crate::words::printable;

/// What comes before the text. Long enough to be nowhere by chance.
const MARKER: &[u8] = b"albatross-panic-message:";

/// The longest text that is looked at, in bytes. It ends before at the first byte that is zero.
const LENGTH: usize = 4_096;

/// How many markers are looked at in each memory: compilers may copy the marker, and a memory full of markers must not take time.
const MARKERS: usize = 8;

/// Whether a component may leave a text.
pub(crate) fn leaves_texts(component: &[u8]) -> bool {
    memmem::find(component, MARKER).is_some()
}

/// The text that a guest has left in its memory, without characters that cannot be shown. `None`: it left none.
pub(crate) fn panic_text<D: 'static>(error: &wasmtime::Error, store: &Store<D>) -> Option<String> {
    let dump = error.downcast_ref::<WasmCoreDump>()?;
    dump.memories().iter().find_map(|memory| text(memory.data(store)))
}

fn text(memory: &[u8]) -> Option<String> {
    let markers = memmem::find_iter(memory, MARKER).take(MARKERS);
    markers.map(|at| after(&memory[at + MARKER.len()..])).find(|text| !text.is_empty())
}

fn after(memory: &[u8]) -> String {
    let text = &memory[..memory.len().min(LENGTH)];
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    printable(&String::from_utf8_lossy(&text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[&[u8]]) -> Option<String> {
        text(&parts.concat())
    }

    #[test]
    fn a_text_ends_at_zero_or_with_the_memory() {
        assert_eq!(of(&[b"x", MARKER, b"no team\0rest"]).as_deref(), Some("no team"));
        assert_eq!(of(&[MARKER, b"no team"]).as_deref(), Some("no team"));
        assert_eq!(of(&[b"no team"]), None);
    }

    #[test]
    fn a_marker_without_a_text_is_skipped() {
        assert_eq!(of(&[MARKER]), None);
        assert_eq!(of(&[MARKER, b"\0", MARKER, b" \n\0", MARKER, b"no team\0"]).as_deref(), Some("no team"));
        assert_eq!(
            of(&[&[MARKER, b"\0"].concat().repeat(MARKERS), MARKER, b"no team"]),
            None,
            "not for ever"
        );
    }
}
