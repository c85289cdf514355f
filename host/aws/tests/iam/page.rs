//! `deploy/iam.md` says for each right when and why it is used, and which statement grants it.

use std::collections::BTreeSet;

use albatross_aws::{Need, iam_actions};

use crate::policy::{Statement, adopted, policy, recordings, records, web_acls};

const PAGE: &str = include_str!("../../../../deploy/iam.md");

/// The rows of the table whose first column has this heading, without backticks.
fn table(head: &str) -> Vec<Vec<String>> {
    let begin = format!("| {head} |");
    let lines = PAGE.lines().skip_while(|line| !line.starts_with(&begin)).skip(2);
    let rows: Vec<Vec<String>> = lines
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect())
        .collect();
    assert!(!rows.is_empty(), "iam.md has no table with the heading {head}");
    rows
}

/// When a right is needed, in the words of the page.
fn when(need: Need) -> &'static str {
    match need {
        Need::Observe => "observe",
        Need::ProxyMode => "proxy mode",
        Need::RouteMode => "route mode",
        Need::Records => "records",
        Need::WebAcls => "web ACLs",
        Need::Recordings => "recordings",
    }
}

/// The statements of all policies.
fn every_statement() -> Vec<Statement> {
    [policy(), records(), web_acls(), recordings(), adopted()]
        .into_iter()
        .flat_map(|policy| policy.statements)
        .collect()
}

#[test]
fn the_page_has_a_row_for_each_right_with_its_reason_and_its_statements() {
    let all = every_statement();
    let statements = |action: &str| {
        let giving = all.iter().filter(|statement| statement.action.iter().any(|it| it == action));
        giving.map(|statement| statement.sid.clone()).collect::<Vec<_>>().join(", ")
    };
    let mut expected: Vec<(Need, Vec<String>)> = iam_actions()
        .into_iter()
        .map(|action| {
            let statements = statements(&action.name);
            (
                action.need,
                vec![action.name, when(action.need).to_owned(), action.reason.to_owned(), statements],
            )
        })
        .collect();
    expected.sort();
    let expected: Vec<Vec<String>> = expected.into_iter().map(|(_, row)| row).collect();
    assert_eq!(table("action"), expected);
}

#[test]
fn the_page_says_for_each_statement_what_limits_it() {
    let told: Vec<String> = table("statement").into_iter().map(|row| row[0].clone()).collect();
    let there: Vec<String> = every_statement().into_iter().map(|statement| statement.sid).collect();
    assert_eq!(told, there);
}

#[test]
fn the_statements_that_the_page_tells_people_to_keep_exist() {
    let statements: BTreeSet<String> =
        policy().statements.into_iter().map(|statement| statement.sid).collect();
    for row in table("to") {
        for name in row[1].split(" and ").filter(|name| *name != "all") {
            let found = match name.strip_suffix('…') {
                Some(begin) => statements.iter().any(|statement| statement.starts_with(begin)),
                None => statements.contains(name),
            };
            assert!(found, "{name} is no statement");
        }
    }
}
