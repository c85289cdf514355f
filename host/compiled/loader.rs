// The build script copies this text into the generated module, because `unsafe` is allowed nowhere else.

/// The planner that is built with this program.
pub const PLANNER: albatross_engine::BuiltIn =
    albatross_engine::BuiltIn { sha256: albatross_components::PLANNER_SHA256, code_memory: in_place::memory, load };

/// The machine code, with the alignment that the pages of the processors that Albatross is built for can have.
#[repr(C, align(65536))]
struct Aligned<T: ?Sized>(T);

static CODE: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/planner.cwasm")));

#[allow(unsafe_code)]
fn load(engine: &wasmtime::Engine) -> wasmtime::Result<wasmtime::component::Component> {
    // SAFETY: wasmtime does not check machine code before it runs it, so it must have compiled the bytes itself, and nobody
    // may ever change them. The build script compiled them with the wasmtime of this build, and they are a constant of the
    // program. wasmtime refuses code that was compiled by another version, with other settings or for another processor.
    unsafe { in_place::deserialize(engine, &CODE.0) }
}

/// Linux executes the machine code at its place in the program. The kernel then reads only the pages that are needed, drops
/// them when memory is short and shares them between processes; a copy would be 8 MiB of private memory.
#[cfg(target_os = "linux")]
mod in_place {
    use std::{ptr::NonNull, sync::Arc};

    use rustix::mm::{MprotectFlags, mprotect};
    use wasmtime::{CustomCodeMemory, Engine, Result, component::Component};

    struct InPlace;

    impl CustomCodeMemory for InPlace {
        fn required_alignment(&self) -> usize {
            rustix::param::page_size()
        }

        #[allow(unsafe_code)]
        fn publish_executable(&self, code: *const u8, len: usize) -> Result<()> {
            // SAFETY: these are whole pages of a constant that contain nothing but machine code. They stay readable.
            unsafe { mprotect(code.cast_mut().cast(), len, MprotectFlags::READ | MprotectFlags::EXEC) }?;
            Ok(())
        }

        /// It stays executable, for other components that were loaded from it. Nobody can write it.
        fn unpublish_executable(&self, _: *const u8, _: usize) -> Result<()> {
            Ok(())
        }
    }

    #[allow(clippy::unnecessary_wraps)]
    pub(super) fn memory() -> Option<Arc<dyn CustomCodeMemory>> {
        Some(Arc::new(InPlace))
    }

    #[allow(unsafe_code)]
    pub(super) unsafe fn deserialize(engine: &Engine, code: &'static [u8]) -> Result<Component> {
        // SAFETY: the caller vouches for the code, and it lives as long as the program.
        unsafe { Component::deserialize_raw(engine, NonNull::from(code)) }
    }
}

/// Other systems do not let a program execute its constants.
#[cfg(not(target_os = "linux"))]
mod in_place {
    use std::sync::Arc;

    use wasmtime::{CustomCodeMemory, Engine, Result, component::Component};

    pub(super) fn memory() -> Option<Arc<dyn CustomCodeMemory>> {
        None
    }

    #[allow(unsafe_code)]
    pub(super) unsafe fn deserialize(engine: &Engine, code: &'static [u8]) -> Result<Component> {
        // SAFETY: the caller vouches for the code.
        unsafe { Component::deserialize(engine, code) }
    }
}
