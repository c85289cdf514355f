//! Plans as comments on pull requests.

use serde_json::json;

use crate::program::{
    Folder, on_quickstart, quickstart, run,
    world::{World, ingress},
};

/// The lines of a comment that are not in a fenced block.
fn outside_of_fences(comment: &str) -> Vec<&str> {
    let mut fence: Option<String> = None;
    let mut lines = Vec::new();
    for line in comment.lines() {
        let trimmed = line.trim_start();
        let ticks: String = trimmed.chars().take_while(|character| *character == '`').collect();
        match &fence {
            Some(open) if trimmed == open => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            Some(_) => {}
            None => lines.push(line),
        }
    }
    assert_eq!(fence, None, "every fence is closed: {comment}");
    lines
}

/// Every tag that is opened is closed, so that what follows a comment is not swallowed.
fn assert_closed(comment: &str) {
    let outside = outside_of_fences(comment).join("\n");
    for tag in ["details", "summary", "b", "code", "sub"] {
        let number = |text: &str| outside.matches(text).count();
        assert_eq!(number(&format!("<{tag}>")), number(&format!("</{tag}>")), "{tag} in {comment}");
    }
}

#[test]
fn a_comment_begins_with_the_summary_and_folds_each_load_balancer() {
    let answer = on_quickstart(&["plan"], &["--output", "markdown"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let comment = answer.stdout;
    assert!(
        comment.starts_with("### Albatross\n\n**Plan: 2 to create, 0 to change, 0 to delete. "),
        "{comment}"
    );
    assert!(comment.contains("| Load balancers | 2 | 0 | 0 |\n"), "{comment}");
    assert_eq!(comment.matches("<details>").count(), 2, "{comment}");
    assert!(comment.contains("\n+       certificate *.example.org"), "signs are at the beginning: {comment}");
    let problem = comment.find("#### Problems").expect("a host is left out");
    assert!(problem < comment.find("<details>").unwrap(), "problems are above what is folded: {comment}");
    assert_closed(&comment);
    let again = on_quickstart(&["plan"], &["--output", "markdown"]);
    assert_eq!(again.stdout, comment, "the same plan gives the same comment");
}

#[test]
fn the_exit_codes_are_those_of_the_text() {
    let more = ["--output", "markdown", "--detailed-exitcode"];
    assert_eq!(on_quickstart(&["plan"], &more).code, 2);
    let mut world = World::at_rest("comment-at-rest", vec![ingress("shop/a", &["a.example.org"])]);
    let answer = world.run(&["plan"], &more);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    assert!(answer.stdout.contains("\nNo load balancer changes.\n"), "{}", answer.stdout);
    assert!(answer.stdout.len() < 600 && !answer.stdout.contains("<details>"), "{}", answer.stdout);
    world.inventory["account"] = json!("x");
    let answer = world.run(&["plan"], &more);
    assert_eq!(answer.code, 1);
    assert!(answer.stdout.contains("**No plan can be made.**\n\n- **error** "), "{}", answer.stdout);
    assert!(answer.stdout.contains("expected 12 digits"), "{}", answer.stdout);
}

#[test]
fn what_is_withheld_is_on_top_with_the_flag_that_allows_it() {
    let names: Vec<String> = (0..12).map(|number| format!("shop/i{number}")).collect();
    let ingresses = names.iter().map(|name| ingress(name, &[&format!("{}.example.org", &name[5..])]));
    let mut world = World::at_rest("comment-withheld", ingresses.collect());
    for name in &names[..8] {
        world.ingress(name)["metadata"]["annotations"]["kubernetes.io/ingress.class"] = json!("other");
    }
    let comment = world.run(&["plan"], &["--output", "markdown"]).stdout;
    let withheld = comment.find("#### Withheld\n\n- **release** 8 of 12 ").expect("a budget holds them back");
    assert!(comment.find("#### Changes").is_none_or(|at| withheld < at), "{comment}");
    let flag = comment.lines().find(|line| line.starts_with("  --allow-release=")).expect("the flag");
    let allowed = world.run(&["plan"], &["--output", "markdown", flag.trim()]).stdout;
    assert!(!allowed.contains("#### Withheld"), "{allowed}");
    assert!(allowed.contains("| Published DNS names | 0 | 0 | 8 |"), "{allowed}");
    assert!(
        allowed.contains("<code>shop/i0</code> is no longer published; until now it is <code>"),
        "{allowed}"
    );
}

#[test]
fn text_from_manifests_stays_text() {
    let hostile = [
        "</code></summary></details><script>alert(1)</script><img src=x>",
        "`````\n```\n# owned\n- [x](javascript:alert(1)) ![i](https://evil.example/i.png)",
        "@org/team #1 !2 www.evil.example https://evil.example | a | b |\r\n***\u{202e}",
        "${{ github.token }} $(id) $x^2$ <!-- --> &lt;b&gt; \\` ~~~",
    ];
    let mut world = World::new("comment-hostile", Vec::new());
    for (number, text) in hostile.iter().enumerate() {
        let mut one = ingress(&format!("shop/i{number}"), &["a.example.org"]);
        one["metadata"]["annotations"] = json!({
            "zalando.org/aws-load-balancer-scheme": text,
            "zalando.org/aws-load-balancer-ssl-policy": text,
            format!("zalando.org/aws-load-balancer-{text}"): text,
        });
        let mut other = ingress(&format!("shop/j{number}"), &[text]);
        other["metadata"]["annotations"] = json!({"zalando.org/aws-load-balancer-ssl-cert": text});
        let mut group = ingress(&format!("shop/k{number}"), &["b.example.org"]);
        group["metadata"]["annotations"] =
            json!({"kubernetes.io/ingress.class": "alb", "alb.ingress.kubernetes.io/group.name": text});
        world.ingresses.extend([one, other, group]);
    }
    let answer = world.run(&["plan"], &["--output", "markdown"]);
    let comment = answer.stdout;
    assert_closed(&comment);
    let outside = outside_of_fences(&comment);
    assert!(outside.iter().any(|line| line.contains("&#60;script&#62;")), "it is shown: {comment}");
    for line in &outside {
        for bad in ["<script", "<img", "@org", "](", "https://", "www.evil", "<!--", "\u{202e}", "${{", "`"] {
            assert!(!line.contains(bad), "{bad:?} in {line}");
        }
        let known =
            ["### Albatross", "#### Withheld", "#### Problems", "#### Published DNS names", "#### Changes"];
        assert!(!line.trim_start().starts_with('#') || known.contains(line), "{line}");
    }
    // A line of a table has as many cells as its head.
    for row in outside.iter().filter(|line| line.starts_with('|')) {
        assert_eq!(row.matches('|').count(), 5, "{row}");
    }
}

#[test]
fn a_large_plan_fits_into_a_comment_and_says_what_is_left_out() {
    let mut world = World::new("comment-large", Vec::new());
    world.inventory["quotas"]["load-balancers"] = json!(500);
    world.inventory["quotas"]["target-groups-per-auto-scaling-group"] = json!(500);
    for number in 0..120 {
        let mut own = ingress(&format!("shop/i{number}"), &[&format!("i{number}.example.org")]);
        own["metadata"]["annotations"] = json!({"zalando.org/aws-load-balancer-shared": "false"});
        let mut wrong = ingress(&format!("shop/wrong-{number}"), &[&format!("w{number}.example.org")]);
        let scheme = format!("scheme {number} {}", "long ".repeat(2_000));
        wrong["metadata"]["annotations"] = json!({"zalando.org/aws-load-balancer-scheme": scheme});
        world.ingresses.extend([own, wrong]);
    }
    let answer = world.run(&["plan"], &["--output", "markdown"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let comment = answer.stdout;
    assert!(comment.len() <= 60_000 && comment.len() > 30_000, "{}", comment.len());
    assert!(comment.contains("| Load balancers | 120 | 0 | 0 |\n"), "{comment}");
    let note = comment.lines().last().unwrap();
    assert!(note.starts_with("_Not in this comment, since they do not fit: albatross-"), "{note}");
    assert!(note.contains("<code>albatross plan</code> with the same inputs shows everything"), "{note}");
    assert_closed(&comment);
}

#[test]
fn a_manifest_that_cannot_be_read_is_a_problem_in_the_comment() {
    let folder = Folder::new("comment-unreadable");
    let manifest =
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {rules: 17}\n";
    let manifests = folder.file("bad.yaml", manifest);
    let (cloud, settings) = (quickstart("cloud.json"), quickstart("settings.json"));
    let inputs = ["--manifests", &manifests, "--cloud", &cloud, "--settings", &settings];
    let answer = run(&[&["plan", "--output", "markdown"], &inputs[..]].concat());
    assert_eq!(answer.code, 1);
    assert!(answer.stdout.contains("#### Problems\n\n- **error** "), "{}", answer.stdout);
    assert!(answer.stdout.contains("bad.yaml"), "{}", answer.stdout);
}
