//! Reports, as a browser shows them.

use std::fs;

use crate::program::{
    Answer, Folder,
    browser::{Colours, View, look},
    history::History,
    one_per_namespace, run,
    world::{World, ingress},
};

/// A phone, and a laptop.
const WIDTHS: [u32; 2] = [400, 1_280];

/// A fleet of two teams that changes over some passes.
fn history(name: &str) -> History {
    let of = |namespace: &'static str, number: usize| {
        (0..number).map(move |at| {
            ingress(&format!("{namespace}/app-{at}"), &[&format!("{namespace}-{at}.example.org")])
        })
    };
    let mut history = History::new(World::at_rest(name, of("shop", 7).chain(of("tools", 5)).collect()));
    for pass in 0..6 {
        history.pass();
        if pass % 2 == 0 {
            history
                .world
                .ingresses
                .push(ingress(&format!("new/app-{pass}"), &[&format!("new-{pass}.example.org")]));
        }
        history.pause(1);
    }
    history
}

/// Replays with a report.
fn report(path: &str, folder: &Folder, more: &[&str]) -> (Answer, String) {
    let file = folder.path("report.html");
    let answer = run(&[&["replay", path, "--report", &file], more].concat());
    (answer, file)
}

/// What people with a screen reader rely on.
fn assert_is_easy_to_find_ones_way_in(view: &View) {
    assert_eq!((view.landmarks, view.empty_headings), (0, 0));
    let jumps: Vec<_> = view.levels.windows(2).filter(|pair| pair[1] > pair[0] + 1).collect();
    assert!(view.levels.first() == Some(&1) && jumps.is_empty(), "{:?}", view.levels);
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_report_of_a_trial_is_shown_at_every_width_in_light_and_dark_and_loads_nothing() {
    let (folder, history) = (Folder::new("report-trial"), history("report-trial-history"));
    let policy = one_per_namespace(&folder);
    let (answer, file) = report(&history.folder, &folder, &["--policy", &policy]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let mut backgrounds = Vec::new();
    for colours in [Colours::Light, Colours::Dark] {
        let seen = look(&folder, &file, colours, &WIDTHS);
        assert_eq!(seen.console, Vec::<String>::new());
        assert!(seen.requests.is_empty(), "{:?}", seen.requests);
        for view in &seen.views {
            assert!(view.scroll_width <= view.width, "{colours:?}: {} in {}", view.scroll_width, view.width);
            assert_eq!(view.faint, Vec::<String>::new(), "{colours:?}");
            assert_is_easy_to_find_ones_way_in(view);
            let text = one_line(&view.text);
            for expected in [
                "one-per-namespace.wasm",
                "Over time",
                "2026-11, eu-central-1",
                "What differs",
                "tools/app-0",
            ] {
                assert!(text.contains(expected), "{expected:?} is not in {text}");
            }
            assert!(view.all_rows > 10 && view.rows.len() == view.all_rows, "{} rows", view.all_rows);
        }
        backgrounds.push(seen.views[0].background.clone());
    }
    assert_ne!(backgrounds[0], backgrounds[1]);
}

#[test]
fn what_differs_is_filtered_by_the_address() {
    let (folder, history) = (Folder::new("report-filter"), history("report-filter-history"));
    let policy = one_per_namespace(&folder);
    let (_, file) = report(&history.folder, &folder, &["--policy", &policy]);
    let rows = |filter: &str| {
        let seen = look(&folder, &format!("{file}#{filter}"), Colours::Light, &[1_280]);
        assert_eq!(seen.console, Vec::<String>::new(), "{filter}");
        let view = seen.views.into_iter().next().expect("one width was asked for");
        let told = format!("{} of {} differences are shown", view.rows.len(), view.all_rows);
        assert!(view.text.contains(&told), "{told:?} is not in {}", view.text);
        view.rows
    };
    let all = rows("");
    let tools = rows("namespace=tools&kind=Ingress");
    assert!(!tools.is_empty() && tools.len() < all.len(), "{tools:?}");
    assert!(tools.iter().all(|row| row.contains("tools/")), "{tools:?}");
    let host = rows("text=TOOLS-3.example.org");
    assert!(!host.is_empty() && host.iter().all(|row| row.contains("tools/app-3")), "{host:?}");
    let actions = rows("kind=action");
    assert!(!actions.is_empty() && actions.iter().all(|row| row.starts_with("action")), "{actions:?}");
    let load_balancer =
        tools[0].split_whitespace().find(|word| word.starts_with("albatross-")).expect("it has one");
    let there = rows(&format!("load-balancer={load_balancer}"));
    assert!(!there.is_empty() && there.len() <= all.len(), "{there:?}");
    assert_eq!(rows("text=nothing-has-this"), Vec::<String>::new());
    assert_eq!(rows("namespace=not-in-this-report"), Vec::<String>::new());
    assert_eq!(rows("fleet"), all, "a link to a part of the page filters nothing");
}

#[test]
fn names_from_outside_are_text_whatever_they_contain() {
    let (folder, mut history) = (Folder::new("report-hostile"), history("report-hostile-history"));
    let file = history.pass_of(|text| {
        *text = text.replace("app-1\"", "app-1<img src=x onerror=alert(1)>\\\"'&\u{202e}\"");
    });
    let (answer, page) = report(file.to_str().expect("the path is UTF-8"), &folder, &[]);
    assert!(!answer.stderr.contains("panicked"), "{}", answer.stderr);
    let written = fs::read_to_string(&page).expect("it was written");
    assert!(!written.contains("<img") && !written.contains('\u{202e}'));
    let seen = look(&folder, &page, Colours::Light, &WIDTHS);
    assert_eq!((seen.console, seen.requests.len()), (Vec::new(), 0));
    let text = seen.views[0].text.clone();
    assert!(
        written.contains("shop/app-1&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\u{fffd}"),
        "{text}"
    );
    assert!(seen.views[0].scroll_width <= 400, "{}", seen.views[0].scroll_width);
}

#[test]
fn a_report_without_a_trial_shows_one_fleet() {
    let (folder, history) = (Folder::new("report-same"), history("report-same-history"));
    let (answer, file) = report(&history.folder, &folder, &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let seen = look(&folder, &file, Colours::Light, &WIDTHS);
    assert_eq!((seen.console, seen.requests.len()), (Vec::new(), 0));
    let text = one_line(&seen.views[1].text);
    assert!(text.contains("6 passes, 2026-11-21 to 2026-11-26: all plans byte-identical"), "{text}");
    assert_is_easy_to_find_ones_way_in(&seen.views[1]);
    assert!(text.contains("Load balancers at 2026-11-26") && !text.contains("What differs"), "{text}");
}

#[test]
fn two_passes_are_shown_side_by_side() {
    let (folder, history) = (Folder::new("report-diff"), history("report-diff-history"));
    let file = folder.path("report.html");
    let files = history.files();
    let [first, last] = [&files[0], &files[5]].map(|path| path.display().to_string());
    let answer = run(&["diff", &first, &last, "--report", &file]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let seen = look(&folder, &file, Colours::Dark, &WIDTHS);
    assert_eq!((seen.console, seen.requests.len()), (Vec::new(), 0));
    assert!(
        seen.views.iter().all(|view| view.scroll_width <= view.width && view.faint.is_empty()),
        "{:?}",
        seen.views
    );
    for expected in ["new/app-0", "In the world", "In the answer"] {
        assert!(seen.views[1].text.contains(expected), "{expected:?} is not in {}", seen.views[1].text);
    }
}

#[test]
fn a_report_replaces_one_that_is_there_and_an_impossible_path_is_an_error() {
    let (folder, history) = (Folder::new("report-path"), history("report-path-history"));
    folder.file("report.html", "an older and longer report");
    let (answer, file) = report(&history.folder, &folder, &[]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(fs::read_to_string(&file).expect("it is there").starts_with("<!DOCTYPE html>"));
    let nowhere = folder.path("nowhere/report.html");
    let answer = run(&["replay", &history.folder, "--report", &nowhere]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains(&format!("error: {nowhere}: cannot be written: ")), "{}", answer.stderr);
}

/// What the other tests rely on: the browser reports what is wrong with a page.
#[test]
fn a_page_with_faults_is_seen_to_have_them() {
    let folder = Folder::new("report-faults");
    let page = folder.file(
        "page.html",
        "<!DOCTYPE html><p style='color: #ccc; width: 900px'>faint and wide</p><img src='http://127.0.0.1:1/x'>\
         <script>throw new Error('broken');</script>",
    );
    let seen = look(&folder, &page, Colours::Light, &WIDTHS);
    assert!(seen.console.iter().any(|line| line.contains("broken")), "{:?}", seen.console);
    assert!(seen.requests.iter().any(|url| url.starts_with("http://127.0.0.1:1/x")), "{:?}", seen.requests);
    assert!(seen.views[0].scroll_width > 400 && seen.views[1].scroll_width == 1_280);
    assert_eq!(seen.views[0].faint, ["faint and wide"]);
}
