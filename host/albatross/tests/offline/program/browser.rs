//! A browser without windows that looks at a page: at several widths, in light and dark.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use albatross_test_servers::chromium;
use serde::Deserialize;
use serde_json::Value;

use super::Folder;

/// What is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    Dark,
    Light,
}

/// A page as a browser shows it.
#[derive(Debug)]
pub struct Seen {
    /// Errors and warnings of scripts and of the page's own security policy.
    pub console: Vec<String>,
    /// What the browser tried to get from the network.
    pub requests: BTreeSet<String>,
    /// The page in windows of several widths.
    pub views: Vec<View>,
}

/// A page in a window of a certain width.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// The width of the window.
    pub width: u32,
    /// The width of what is in it.
    pub scroll_width: u32,
    /// The text that can be read.
    pub text: String,
    /// The rows that can be filtered, and are shown.
    pub rows: Vec<String>,
    /// How many of such rows there are.
    pub all_rows: usize,
    /// How many regions there are that are landmarks only because a role says so.
    pub landmarks: usize,
    /// The levels of the headings in their order.
    pub levels: Vec<u32>,
    /// Headings of rows and columns without a text.
    pub empty_headings: usize,
    /// Texts with a contrast of less than 4.5 to 1.
    pub faint: Vec<String>,
    /// The colour of the page.
    pub background: String,
}

/// Opens the page in windows of these widths, and measures.
const LOOK: &str = include_str!("browser.js");

/// How long a browser may take.
const LIMIT: Duration = Duration::from_secs(60);

/// No window, and no request but those of the page: a full Chrome asks its maker for updates and more. The sandbox needs rights
/// that containers do not have, and the page is ours.
const QUIET: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
];

/// Looks at a file. `address`: its path, with the part after `#` if there is one.
pub fn look(folder: &Folder, address: &str, colours: Colours, widths: &[u32]) -> Seen {
    let address = serde_json::to_string(address).expect("a text is JSON");
    let script = format!("const address = {address}, widths = {widths:?};\n{LOOK}");
    let page = folder.file("look.html", format!("<!DOCTYPE html><body></body><script>{script}</script>"));
    let network = folder.path("network.json");
    let scheme = if colours == Colours::Dark { 0 } else { 1 };
    let mut browser = Command::new(chromium().expect("scripts/test-servers/chromium.sh was run"));
    browser
        .args(QUIET)
        .arg("--allow-file-access-from-files")
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .arg(format!("--user-data-dir={}", folder.path("profile")))
        .args(["--enable-logging=stderr", &format!("--log-net-log={network}")])
        .args(["--dump-dom", &format!("file://{page}")]);
    let (shown, messages) = output(folder, &mut browser);
    let (_, seen) = shown.split_once("<pre>").expect("the script has measured");
    let (seen, _) = seen.split_once("</pre>").expect("the script has measured");
    let seen = ["&lt;", "&gt;", "&amp;"]
        .iter()
        .zip(["<", ">", "&"])
        .fold(seen.to_owned(), |text, (from, to)| text.replace(from, to));
    Seen {
        console: messages.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect(),
        requests: requests(&network),
        views: serde_json::from_str(&seen).unwrap_or_else(|error| panic!("{error}: {seen}")),
    }
}

/// The output of a browser: what it shows, and its messages. It goes through files, so that a full pipe stops nobody.
fn output(folder: &Folder, browser: &mut Command) -> (String, String) {
    let [shown, messages] = ["shown.html", "messages.txt"].map(|name| folder.path(name));
    let file = |path: &str| File::create(path).expect("the folder can be written");
    let child = browser.stdin(Stdio::null()).stdout(file(&shown)).stderr(file(&messages)).spawn();
    let mut child = child.expect("Chromium starts");
    let begin = Instant::now();
    let status = loop {
        match child.try_wait().expect("it is our child") {
            Some(status) => break Some(status),
            None if begin.elapsed() > LIMIT => break None,
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    if status.is_none() {
        child.kill().and_then(|()| child.wait()).expect("it is our child");
    }
    let read = |path| String::from_utf8_lossy(&fs::read(path).expect("it was written")).into_owned();
    let (shown, messages) = (read(shown), read(messages));
    match status {
        Some(status) => assert!(status.success(), "{messages}"),
        None => panic!("Chromium was not done after {} s: {messages}", LIMIT.as_secs()),
    }
    (shown, messages)
}

/// The addresses in the browser's own log of its network.
fn requests(log: &str) -> BTreeSet<String> {
    let log: Value = serde_json::from_slice(&fs::read(log).expect("there is a log")).expect("it is JSON");
    let events = log["events"].as_array().expect("it has events");
    events.iter().filter_map(|event| event["params"]["url"].as_str()).map(str::to_owned).collect()
}
