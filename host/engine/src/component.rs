//! Loading: checks whether a component is fit to run.
//!
//! Each check has its own error. Only the last check runs the guest: it starts the component, within the limits.

use albatross_contract::ComponentIdentity;
use sha2::{Digest, Sha256};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker, types::ComponentItem};

use crate::{Engine, Limits, Role, Unfit, engine::Trust, store::Held};

/// A component whose imports are linked.
pub(crate) struct Prepared<D: 'static> {
    pub(crate) identity: ComponentIdentity,
    pub(crate) limits: Limits,
    /// Whether the fuel of the component is counted.
    pub(crate) metered: bool,
    /// Whether it may leave a text in its memory when it panics.
    pub(crate) leaves_texts: bool,
    pub(crate) instance: InstancePre<Held<D>>,
}

/// Checks the bytes of a custom component, which may have `limit` bytes, and compiles it. This may take seconds, so a control
/// loop must not do it.
pub(crate) fn compile(engine: &Engine, bytes: &[u8], limit: usize) -> Result<Component, Unfit> {
    if bytes.is_empty() {
        return Err(Unfit::Empty);
    }
    if bytes.len() > limit {
        return Err(Unfit::TooLarge { size: bytes.len(), limit });
    }
    if wasmtime::Engine::detect_precompiled(bytes).is_some() {
        return Err(Unfit::NativeCode);
    }
    // WebAssembly begins with eight bytes: a magic number, a version, and whether it is a core module or a component.
    if !bytes.starts_with(b"\0asm") {
        return Err(Unfit::NotWebAssembly);
    }
    if bytes.starts_with(b"\0asm\x01\0\0\0") {
        return Err(Unfit::CoreModule);
    }
    // Not `Component::new`, which would accept the text format as well.
    Component::from_binary(engine.custom()?, bytes).map_err(|source| Unfit::Broken { source: source.into() })
}

/// Refuses any import that could be called and is not in `allowed`. Interfaces with types only may be imported: a component
/// refers to the types of the contract in this way.
pub(crate) fn check_imports(component: &Component, role: Role, allowed: &[&str]) -> Result<(), Unfit> {
    let engine = component.engine();
    for (import, item) in component.component_type().imports(engine) {
        let harmless = match item.ty {
            ComponentItem::Type(_) => true,
            ComponentItem::ComponentInstance(instance) => {
                instance.exports(engine).all(|(_, export)| matches!(export.ty, ComponentItem::Type(_)))
            }
            _ => false,
        };
        if !harmless && !allowed.contains(&import) {
            return Err(Unfit::ForbiddenImport { role, import: import.to_owned() });
        }
    }
    Ok(())
}

/// Whether a component exports an interface.
pub(crate) fn exports(component: &Component, interface: &str) -> bool {
    component.get_export_index(None, interface).is_some()
}

/// The index of an exported function.
pub(crate) fn function(
    component: &Component,
    interface: &str,
    function: &str,
) -> Result<ComponentExportIndex, Unfit> {
    component
        .get_export_index(None, interface)
        .and_then(|interface| component.get_export_index(Some(&interface), function))
        .ok_or_else(|| Unfit::MissingExport { export: format!("{interface}.{function}") })
}

/// Links the imports of a component.
pub(crate) fn prepare<D>(
    engine: &Engine,
    trust: Trust,
    identity: ComponentIdentity,
    component: &Component,
    linker: &Linker<Held<D>>,
) -> Result<Prepared<D>, Unfit> {
    Ok(Prepared {
        identity,
        limits: engine.limits().clone(),
        metered: trust == Trust::Custom,
        leaves_texts: false,
        instance: linker
            .instantiate_pre(component)
            .map_err(|source| Unfit::OtherContract { source: source.into() })?,
    })
}

/// The identity of a component in messages and bundles.
pub(crate) fn identity(name: &str, bytes: &[u8]) -> ComponentIdentity {
    let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    ComponentIdentity { name: name.to_owned(), sha256 }
}
