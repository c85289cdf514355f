//! Flags, ports and the end.

use std::{fs, net::TcpListener};

use super::{shop, site::Site};
use crate::program::{Folder, run};

#[test]
fn a_backend_that_cannot_be_used_is_named_before_anything_runs() {
    for (given, expected) in [
        ("shop/cart", "expected a Service and a URL, such as shop/cart=http://127.0.0.1:3000"),
        ("cart=http://127.0.0.1:3000", "'cart' is not a Service, such as shop/cart"),
        ("shop/cart=https://127.0.0.1", "'https://127.0.0.1' does not begin with http://"),
        ("shop/cart=http://127.0.0.1/app", "'http://127.0.0.1/app' has more than a host and a port"),
    ] {
        let answer = run(&["simulate", "--serve", "--backend", given]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{given}");
        assert!(answer.stderr.contains(expected) && answer.stderr.contains(given), "{}", answer.stderr);
    }
    let one = "shop/cart=http://127.0.0.1:3000";
    let answer = run(&["simulate", "--serve", "--backend", one, "--backend", one]);
    assert_eq!(
        answer.stderr,
        "error: --backend shop/cart: the flag is given twice for this Service; leave one of them out\n"
    );
}

#[test]
fn what_does_not_go_together_is_refused() {
    let answer = run(&["simulate", "--serve", "--output", "json"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(answer.stderr.contains("leave out --output json"), "{}", answer.stderr);
    let answer = run(&["simulate", "--serve-port", "9000"]);
    assert!(answer.code == 1 && answer.stderr.contains("--serve"), "{}", answer.stderr);
}

#[test]
fn a_port_that_is_in_use_and_a_file_that_cannot_be_written_are_errors_with_their_names() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let answer = run(&["simulate", "--serve", "--serve-port", &port]);
    assert_eq!(answer.code, 1);
    let expected = format!("error: --serve: 127.0.0.1:{port} cannot be listened on: ");
    assert!(answer.stderr.contains(&expected), "{}", answer.stderr);
    let folder = Folder::new("serve-unwritable");
    let answer =
        run(&["simulate", "--serve", "--serve-port", "0", "--serve-ca", &folder.path("none/ca.pem")]);
    assert!(
        answer.code == 1 && answer.stderr.contains("none/ca.pem: cannot be written"),
        "{}",
        answer.stderr
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_program_and_frees_its_ports() {
    let mut site = Site::start("end", &shop(), &[]);
    let (http, https) = (site.address(80), site.address(443));
    let example = format!(
        "--cacert {} --resolve shop.example.org:{}:127.0.0.1",
        site.folder.path("ca.pem"),
        https.port()
    );
    assert!(site.out().contains(&example), "{}", site.out());
    let manifests = site.folder.path("manifests");
    assert!(site.out().contains(&format!("Watching {manifests} for changes.")), "{}", site.out());
    assert!(
        fs::read_to_string(site.folder.path("ca.pem")).unwrap().starts_with("-----BEGIN CERTIFICATE-----")
    );
    assert_eq!(site.interrupt().code(), Some(0), "{}", site.err());
    assert_eq!(site.err(), "");
    TcpListener::bind(http).unwrap();
}
