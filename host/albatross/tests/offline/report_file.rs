//! What is in the file of a report, and where the file can be.

use std::fs;

use albatross_test_guests::guests;

use crate::program::{
    Answer, Folder,
    history::History,
    one_per_namespace, run,
    world::{World, ingress},
};

fn history(name: &str) -> History {
    let mut history = History::new(World::new(
        name,
        vec![ingress("shop/a", &["a.example.org"]), ingress("tools/b", &["b.example.org"])],
    ));
    history.pass();
    history
}

/// Replays one pass with a report. Returns the report, too.
fn report(folder: &Folder, pass: &str, more: &[&str]) -> (Answer, String) {
    let file = folder.path("report.html");
    let answer = run(&[&["replay", pass, "--report", &file], more].concat());
    let page = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {}", answer.stderr));
    (answer, page)
}

#[test]
fn the_report_of_one_pass_says_what_was_tried_and_why_a_policy_failed() {
    let (folder, history) = (Folder::new("report-single"), history("report-single-history"));
    let file = history.files()[0].display().to_string();
    let policy = folder.file("crashes.wasm", guests::crashes("grouping-policy"));
    let settings = folder.file("settings.json", r#"{"default-scheme": "internal"}"#);
    let (answer, page) = report(&folder, &file, &["--policy", &policy, "--settings", &settings]);
    assert_eq!(answer.code, 1);
    let reason = "policy crashes.wasm failed in grouping: it crashed: ";
    assert!(answer.stderr.contains(reason), "{}", answer.stderr);
    for expected in ["What to look at", reason, "crashes.wasm, other settings"] {
        assert!(page.contains(expected), "{expected:?} is not in {page}");
    }
}

#[test]
fn an_action_that_both_plans_have_with_another_content_is_a_row() {
    let (folder, mut history) = (Folder::new("report-action"), history("report-action-history"));
    let file = history.pass_of(|text| {
        let plan = text.split_off(text.find("\"plan\": {").expect("it has a plan"));
        let actions = plan.find("\"actions\": [").expect("it has actions");
        let (before, actions) = plan.split_at(actions);
        text.push_str(before);
        text.push_str(&actions.replacen("\"reason\": \"", "\"reason\": \"because somebody said so: ", 1));
    });
    let (answer, page) = report(&folder, &file.display().to_string(), &[]);
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    let told = answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("differs in reason"), "{told}");
    assert!(page.contains("data-kind=\"action\"") && page.contains("because somebody said so: "), "{page}");
    assert!(page.contains("What differs: 1 difference<"), "{page}");
}

#[test]
fn a_certificate_with_the_same_name_and_another_arn_is_a_difference() {
    let (folder, mut history) = (Folder::new("report-certificate"), history("report-certificate-history"));
    let file = history.pass_of(|text| {
        let plan = text.split_off(text.find("\"plan\": {").expect("it has a plan"));
        let outcomes = plan.find("\"outcomes\": [").expect("it has outcomes");
        let (before, outcomes) = plan.split_at(outcomes);
        text.push_str(before);
        let begin = outcomes.find("\"certificate\": \"").expect("one is chosen") + 16;
        let end = begin + outcomes[begin..].find('"').expect("it ends");
        let last = outcomes[begin..end].chars().last().expect("it is an ARN");
        let other = if last == '0' { '1' } else { '0' };
        text.push_str(&format!("{}{other}{}", &outcomes[..end - 1], &outcomes[end..]));
    });
    let (answer, page) = report(&folder, &file.display().to_string(), &[]);
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    assert!(page.contains("data-kind=\"Ingress\"") && page.contains("What differs: 1 difference<"), "{page}");
}

#[test]
fn a_report_replaces_no_input_no_recording_and_no_device() {
    let (folder, history) = (Folder::new("report-inputs"), history("report-inputs-history"));
    let policy = one_per_namespace(&folder);
    let settings = folder.file("settings.json", "{}");
    let pass = history.files()[0].display().to_string();
    let inputs = ["--policy", &policy, "--settings", &settings];
    for (replayed, report) in [
        (&history.folder, &policy),
        (&history.folder, &settings),
        (&history.folder, &pass),
        (&pass, &pass),
        (&pass, &settings),
    ] {
        let before = fs::read(report).expect("it is there");
        let answer = run(&[&["replay", replayed, "--report", report], &inputs[..]].concat());
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{report}");
        let told =
            format!("error: {report}: this is an input, which the report would replace; name another file");
        assert!(answer.stderr.contains(&told), "{}", answer.stderr);
        assert_eq!(fs::read(report).expect("it is still there"), before, "{report}");
    }
    let answer = run(&["diff", &pass, &pass, "--report", &pass]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{}", answer.stderr);
    for path in ["/dev/null", &history.folder] {
        let answer = run(&["replay", &pass, "--report", path]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{path}");
        assert!(answer.stderr.contains("not a regular file; name another file"), "{}", answer.stderr);
    }
    // An older report may be among the recordings.
    let inside = format!("{}/report.html", history.folder);
    for _ in 0..2 {
        let answer = run(&["replay", &pass, "--report", &inside]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    }
}

#[test]
fn a_report_that_cannot_be_written_takes_nothing_away_from_the_answer() {
    let (folder, history) = (Folder::new("report-late"), history("report-late-history"));
    // Where the program writes before it gives the file its name.
    fs::create_dir(folder.path(".report.html.tmp")).expect("a folder can be made");
    let (file, pass) = (folder.path("report.html"), history.files()[0].display().to_string());
    for replayed in [&history.folder, &pass] {
        let answer = run(&["replay", replayed, "--report", &file]);
        assert_eq!(answer.code, 1);
        assert!(answer.stdout.contains("byte-identical"), "{}", answer.stdout);
        assert!(answer.stderr.contains(&format!("error: {file}: cannot be written: ")), "{}", answer.stderr);
    }
    let answer = run(&["replay", &history.folder, "--report", &folder.path("nowhere/report.html")]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "what can be known before is said before");
}
