//! Generates the types of the contract from the WIT in this folder.
//!
//! wit-bindgen is used as a library and not as a macro, because only the library can give attributes to each type and
//! member: serde with the names of the WIT and without unknown fields, and (feature `host`) wasmtime's lift and lower.
//! So guest, native planner and host share one set of types, which is the file format as well.

use std::{env, error::Error, fmt::Write, fs, path::PathBuf};

use heck::{ToSnakeCase, ToUpperCamelCase};

use wit_bindgen_core::{
    Files, WorldGenerator,
    wit_parser::{Docs, Field, Resolve, Type, TypeDefKind, TypeOwner},
};

/// Records at the top level of a file: their lists must be present, so that a file that lost a list is not taken for an
/// empty list. A list may be absent if its comment in the WIT says what its absence means.
const EXPLICIT: &[&str] = &["cluster", "inventory", "plan"];

/// Records whose fields have defaults and which may be absent as a whole: quotas that a file does not contain are those
/// of AWS.
const WITH_DEFAULTS: &[&str] = &["quotas"];

/// Types that derive `Default`, an enum with its first case: settings that may all be absent, and plans, resources of AWS and
/// Kubernetes and questions to policies, of which a fixture sets only the relevant fields. Code that reads or converts these
/// names every field, so that none is forgotten.
const DEFAULT: &[&str] = &[
    "certificate",
    "certificate-input",
    "certificate-kind",
    "certificate-status",
    "endpoint",
    "endpoint-address-type",
    "endpoint-port",
    "endpoint-slice",
    "grouping-answer",
    "grouping-input",
    "grouping-load-balancer",
    "grouping-member",
    "health-check",
    "hosted-zone",
    "ip-address-type",
    "listener",
    "load-balancer",
    "load-balancer-address",
    "load-balancer-kind",
    "load-balancer-state",
    "metadata",
    "mode",
    "mutual-authentication",
    "network-settings",
    "object-kind",
    "object-name",
    "plan",
    "pod",
    "pod-phase",
    "protocol",
    "readiness-gate",
    "record-set",
    "rule",
    "scheme",
    "service",
    "service-kind",
    "subnet-candidate",
    "subnet-input",
    "subnet-mapping",
    "target",
    "target-group",
    "target-health",
    "target-type",
    "tenancy-rule",
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
    fs::write(out.join("shapes.rs"), shapes(&resolve)?)?;
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
                    if may_be_absent(resolve, name, field) {
                        serde += ", default";
                    }
                    let explicit = EXPLICIT.contains(&name.as_str());
                    if !explicit && is(resolve, field.ty, |kind| matches!(kind, TypeDefKind::List(_))) {
                        serde += ", skip_serializing_if = \"Vec::is_empty\"";
                    }
                    if is(resolve, field.ty, |kind| matches!(kind, TypeDefKind::Option(_))) {
                        serde += ", skip_serializing_if = \"Option::is_none\"";
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

/// One `use` for each type from the interface that defines it, so that the crate has all types at its root.
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

/// Every type as data, for the JSON schema and for messages that say what was expected.
fn shapes(resolve: &Resolve) -> Result<String, Box<dyn Error>> {
    let mut types = std::collections::BTreeMap::new();
    for (_, definition) in resolve.types.iter() {
        let (Some(name), TypeOwner::Interface(_)) = (&definition.name, definition.owner) else {
            continue;
        };
        let shape = match &definition.kind {
            TypeDefKind::Type(Type::Id(_)) => continue, // `use` of another interface
            TypeDefKind::Type(ty) => shape(resolve, *ty)?,
            TypeDefKind::Record(record) => {
                let mut fields = String::new();
                for field in &record.fields {
                    write!(
                        fields,
                        "Field {{ name: {:?}, about: {:?}, shape: {}, required: {} }}, ",
                        field.name,
                        about(&field.docs),
                        shape(resolve, field.ty)?,
                        !WITH_DEFAULTS.contains(&name.as_str()) && !may_be_absent(resolve, name, field)
                    )?;
                }
                format!("Shape::Record(&[{fields}])")
            }
            TypeDefKind::Enum(enumeration) => {
                let names: Vec<&str> = enumeration.cases.iter().map(|case| case.name.as_str()).collect();
                format!("Shape::Enum(&{names:?})")
            }
            TypeDefKind::Variant(variant) => {
                let mut cases = String::new();
                for case in &variant.cases {
                    let content = match case.ty {
                        Some(ty) => format!("Some({})", shape(resolve, ty)?),
                        None => "None".to_owned(),
                    };
                    write!(
                        cases,
                        "Case {{ name: {:?}, about: {:?}, content: {content} }}, ",
                        case.name,
                        about(&case.docs)
                    )?;
                }
                format!("Shape::Variant(&[{cases}])")
            }
            _ => return Err(format!("the type {name} is of a kind that files do not support yet").into()),
        };
        types.insert(name.clone(), format!("({name:?}, {:?}, {shape}),", about(&definition.docs)));
    }
    let types = types.into_values().collect::<Vec<_>>().join("\n");
    Ok(format!("static TYPES: &[(&str, &str, Shape)] = &[\n{types}\n];\n"))
}

/// The shape of a type where it is used.
fn shape(resolve: &Resolve, ty: Type) -> Result<String, Box<dyn Error>> {
    Ok(match ty {
        Type::Bool => "Shape::Boolean".to_owned(),
        Type::U8 => "Shape::Number { most: u8::MAX as u64 }".to_owned(),
        Type::U16 => "Shape::Number { most: u16::MAX as u64 }".to_owned(),
        Type::U32 => "Shape::Number { most: u32::MAX as u64 }".to_owned(),
        Type::U64 => "Shape::Number { most: u64::MAX }".to_owned(),
        Type::String => "Shape::Text".to_owned(),
        Type::Id(id) => match (&resolve.types[id].kind, &resolve.types[id].name) {
            (TypeDefKind::List(item), _) => format!("Shape::List(&{})", shape(resolve, *item)?),
            (TypeDefKind::Option(content), _) => format!("Shape::Optional(&{})", shape(resolve, *content)?),
            (TypeDefKind::Type(aliased @ Type::Id(_)), _) => shape(resolve, *aliased)?,
            (_, Some(name)) => format!("Shape::Named({name:?})"),
            (kind, None) => return Err(format!("files do not support {kind:?} yet").into()),
        },
        other => return Err(format!("files do not support {other:?} yet").into()),
    })
}

/// A comment of the WIT in one line.
fn about(docs: &Docs) -> String {
    docs.contents.as_deref().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a field of a record may be absent in a file.
fn may_be_absent(resolve: &Resolve, record: &str, field: &Field) -> bool {
    let is_list = is(resolve, field.ty, |kind| matches!(kind, TypeDefKind::List(_)));
    let is_option = is(resolve, field.ty, |kind| matches!(kind, TypeDefKind::Option(_)));
    let says_so = || field.docs.contents.as_deref().is_some_and(|comment| comment.contains("Absent"));
    let has_default = named(resolve, field.ty).is_some_and(|name| WITH_DEFAULTS.contains(&name));
    is_option || has_default || (is_list && (!EXPLICIT.contains(&record) || says_so()))
}

/// The name of a type, seen through its aliases.
fn named(resolve: &Resolve, ty: Type) -> Option<&str> {
    let Type::Id(id) = ty else { return None };
    match resolve.types[id].kind {
        TypeDefKind::Type(aliased @ Type::Id(_)) => named(resolve, aliased),
        _ => resolve.types[id].name.as_deref(),
    }
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
