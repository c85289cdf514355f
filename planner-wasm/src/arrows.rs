//! Arrows between modules that must never exist.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Modules, each with the modules that it must not import. A module is a file of that name, or a folder with everything
/// in it.
const FORBIDDEN: [(&str, &[&str]); 6] = [
    // The difference depends only on the wanted and the observed state.
    ("diff", &["settings", "network", "nodes", "grouping", "source::claims", "lifecycle::Lifecycle"]),
    // The wanted state knows no actions.
    ("wanted", &["diff", "outcomes", "desired", "explain", "settings::"]),
    // Grouping does not depend on backends.
    ("grouping", &["nodes", "backends", "wanted", "diff", "outcomes", "desired"]),
    ("backends", &["wanted", "diff", "outcomes", "lifecycle"]),
    ("lifecycle", &["wanted", "diff", "outcomes", "desired"]),
    // Modules after `source` know no kind of object.
    ("observed", &["grouping", "wanted", "diff", "lifecycle"]),
];

/// The only modules that may name a mode.
const KNOW_MODES: [&str; 4] = ["source", "terms", "backends", "wanted"];

#[test]
fn no_module_imports_a_forbidden_module() {
    for (path, text) in sources() {
        for (module, others) in FORBIDDEN.iter().filter(|(module, _)| is_in(&path, module)) {
            for other in others.iter() {
                let named = imports(&text).into_iter().find(|import| names(import, other));
                assert_eq!(named, None, "{} of {module} names {other}", path.display());
                let inline = format!("crate::{other}");
                assert!(!text.contains(&inline), "{} of {module} names {inline}", path.display());
            }
        }
        let may = KNOW_MODES.iter().any(|module| is_in(&path, module));
        assert!(may || !text.contains("Mode::"), "{} names a mode", path.display());
    }
}

/// All source files except tests, with their paths below `src`.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap();
            if path.is_dir() {
                folders.push(path);
            } else if !["tests", "testing", "arrows"].contains(&stem) {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                files.push((path.strip_prefix(&root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(files.len() > 60, "the sources are not where they should be");
    files
}

fn is_in(path: &Path, module: &str) -> bool {
    path.starts_with(module) || path == Path::new(&format!("{module}.rs"))
}

/// The `use crate::…` of a file, without line ends and spaces.
fn imports(text: &str) -> Vec<String> {
    let uses = text.split("use crate::").skip(1).filter_map(|rest| rest.split(';').next());
    uses.map(|import| import.split_whitespace().collect()).collect()
}

/// Whether an import names a module of the crate, directly or as an item of a list.
fn names(import: &str, module: &str) -> bool {
    let list = import.strip_prefix('{').unwrap_or(import);
    let mut depth = 0;
    let mut begins = true;
    for (place, letter) in list.char_indices() {
        let rest = &list[place..];
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        if begins && depth == 0 && rest.strip_prefix(module).is_some_and(ends) {
            return true;
        }
        begins = letter == ',';
        depth += i32::from(letter == '{') - i32::from(letter == '}');
    }
    false
}

#[test]
fn an_import_is_found_anywhere_in_a_list() {
    for (import, expected) in [
        ("settings", true),
        ("{budgets::number,settings::check,words}", true),
        ("{observed::{Observed,settings},words}", false),
        ("{settings_file,words}", false),
        ("{words,grouping}", false),
    ] {
        assert_eq!(names(import, "settings"), expected, "{import}");
    }
}
