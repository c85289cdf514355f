//! The command line: help, and wrong arguments.

use crate::program::run;

/// Each command and the beginning of its help.
const COMMANDS: [(&[&str], &str); 17] = [
    (&[], "Kubernetes ingress controller for AWS load balancers."),
    (&["simulate"], "Run the whole controller in a simulation, without an AWS account or a cluster"),
    (&["plan"], "Show what would change in AWS, and why"),
    (&["explain"], "Explain a decision"),
    (
        &["explain", "ingress"],
        "Explain the load balancer, certificates and subnets of an Ingress, and why others were not chosen",
    ),
    (&["replay"], "Reproduce recorded plans, or show what other policies or settings would have changed"),
    (
        &["replay", "bisect"],
        "Find the pass at which something began that the last pass has, if it has stayed since",
    ),
    (
        &["diff"],
        "Show what differs between two recorded passes, snapshots or plans: in the world, and in the answer",
    ),
    (
        &["what-if"],
        "Show what more nodes or Ingresses, the loss of a zone or renewed certificates would change, and which quota is hit first",
    ),
    (&["policy"], "Write a policy, and check whether a component is fit to be one"),
    (&["policy", "new"], "Make a project for a new policy, which works and which you change"),
    (&["policy", "check"], "Say what a component decides and needs, and whether it is fit to run"),
    (
        &["adopt"],
        "Take over load balancers of kube-ingress-aws-controller: they keep their names, and no request is answered differently",
    ),
    (&["forget"], "Stop managing load balancers, and delete nothing"),
    (
        &["uninstall"],
        "Remove everything that the controller has created: preview, or with --confirm, removal",
    ),
    (&["schema"], "Print the JSON schema of a file format, such as that of the settings"),
    (&["example"], "Print a file of the built-in example, as a starting point for your own"),
];

#[test]
fn the_help_of_each_command_says_what_it_does() {
    for (command, says) in COMMANDS {
        let answer = run(&[command, &["--help"]].concat());
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{command:?}");
        assert!(answer.stdout.starts_with(says), "{command:?}: {}", answer.stdout);
        let usage = format!("Usage: {} ", [&["albatross"], command].concat().join(" "));
        assert!(answer.stdout.contains(&usage), "{usage:?} is not in {}", answer.stdout);
    }
}

#[test]
fn the_help_of_the_program_names_every_command() {
    let help = run(&["--help"]).stdout;
    for (command, says) in COMMANDS {
        let [command] = command else { continue };
        let line = help.lines().find(|line| line.trim_start().starts_with(command));
        assert!(line.unwrap_or_else(|| panic!("{command} is not in {help}")).ends_with(says), "{help}");
    }
}

#[test]
fn the_help_of_plan_says_what_every_flag_is_for() {
    let help = run(&["plan", "--help"]).stdout;
    let lines: Vec<&str> = help.lines().map(str::trim_start).collect();
    let flags = (0..lines.len()).filter(|at| lines[*at].starts_with('-'));
    assert!(flags.clone().count() > 15, "{help}");
    for at in flags {
        let beside = lines[at].contains("  ");
        let below = lines.get(at + 1).is_some_and(|line| !line.is_empty() && !line.starts_with('-'));
        assert!(beside || below, "{:?} has no description", lines[at]);
    }
}

#[test]
fn an_unknown_flag_is_an_error_that_names_it() {
    for (command, _) in COMMANDS {
        let answer = run(&[command, &["--no-such-flag"]].concat());
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{command:?}");
        assert!(answer.stderr.starts_with("error: "), "{command:?}: {}", answer.stderr);
        assert!(answer.stderr.contains("--no-such-flag"), "{command:?}: {}", answer.stderr);
    }
}

#[test]
fn a_wrong_command_line_is_an_error_and_not_a_change() {
    assert_eq!(run(&["plan", "--detailed-exitcode"]).code, 1);
    assert_eq!(run(&["no-such-command"]).code, 1);
    assert_eq!(run(&[]).code, 1);
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(run(&["--version"]).stdout, concat!("albatross ", env!("CARGO_PKG_VERSION"), "\n"));
}

/// A build without AWS and Kubernetes has no command `run`.
#[cfg(feature = "live")]
mod run_and_flags_of_kube_ingress_aws_controller {
    use crate::program::{Folder, quickstart, run};

    #[test]
    fn settings_out_of_range_end_the_controller_before_it_connects() {
        let folder = Folder::new("out-of-range");
        let settings = folder.file("settings.json", r#"{"idle-timeout": 5000}"#);
        let answer = run(&["run", "--settings", &settings, "--kubeconfig", "nowhere"]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
        assert_eq!(answer.stderr, "error: settings: idle-timeout is 5000; it must be 1 to 4000\n");
    }

    #[test]
    fn its_flags_are_accepted_and_answered_with_the_setting() {
        let manifests = quickstart("first");
        let answer = run(&[
            "run",
            "--once",
            "--manifests",
            &manifests,
            "-target-port=9998",
            "--creation-timeout",
            "5m",
        ]);
        let said = "warning: the settings file with these settings is {\"proxy\":{\"target-port\":9998}}";
        assert!(answer.stderr.contains(said), "{}", answer.stderr);
        assert!(answer.stderr.contains("warning: --creation-timeout does nothing: "), "{}", answer.stderr);
    }

    #[test]
    fn a_flag_without_which_the_controller_would_do_something_else_ends_it_with_the_reason() {
        for (flag, said) in [
            ("--cloudwatch-alarms-config-map=kube-system/alarms", "Albatross creates no alarms"),
            (
                "--target-port=http",
                "'http' is not valid: expected a port, 1 to 65535; the setting is proxy.target-port",
            ),
        ] {
            let answer = run(&["run", flag]);
            assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{flag}");
            assert!(answer.stderr.starts_with("error: --"), "{}", answer.stderr);
            assert!(answer.stderr.contains(said), "{}", answer.stderr);
        }
    }
}

/// Needs a build without AWS and Kubernetes: `cargo test --package albatross --no-default-features --test offline`.
#[cfg(not(feature = "live"))]
mod without_aws_and_kubernetes {
    use crate::program::{quickstart, run};

    #[test]
    fn commands_that_are_left_out_say_so_and_how_to_get_them() {
        for arguments in [
            &["run"][..],
            &["run", "--once", "--manifests", "shop/", "--vpc-id", "vpc-1"],
            &["snapshot"],
            &["snapshot", "shop.json", "--region=eu-central-1"],
        ] {
            let answer = run(arguments);
            assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{arguments:?}");
            let expected = format!("error: `{}` is not part of this build", arguments[0]);
            assert!(answer.stderr.starts_with(&expected), "{}", answer.stderr);
            assert!(answer.stderr.contains("`cargo build --locked`"), "{}", answer.stderr);
        }
    }

    #[test]
    fn no_help_speaks_of_a_kubeconfig() {
        for command in
            [&["--help"][..], &["plan", "--help"], &["explain", "ingress", "--help"], &["run", "--help"]]
        {
            let help = run(command).stdout;
            assert!(!help.contains("kubeconfig"), "{help}");
        }
        assert!(run(&["run", "--help"]).stdout.contains("not part of this build"));
    }

    #[test]
    fn a_plan_without_files_says_which_flags_are_missing() {
        let answer = run(&["plan", "--cluster-uid", "u"]);
        assert!(answer.stderr.contains("pass --manifests"), "{}", answer.stderr);
        let answer = run(&["plan", "--cluster-uid", "u", "--manifests", &quickstart("first")]);
        assert!(answer.stderr.contains("pass --cloud"), "{}", answer.stderr);
    }
}
