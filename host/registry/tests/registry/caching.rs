//! The cache.

use std::fs;

use albatross_registry::{Cache, Digest};

use crate::{
    server::{Server, serve_component},
    support::{COMPONENT, folder, good_manifest, pull, puller, reason, reference},
};

#[test]
fn what_is_in_the_cache_is_asked_for_only_once() {
    let folder = folder("cache");
    let (puller, server) = (puller(&folder), Server::start(serve_component));
    let named = reference(&server.address, &good_manifest());
    for _ in 0..3 {
        assert_eq!(pull(&puller, &named).0.unwrap(), COMPONENT);
    }
    assert_eq!(server.asked().len(), 2, "the manifest and the layer");
    let mut kept: Vec<String> = fs::read_dir(folder.join("cache/sha256"))
        .unwrap()
        .map(|file| format!("sha256:{}", file.unwrap().file_name().to_string_lossy()))
        .collect();
    kept.sort();
    let manifest = Digest::of(good_manifest().as_bytes()).to_string();
    let mut expected = vec![manifest, Digest::of(COMPONENT).to_string()];
    expected.sort();
    assert_eq!(kept, expected);
}

#[test]
fn a_damaged_file_of_the_cache_is_never_used_and_is_pulled_again() {
    let folder = folder("cache-damaged");
    let (puller, server) = (puller(&folder), Server::start(serve_component));
    let named = reference(&server.address, &good_manifest());
    let file = |content: &[u8]| {
        let digits = Digest::of(content).to_string().replace("sha256:", "");
        folder.join("cache/sha256").join(digits)
    };
    let (manifest, layer) = (file(good_manifest().as_bytes()), file(COMPONENT));
    for (damaged, content) in [
        (&layer, b"\0asm another one".to_vec()),
        (&layer, Vec::new()),
        (&layer, vec![0; 5 << 20]),
        (&manifest, b"{}".to_vec()),
    ] {
        pull(&puller, &named).0.unwrap();
        fs::write(damaged, content).unwrap();
        let (pulled, told) = pull(&puller, &named);
        assert_eq!(pulled.unwrap(), COMPONENT);
        let expected = format!("cache of policies: {}: it is damaged; it is pulled again", damaged.display());
        assert_eq!(told, [expected]);
        assert_eq!(pull(&puller, &named).1, Vec::<String>::new(), "it is whole again");
    }
}

#[test]
fn without_a_registry_a_damaged_file_is_no_component() {
    let folder = folder("cache-alone");
    let (puller, server) = (puller(&folder), Server::start(serve_component));
    let named = reference(&server.address, &good_manifest());
    pull(&puller, &named).0.unwrap();
    let digits = Digest::of(COMPONENT).to_string().replace("sha256:", "");
    fs::write(folder.join("cache/sha256").join(digits), "damaged").unwrap();
    // The same component, in a registry that is away.
    let named = reference("127.0.0.1:1", &good_manifest());
    let (pulled, told) = pull(&puller, &named);
    assert!(pulled.unwrap_err().to_string().contains("127.0.0.1:1 cannot be reached: "));
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn a_cache_that_cannot_be_written_is_a_warning() {
    let folder = folder("cache-unwritable");
    let server = Server::start(serve_component);
    let named = reference(&server.address, &good_manifest());
    // A file is in the place of the folder.
    fs::write(folder.join("cache"), "").unwrap();
    let (pulled, told) = pull(&puller(&folder), &named);
    assert_eq!(pulled.unwrap(), COMPONENT);
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert!(
        told.starts_with(&format!("{named} is not kept for the next time: {}", folder.display())),
        "{told}"
    );
    assert!(told.ends_with("; name a folder for it with --policy-cache"), "{told}");

    let nowhere = albatross_registry::Puller { cache: Cache::default(), ..puller(&folder) };
    let (pulled, told) = pull(&nowhere, &named);
    assert_eq!(pulled.unwrap(), COMPONENT);
    assert!(told[0].contains("neither XDG_CACHE_HOME nor HOME is set"), "{told:?}");
}

#[test]
fn a_manifest_in_the_cache_is_checked_against_the_limit_of_today() {
    let folder = folder("cache-limit");
    let (whole, server) = (puller(&folder), Server::start(serve_component));
    let named = reference(&server.address, &good_manifest());
    pull(&whole, &named).0.unwrap();
    let less = albatross_registry::Puller { most: COMPONENT.len() as u64 - 1, ..whole };
    assert!(reason(&less, &named).starts_with("the component has 16 bytes"), "{}", reason(&less, &named));
}
