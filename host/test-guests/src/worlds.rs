//! Encodes WebAssembly text as components, with the WIT of the contract.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Record, Resolve, SizeAlign, Type, TypeDefKind};

const WIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");

/// Worlds that the contract does not have: guests that import more than is allowed, or export less than is required.
const OTHER_WORLDS: &str = r#"
package test:guests;

world policy-with-a-clock {
    import wasi:clocks/wall-clock@0.2.0;
    export albatross:planner/policy@0.1.0;
    export albatross:planner/grouping@0.1.0;
}

world planner-with-a-clock {
    import wasi:clocks/wall-clock@0.2.0;
    import albatross:planner/grouping@0.1.0;
    export albatross:planner/planner@0.1.0;
}

world policy-that-asks-a-policy {
    import albatross:planner/subnets@0.1.0;
    export albatross:planner/policy@0.1.0;
    export albatross:planner/grouping@0.1.0;
}

world policy-without-a-point {
    export albatross:planner/policy@0.1.0;
}

world point-without-a-description {
    export albatross:planner/grouping@0.1.0;
}

world policy-for-two-points {
    export albatross:planner/policy@0.1.0;
    export albatross:planner/subnets@0.1.0;
    export albatross:planner/grouping@0.1.0;
}
"#;

const CLOCK: &str = "
package wasi:clocks@0.2.0;
interface wall-clock { now: func() -> u64; }
";

/// Another contract: the same names with other types.
const OTHER_CONTRACT: &str = "
package albatross:planner@0.1.0;
interface policy {
    describe: func() -> string;
    validate-settings: func(settings: string) -> bool;
}
interface grouping { group: func(settings: string) -> string; }
world grouping-policy { export policy; export grouping; }
";

/// A component of a world of the contract, or of a world that only tests have.
pub fn component(world: &str, text: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (contract, _) = resolve.push_dir(WIT).unwrap();
    resolve.push_str("clock.wit", CLOCK).unwrap();
    let tests = resolve.push_str("tests.wit", OTHER_WORLDS).unwrap();
    encode(&resolve, &[contract, tests], world, text)
}

/// A component for the other contract, which has the same names with other types.
pub fn component_of_another_contract(world: &str, text: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let contract = resolve.push_str("other.wit", OTHER_CONTRACT).unwrap();
    encode(&resolve, &[contract], world, text)
}

/// The offset of a field in a record of the contract, in the layout of the canonical ABI. The path is a record, then the
/// nested fields.
pub fn offset(path: &[&str]) -> usize {
    let mut resolve = Resolve::default();
    resolve.push_dir(WIT).unwrap();
    let mut sizes = SizeAlign::default();
    sizes.fill(&resolve);
    let (top, fields) = path.split_first().unwrap();
    let mut ty = resolve
        .types
        .iter()
        .find(|(_, ty)| ty.name.as_deref() == Some(top) && matches!(ty.kind, TypeDefKind::Record(_)))
        .map(|(id, _)| Type::Id(id))
        .unwrap();
    let mut offset = 0;
    for name in fields {
        let record = record(&resolve, ty);
        let types = record.fields.iter().map(|field| &field.ty);
        let (place, field) = sizes
            .field_offsets(types)
            .into_iter()
            .zip(&record.fields)
            .find_map(|((place, _), field)| (field.name == *name).then_some((place, field)))
            .unwrap();
        offset += place.size_wasm32();
        ty = field.ty;
    }
    offset
}

/// The number of a case of a variant of the contract.
pub fn case(variant: &str, name: &str) -> u32 {
    let mut resolve = Resolve::default();
    resolve.push_dir(WIT).unwrap();
    let cases = resolve.types.iter().find_map(|(_, ty)| match &ty.kind {
        TypeDefKind::Variant(cases) if ty.name.as_deref() == Some(variant) => Some(&cases.cases),
        _ => None,
    });
    let number = cases.unwrap().iter().position(|case| case.name == name).unwrap();
    u32::try_from(number).unwrap()
}

/// The record behind a type, following `use` of other interfaces.
fn record(resolve: &Resolve, ty: Type) -> &Record {
    let Type::Id(id) = ty else { panic!("{ty:?} is not a record") };
    match &resolve.types[id].kind {
        TypeDefKind::Record(record) => record,
        TypeDefKind::Type(aliased) => record(resolve, *aliased),
        kind => panic!("{kind:?} is not a record"),
    }
}

/// A core module from WebAssembly text.
pub fn core_module(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn encode(resolve: &Resolve, packages: &[wit_parser::PackageId], world: &str, text: &str) -> Vec<u8> {
    let mut core = core_module(text);
    let world = packages
        .iter()
        .find_map(|package| resolve.packages[*package].worlds.get(world))
        .unwrap_or_else(|| panic!("no world {world}"));
    embed_component_metadata(&mut core, resolve, *world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().validate(true).module(&core).unwrap().encode().unwrap()
}
