//! What comes with an installed program: completions of shells, and manual pages.

use std::{fs, process::Command};

use crate::program::{Folder, run};

fn completions(shell: &str) -> String {
    let answer = run(&["completions", shell]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{shell}");
    answer.stdout
}

/// What bash offers for a beginning of a command line.
fn offered(folder: &Folder, line: &str) -> String {
    let script = folder.file("albatross.bash", completions("bash"));
    let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
    let at = words.len() - 1;
    let ask = format!(
        "source {script}; COMP_WORDS=({}); COMP_CWORD={at}; _albatross albatross {} {}; echo \"${{COMPREPLY[*]}}\"",
        words.join(" "),
        words[at],
        words[at - 1]
    );
    let bash = Command::new("bash").args(["--norc", "-c", &ask]).output().unwrap();
    assert!(bash.status.success(), "{}", String::from_utf8_lossy(&bash.stderr));
    String::from_utf8(bash.stdout).unwrap().trim().to_owned()
}

#[test]
fn bash_completes_commands_flags_and_their_values() {
    let folder = Folder::new("completions");
    assert_eq!(offered(&folder, "albatross sim"), "simulate");
    assert_eq!(offered(&folder, "albatross plan --detailed"), "--detailed-exitcode");
    assert_eq!(offered(&folder, "albatross plan --output "), "text json markdown");
    assert!(offered(&folder, "albatross explain ").contains("ingress request"));
}

#[test]
fn other_shells_get_completions_too_and_a_misspelt_one_is_named() {
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        assert!(completions(shell).contains("what-if"), "{shell}");
    }
    let refused = run(&["completions", "bahs"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("'bahs'") && refused.stderr.contains("bash"), "{}", refused.stderr);
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = Folder::new("manual");
    let to = folder.path("man1");
    let written = run(&["man", "--to", &to]);
    assert_eq!((written.code, written.stderr.as_str()), (0, ""));
    for page in ["albatross.1", "albatross-plan.1", "albatross-explain-request.1", "albatross-policy-new.1"] {
        let text = fs::read_to_string(format!("{to}/{page}")).unwrap();
        assert!(text.contains(".TH albatross"), "{page}: {text}");
    }
    let page = fs::read_to_string(format!("{to}/albatross-plan.1")).unwrap();
    assert!(page.contains("\\-\\-detailed\\-exitcode"), "{page}");
    // A file where the folder should be.
    let refused = run(&["man", "--to", &format!("{to}/albatross.1")]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("albatross.1"), "{}", refused.stderr);
}
