//! What a component is, whether or not it is fit to be a policy.

use std::collections::BTreeSet;

use albatross_contract::{ComponentIdentity, PolicyPoint};
use wasmparser::{KnownCustom, Parser, Payload};
use wasmtime::component::{
    Component,
    types::{ComponentInstance, ComponentItem},
};

use crate::{
    Engine, Role, UnfitComponent, component, point,
    words::{printable, printable_name},
};

/// The contract of this Albatross, as components name it.
pub const CONTRACT: &str = "albatross:planner@0.1.0";

/// What a component is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Its name and the SHA-256 of its bytes.
    pub identity: ComponentIdentity,
    /// Its size in bytes.
    pub size: usize,
    /// The points that it exports, in order.
    pub points: Vec<PolicyPoint>,
    /// The versions of the contract that its imports and exports name, such as [`CONTRACT`].
    pub contracts: Vec<String>,
    /// What it imports and could call. A policy may import nothing.
    pub imports: Vec<Interface>,
    /// What it exports and can be called.
    pub exports: Vec<Interface>,
    /// What made it, as its tools have noted: languages, compilers, generators.
    pub producers: Vec<Producer>,
}

/// An interface with its functions, or a function alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name, such as `albatross:planner/grouping@0.1.0`.
    pub name: String,
    /// Its functions. Empty: it is a function itself.
    pub functions: Vec<String>,
}

/// A tool or language of which a component was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Producer {
    /// `language`, `sdk` or `processed-by` (WebAssembly tool conventions, "Producers section").
    pub field: String,
    /// Its name.
    pub name: String,
    /// Its version. Empty: not noted.
    pub version: String,
}

/// Says what a component is. It is compiled, which may take a second, and not run.
///
/// # Errors
/// [`UnfitComponent`] for what is no component at all, or larger than a policy may be.
pub fn inspect(engine: &Engine, name: &str, bytes: &[u8]) -> Result<Inspection, UnfitComponent> {
    let unfit = |reason| UnfitComponent { role: Role::Policy, component: name.to_owned(), reason };
    let compiled = component::compile(engine, bytes, engine.limits().policy_size).map_err(unfit)?;
    let named = Named::of(&compiled);
    Ok(Inspection {
        identity: component::identity(name, bytes),
        size: bytes.len(),
        points: PolicyPoint::ALL
            .into_iter()
            .filter(|it| component::exports(&compiled, point::interface(*it)))
            .collect(),
        contracts: named.contracts.into_iter().collect(),
        imports: named.imports,
        exports: named.exports,
        producers: producers(bytes).into_iter().collect(),
    })
}

/// What a component names in its type.
#[derive(Default)]
struct Named {
    contracts: BTreeSet<String>,
    imports: Vec<Interface>,
    exports: Vec<Interface>,
}

impl Named {
    fn of(component: &Component) -> Named {
        let engine = component.engine();
        let ty = component.component_type();
        let mut named = Named::default();
        for (name, item) in ty.imports(engine) {
            named.contracts.extend(contract(name));
            named.imports.extend(callable(engine, name, &item.ty));
        }
        for (name, item) in ty.exports(engine) {
            named.contracts.extend(contract(name));
            named.exports.extend(callable(engine, name, &item.ty));
        }
        named
    }
}

/// The package of an interface of the contract, in any version: `albatross:planner@0.1.0`.
fn contract(interface: &str) -> Option<String> {
    let (package, rest) = interface.split_once('/')?;
    let version = rest.split_once('@').map(|(_, version)| printable_name(version));
    let (ours, _) = CONTRACT.split_once('@')?;
    (package == ours).then(|| version.map_or(ours.to_owned(), |version| format!("{ours}@{version}")))
}

/// An import or export, unless it has only types.
fn callable(engine: &wasmtime::Engine, name: &str, item: &ComponentItem) -> Option<Interface> {
    let functions = match item {
        ComponentItem::Type(_) => return None,
        ComponentItem::ComponentInstance(instance) => Some(functions(engine, instance)),
        _ => None,
    };
    match functions {
        Some(functions) if functions.is_empty() => None,
        functions => Some(Interface { name: printable(name), functions: functions.unwrap_or_default() }),
    }
}

/// What an interface has besides types.
fn functions(engine: &wasmtime::Engine, instance: &ComponentInstance) -> Vec<String> {
    let items = instance.exports(engine);
    let callable = items.filter(|(_, item)| !matches!(item.ty, ComponentItem::Type(_)));
    callable.map(|(name, _)| printable(name)).collect()
}

/// The producers of a component and of the modules in it. A section that cannot be read is nobody's concern: no tool needs it.
fn producers(bytes: &[u8]) -> BTreeSet<Producer> {
    let mut producers = BTreeSet::new();
    for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
        let Payload::CustomSection(section) = payload else { continue };
        let KnownCustom::Producers(fields) = section.as_known() else { continue };
        for field in fields.into_iter().map_while(Result::ok) {
            producers.extend(field.values.into_iter().map_while(Result::ok).map(|value| Producer {
                field: field.name.to_owned(),
                name: printable_name(value.name),
                version: printable_name(value.version),
            }));
        }
    }
    producers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_interfaces_of_the_contract_have_a_version_of_it() {
        assert_eq!(contract("albatross:planner/grouping@0.1.0").as_deref(), Some(CONTRACT));
        assert_eq!(contract("albatross:planner/grouping@0.2.0").as_deref(), Some("albatross:planner@0.2.0"));
        assert_eq!(contract("albatross:planner/grouping").as_deref(), Some("albatross:planner"));
        assert_eq!(contract("wasi:clocks/wall-clock@0.2.0"), None);
        assert_eq!(contract("run"), None);
    }
}
