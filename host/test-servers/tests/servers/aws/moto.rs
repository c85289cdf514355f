//! moto behaves like AWS.

use std::{path::Path, process::Command};

use albatross_test_servers::{Moto, MotoSettings};

use super::wire::form_call;

const CALLER: &str = "Action=GetCallerIdentity&Version=2011-06-15";
const SUBNETS: &str = "Action=DescribeSubnets&Version=2016-11-15";

#[test]
fn moto_answers_and_ends_when_it_is_dropped() {
    let moto = Moto::start().unwrap();
    let endpoint = moto.endpoint().to_owned();
    let (status, text) = form_call(&endpoint, "test", "sts", CALLER).unwrap();
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("<Account>123456789012</Account>"), "{text}");
    drop(moto);
    form_call(&endpoint, "test", "sts", CALLER).unwrap_err();
}

#[test]
fn lists_come_in_pages_of_the_size_that_is_set() {
    let moto = Moto::start_with(&MotoSettings { page_size: Some(2), ..MotoSettings::default() }).unwrap();
    let (_, first) = form_call(moto.endpoint(), "test", "ec2", SUBNETS).unwrap();
    assert_eq!(first.matches("<subnetId>").count(), 2, "{first}");
    let (_, rest) = first.split_once("<nextToken>").unwrap();
    let (token, _) = rest.split_once('<').unwrap();
    let (_, second) =
        form_call(moto.endpoint(), "test", "ec2", &format!("{SUBNETS}&NextToken={token}")).unwrap();
    assert_eq!(second.matches("<subnetId>").count(), 1, "{second}");
    assert!(!second.contains("<nextToken>"), "{second}");
}

/// Runs the tests of the patches, which use AWS's client for Python.
#[test]
fn patched_moto_behaves_as_the_aws_documentation_says() {
    // A separate server, because these tests empty the account before each test.
    let moto = Moto::start().unwrap();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test-servers/moto");
    let program = std::env::current_exe().unwrap();
    let python = program.ancestors().map(|it| it.join("test-servers/moto/bin/python")).find(|it| it.exists());
    let tests = Command::new(python.unwrap())
        .args([
            "-B",
            "-m",
            "unittest",
            "discover",
            "--top-level-directory",
            ".",
            "--start-directory",
            "tests",
        ])
        .current_dir(sources)
        .env("AWS_ENDPOINT_URL", moto.endpoint())
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&tests.stderr);
    assert!(tests.status.success(), "{report}");
    // Before Python 3.12, unittest succeeds if it finds no tests at all.
    assert!(!report.contains("Ran 0 tests"), "{report}");
}
