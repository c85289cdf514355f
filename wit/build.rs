//! Generates the types of the contract from the WIT in this folder.
//!
//! wit-bindgen is used as a library and not as a macro, since only so can each type and member carry attributes:
//! serde with WIT's own names and no unknown field, and (feature `host`) wasmtime's lift and lower. Guest, native
//! planner and host then share one set of types, which is the file format as well.

use std::{env, error::Error, fmt::Write, fs, path::PathBuf};

use heck::{ToSnakeCase, ToUpperCamelCase};

use wit_bindgen_core::{
    Files, WorldGenerator,
    wit_parser::{Resolve, Type, TypeDefKind, TypeOwner},
};

/// Records that are the top of a file: all their lists must be written out, so that a file that lost one is not
/// taken for a world that has none.
const EXPLICIT: &[&str] = &["cluster", "inventory", "plan"];

/// Records whose fields have their default where a file lacks them: a limit that nobody told is AWS's own.
const WITH_DEFAULTS: &[&str] = &["quotas"];

/// Types that derive `Default`, an enum with its first case: resources as AWS and Kubernetes have them, of which a
/// fixture names only what it is about. What reads or converts them names every field, so that none is forgotten.
const DEFAULT: &[&str] = &[
    "endpoint",
    "endpoint-address-type",
    "endpoint-port",
    "endpoint-slice",
    "health-check",
    "hosted-zone",
    "ip-address-type",
    "listener",
    "load-balancer",
    "load-balancer-address",
    "load-balancer-kind",
    "load-balancer-state",
    "metadata",
    "mutual-authentication",
    "protocol",
    "record-set",
    "rule",
    "scheme",
    "service",
    "service-kind",
    "subnet-mapping",
    "target",
    "target-group",
    "target-health",
    "target-type",
    "transport-protocol",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=.");
    let directory = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(&directory)?;
    let world = resolve.select_world(&[package], Some("contract"))?;

    let mut options = wit_bindgen_rust::Opts {
        generate_all: true,
        generate_unused_types: true,
        disable_custom_section_link_helpers: true,
        additional_derive_attributes: [
            "Clone",
            "PartialEq",
            "Eq",
            "PartialOrd",
            "Ord",
            "Hash",
            "serde::Serialize",
            "serde::Deserialize",
        ]
        .map(str::to_owned)
        .to_vec(),
        ..Default::default()
    };
    describe_types(&resolve, &mut options)?;

    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("names.rs"), flat_names(&resolve)?)?;
    for (_, contents) in files.iter() {
        fs::write(out.join("contract.rs"), contents)?;
    }
    Ok(())
}

/// Fills in the attributes of every named type and of its members.
fn describe_types(resolve: &Resolve, options: &mut wit_bindgen_rust::Opts) -> Result<(), Box<dyn Error>> {
    let mut type_attribute = |path: &str, attribute: String| {
        options.additional_type_attributes.push((path.to_owned(), attribute));
    };
    let mut members = Vec::new();
    for (_, definition) in resolve.types.iter() {
        let (Some(name), TypeOwner::Interface(interface)) = (&definition.name, definition.owner) else {
            continue;
        };
        let interface = resolve.id_of(interface).ok_or("an interface has no name")?;
        let path = format!("{interface}/{name}");
        let derive = |kind: &str| {
            format!(
                "#[cfg_attr(feature = \"host\", derive(wasmtime::component::ComponentType, \
                 wasmtime::component::Lift, wasmtime::component::Lower), component({kind}))]"
            )
        };
        let has_default = DEFAULT.contains(&name.as_str());
        if has_default && matches!(definition.kind, TypeDefKind::Record(_) | TypeDefKind::Enum(_)) {
            type_attribute(&path, "#[derive(Default)]".into());
        }
        match &definition.kind {
            TypeDefKind::Record(record) => {
                type_attribute(&path, derive("record"));
                if WITH_DEFAULTS.contains(&name.as_str()) {
                    type_attribute(&path, "#[serde(default)]".into());
                }
                type_attribute(&path, "#[serde(rename_all = \"kebab-case\", deny_unknown_fields)]".into());
                for field in &record.fields {
                    let field_path = format!("{path}.{}", field.name);
                    let mut serde = format!("rename = \"{}\"", field.name);
                    let explicit = EXPLICIT.contains(&name.as_str());
                    if !explicit && is(resolve, field.ty, |kind| matches!(kind, TypeDefKind::List(_))) {
                        serde += ", default, skip_serializing_if = \"Vec::is_empty\"";
                    }
                    if is(resolve, field.ty, |kind| matches!(kind, TypeDefKind::Option(_))) {
                        serde += ", default, skip_serializing_if = \"Option::is_none\"";
                    }
                    members.push((field_path.clone(), format!("#[serde({serde})]")));
                    members.push((field_path, component_name(&field.name)));
                }
            }
            TypeDefKind::Variant(variant) => {
                type_attribute(&path, derive("variant"));
                type_attribute(&path, "#[serde(rename_all = \"kebab-case\")]".into());
                for case in &variant.cases {
                    let case_path = format!("{path}.{}", case.name);
                    members.push((case_path.clone(), format!("#[serde(rename = \"{}\")]", case.name)));
                    members.push((case_path, component_name(&case.name)));
                }
            }
            TypeDefKind::Enum(enumeration) => {
                type_attribute(&path, derive("enum"));
                if let (true, Some(first)) = (has_default, enumeration.cases.first()) {
                    members.push((format!("{path}.{}", first.name), "#[default]".into()));
                }
                for case in &enumeration.cases {
                    let case_path = format!("{path}.{}", case.name);
                    members.push((case_path.clone(), format!("#[serde(rename = \"{}\")]", case.name)));
                    members.push((case_path, component_name(&case.name)));
                }
            }
            _ => {}
        }
    }
    options.additional_member_attributes = members;
    Ok(())
}

/// One `use` for each type from where it is defined, so that the crate has all of them at its root.
fn flat_names(resolve: &Resolve) -> Result<String, Box<dyn Error>> {
    let mut names = String::new();
    for (_, definition) in resolve.types.iter() {
        let (Some(name), TypeOwner::Interface(interface)) = (&definition.name, definition.owner) else {
            continue;
        };
        if matches!(definition.kind, TypeDefKind::Type(Type::Id(_))) {
            continue; // `use` of another interface
        }
        let module = resolve.interfaces[interface].name.as_deref().ok_or("an interface has no name")?;
        writeln!(
            names,
            "pub use crate::generated::albatross::planner::{}::{};",
            module.to_snake_case(),
            name.to_upper_camel_case()
        )?;
    }
    Ok(names)
}

/// The name of a member as components spell it.
fn component_name(name: &str) -> String {
    format!("#[cfg_attr(feature = \"host\", component(name = \"{name}\"))]")
}

/// Whether a type, seen through its aliases, is of a kind.
fn is(resolve: &Resolve, mut ty: Type, test: impl Fn(&TypeDefKind) -> bool) -> bool {
    while let Type::Id(id) = ty {
        match &resolve.types[id].kind {
            TypeDefKind::Type(aliased) => ty = *aliased,
            kind => return test(kind),
        }
    }
    false
}
