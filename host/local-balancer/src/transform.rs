//! How rules change a request before it is forwarded.

use albatross_contract::{Rewrite, RuleTransform};
use regex_lite::Regex;

/// What a target sees of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// The Host header. `None`: as the client sent it.
    pub host: Option<String>,
    /// Path and query.
    pub url: String,
}

/// Applies the transforms of a rule to a request for a host and a URL (path and query).
pub fn apply(transforms: &[RuleTransform], host: &str, url: &str) -> Rewritten {
    let mut made = Rewritten { host: None, url: url.to_owned() };
    for transform in transforms {
        match transform {
            RuleTransform::HostHeaderRewrite(rewrites) => made.host = Some(rewritten(rewrites, host)),
            RuleTransform::UrlRewrite(rewrites) => made.url = rewritten(rewrites, &made.url),
            RuleTransform::Other(_) => {}
        }
    }
    if !made.url.starts_with('/') {
        made.url.insert(0, '/');
    }
    made
}

fn rewritten(rewrites: &[Rewrite], text: &str) -> String {
    rewrites.iter().fold(text.to_owned(), |text, rewrite| match Regex::new(&rewrite.regular_expression) {
        Ok(expression) => expression.replace(&text, braced(&rewrite.replacement).as_str()).into_owned(),
        // AWS would have refused it.
        Err(_) => text,
    })
}

/// `$1st` with braces, `${1}st`: AWS's capture groups are single digits, and the library reads on to the end of a word.
fn braced(replacement: &str) -> String {
    let mut out = String::with_capacity(replacement.len());
    let mut rest = replacement.chars().peekable();
    while let Some(character) = rest.next() {
        match (character, rest.peek()) {
            ('$', Some(digit)) if digit.is_ascii_digit() => {
                out.push_str(&format!("${{{digit}}}"));
                rest.next();
            }
            ('$', _) => out.push_str("$$"),
            (other, _) => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite(regular_expression: &str, replacement: &str) -> Vec<Rewrite> {
        vec![Rewrite {
            regular_expression: regular_expression.to_owned(),
            replacement: replacement.to_owned(),
        }]
    }

    #[test]
    fn host_and_url_are_rewritten_with_the_groups_of_the_expression() {
        for (expression, replacement, url, expected) in [
            ("^/cart/(.*)$", "/$1", "/cart/items?page=2", "/items?page=2"),
            ("^/v(\\d)/(.*)", "/$2_v$1st", "/v1/a", "/a_v1st"),
            ("^/cart", "", "/cart", "/"),
            ("^/none", "/x", "/cart", "/cart"),
            ("/a", "/$", "/a", "/$"),
        ] {
            let transforms = [RuleTransform::UrlRewrite(rewrite(expression, replacement))];
            assert_eq!(apply(&transforms, "shop.example.org", url).url, expected, "{expression} {url}");
        }
        let transforms = [RuleTransform::HostHeaderRewrite(rewrite("^([a-z]+)\\..*", "$1.internal"))];
        let made = apply(&transforms, "shop.example.org", "/");
        assert_eq!(made, Rewritten { host: Some("shop.internal".into()), url: "/".into() });
    }
}
