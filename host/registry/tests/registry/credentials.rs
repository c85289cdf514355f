//! The configuration of docker, and its credential helpers.

use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

use albatross_registry::{Patience, Puller};

use crate::{
    server::{Server, send, serve_component},
    support::{COMPONENT, folder, good_manifest, pull, puller, reason, reference},
};

/// A registry that user `ann` with the password `secret` may read.
fn registry() -> Server {
    Server::start(|asked, stream| match asked.authorization() {
        Some("Basic YW5uOnNlY3JldA==") => serve_component(asked, stream),
        _ => send(stream, "401 Unauthorized", &["WWW-Authenticate: Basic"], b""),
    })
}

/// A configuration whose credential helper is this script.
fn with_helper(folder: &Path, script: &str) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registry/docker-credential-test");
    let link = folder.join("docker-credential-test");
    if !link.exists() {
        symlink(program, link).unwrap();
    }
    fs::write(folder.join("helper.sh"), script).unwrap();
    fs::write(folder.join("config.json"), r#"{"credsStore": "test"}"#).unwrap();
}

#[test]
fn a_credential_helper_is_asked_for_the_credentials_of_the_host() {
    let folder = folder("helper");
    let registry = registry();
    let asked = folder.join("asked");
    let script = format!(
        r#"test "$1" = get && cat >'{}' && echo '{{"ServerURL": "", "Username": "ann", "Secret": "secret"}}'"#,
        asked.display()
    );
    with_helper(&folder, &script);
    let (pulled, _) = pull(&puller(&folder), &reference(&registry.address, &good_manifest()));
    assert_eq!(pulled.unwrap(), COMPONENT);
    assert_eq!(fs::read_to_string(asked).unwrap(), registry.address);
}

#[test]
fn a_helper_without_credentials_for_the_host_is_no_fault() {
    let folder = folder("helper-none");
    let registry = registry();
    with_helper(&folder, "echo credentials not found in native keychain; exit 1");
    let named = reference(&registry.address, &good_manifest());
    let refused = reason(&puller(&folder), &named);
    assert!(
        refused.contains(" asks for credentials, and ") && refused.contains("config.json has none for "),
        "{refused}"
    );
    // Those in the file count.
    let config = format!(
        r#"{{"credsStore": "test", "auths": {{"{}": {{"username": "ann", "password": "secret"}}}}}}"#,
        registry.address
    );
    fs::write(folder.join("config.json"), config).unwrap();
    assert_eq!(pull(&puller(&folder), &named).0.unwrap(), COMPONENT);
}

#[test]
fn a_helper_that_fails_is_named_with_what_it_says() {
    let folder = folder("helper-fails");
    let registry = registry();
    for (script, told) in [
        ("echo the keychain is locked; exit 1", "the keychain is locked"),
        ("exit 3", "exit status: 3"),
        ("echo hello", "it did not print a user name and a secret in JSON"),
        ("cat /dev/zero", "it printed more than a mebibyte"),
    ] {
        with_helper(&folder, script);
        let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
        assert_eq!(reason, format!("credentials: docker-credential-test failed: {told}"));
    }
}

#[test]
fn a_helper_that_never_ends_is_ended() {
    let folder = folder("helper-hangs");
    let registry = registry();
    let id = folder.join("id");
    let patience = Patience { wait: Duration::from_millis(500), whole: Duration::from_secs(60) };
    let puller = Puller { patience, ..puller(&folder) };
    // The second has no output any more, and goes on.
    for hang in ["exec sleep 600", "exec sleep 600 >/dev/null"] {
        with_helper(&folder, &format!("echo $$ >'{}'; {hang}", id.display()));
        let reason = reason(&puller, &reference(&registry.address, &good_manifest()));
        assert_eq!(reason, "credentials: docker-credential-test did not end within 0.5 s");
        let id = fs::read_to_string(&id).unwrap();
        assert!(!Path::new("/proc").join(id.trim()).exists(), "it was ended");
    }
}

#[test]
fn a_helper_that_is_not_installed_is_named_with_the_file_that_names_it() {
    let folder = folder("helper-missing");
    let registry = registry();
    fs::write(folder.join("config.json"), r#"{"credsStore": "not-installed"}"#).unwrap();
    let reason = reason(&puller(&folder), &reference(&registry.address, &good_manifest()));
    let expected = format!(
        "credentials: {}/config.json names the credential helper docker-credential-not-installed, which does not start: ",
        folder.display()
    );
    assert!(reason.starts_with(&expected), "{reason}");
}

#[test]
fn a_configuration_that_cannot_be_read_is_named() {
    let folder = folder("config-wrong");
    let registry = registry();
    let named = reference(&registry.address, &good_manifest());
    let file = folder.join("config.json");
    let config = file.display();
    fs::write(&file, "{").unwrap();
    let wrong = reason(&puller(&folder), &named);
    let expected = format!("credentials: {config}: not a configuration of docker: line 1, column");
    assert!(wrong.starts_with(&expected), "{wrong}");
    fs::write(&file, format!(r#"{{"auths": {{"{}": "YW5uOnNlY3JldA=="}}}}"#, registry.address)).unwrap();
    let wrong = reason(&puller(&folder), &named);
    assert!(wrong.starts_with(&expected) && !wrong.contains("YW5u"), "a password is not quoted: {wrong}");
    fs::write(&file, format!(r#"{{"auths": {{"{}": {{"auth": "%"}}}}}}"#, registry.address)).unwrap();
    let wrong = reason(&puller(&folder), &named);
    let expected = format!(
        "credentials: {config}: auths.\"{}\".auth is not 'user:password' in base64",
        registry.address
    );
    assert_eq!(wrong, expected);
    fs::write(&file, vec![b' '; 5 << 20]).unwrap();
    assert!(reason(&puller(&folder), &named).contains("larger than 4 MiB"));
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(reason(&puller(&folder), &named).starts_with(&format!("credentials: {config}: ")));
}

#[test]
fn credentials_that_nobody_asks_for_are_not_read() {
    let folder = folder("config-unneeded");
    let registry = Server::start(serve_component);
    fs::write(folder.join("config.json"), "{").unwrap();
    let (pulled, _) = pull(&puller(&folder), &reference(&registry.address, &good_manifest()));
    assert_eq!(pulled.unwrap(), COMPONENT);
}
