//! The grammar of label selectors.

use std::iter::Peekable;

use super::{Requirement, Test};

/// Longest name of a label key, and longest value of a label (Kubernetes documentation, "Labels and Selectors").
const LONGEST_NAME: usize = 63;

/// Longest prefix of a label key: a DNS subdomain.
const LONGEST_PREFIX: usize = 253;

/// A sign, or a word: a key, a value, `in` or `notin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Sign(&'a str),
}

/// What stands in the place of a token that was expected.
fn found(token: Option<Token<'_>>) -> String {
    match token {
        Some(Token::Word(text) | Token::Sign(text)) => format!("found {text:?}"),
        None => "it ends there".to_owned(),
    }
}

/// Reads all requirements of a selector.
pub fn requirements(text: &str) -> Result<Vec<Requirement>, String> {
    let mut reader = Reader { tokens: tokens(text).into_iter().peekable() };
    if reader.tokens.peek().is_none() {
        return Err("is blank, which would select everything".to_owned());
    }
    let mut all = vec![reader.requirement()?];
    while let Some(token) = reader.tokens.next() {
        if token != Token::Sign(",") {
            return Err(format!("a comma is missing after a requirement: {}", found(Some(token))));
        }
        all.push(reader.requirement()?);
    }
    Ok(all)
}

/// The signs and words of a text. A sign needs no blanks around it.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let is_sign = |found: char| "=!(),<>".contains(found);
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if rest.starts_with("==") || rest.starts_with("!=") => 2,
            _ if is_sign(first) => 1,
            _ => rest.find(|found: char| is_sign(found) || found.is_whitespace()).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(if is_sign(first) { Token::Sign(token) } else { Token::Word(token) });
        rest = after.trim_start();
    }
    tokens
}

struct Reader<'a, T: Iterator<Item = Token<'a>>> {
    tokens: Peekable<T>,
}

impl<'a, T: Iterator<Item = Token<'a>>> Reader<'a, T> {
    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.tokens.next_if_eq(&Token::Sign("!")).is_some();
        let key = match self.tokens.next() {
            Some(Token::Word(key)) => key,
            other => return Err(format!("the key of a label is missing: {}", found(other))),
        };
        check_key(key)?;
        let test = if negated { Test::Missing } else { self.test(key)? };
        Ok(Requirement { key: key.to_owned(), test })
    }

    fn test(&mut self, key: &str) -> Result<Test, String> {
        let operator = match self.tokens.peek() {
            None | Some(Token::Sign(",")) => return Ok(Test::Exists),
            Some(Token::Word(text) | Token::Sign(text)) => *text,
        };
        let after = self.tokens.next();
        match operator {
            "=" | "==" => Ok(Test::OneOf(vec![self.value(key)?])),
            "!=" => Ok(Test::NoneOf(vec![self.value(key)?])),
            "in" => Ok(Test::OneOf(self.values(key)?)),
            "notin" => Ok(Test::NoneOf(self.values(key)?)),
            ">" => Ok(Test::Above(self.number(key)?)),
            "<" => Ok(Test::Below(self.number(key)?)),
            _ => Err(format!("=, ==, !=, in, notin, < or > is missing after {key:?}: {}", found(after))),
        }
    }

    /// The value of an equality. It may be empty.
    fn value(&mut self, key: &str) -> Result<String, String> {
        match self.tokens.peek() {
            None | Some(Token::Sign(",")) => Ok(String::new()),
            _ => match self.tokens.next() {
                Some(Token::Word(value)) => checked_value(key, value),
                other => Err(format!("the value for {key:?} is missing: {}", found(other))),
            },
        }
    }

    /// The values of a set. Between two commas, and between a comma and a parenthesis, there is an empty value.
    fn values(&mut self, key: &str) -> Result<Vec<String>, String> {
        let next = self.tokens.next();
        if next != Some(Token::Sign("(")) {
            return Err(format!("the values for {key:?} must be in parentheses: {}", found(next)));
        }
        if self.tokens.next_if_eq(&Token::Sign(")")).is_some() {
            return Err(format!("the list of values for {key:?} is empty"));
        }
        let mut values = Vec::new();
        loop {
            values.push(match self.tokens.next_if(|token| matches!(token, Token::Word(_))) {
                Some(Token::Word(value)) => checked_value(key, value)?,
                _ => String::new(),
            });
            match self.tokens.next() {
                Some(Token::Sign(",")) => {}
                Some(Token::Sign(")")) => return Ok(values),
                other => {
                    return Err(format!(
                        "a comma or a closing parenthesis is missing in the values for {key:?}: {}",
                        found(other)
                    ));
                }
            }
        }
    }

    fn number(&mut self, key: &str) -> Result<i64, String> {
        let value = self.value(key)?;
        value.parse().map_err(|_| format!("{key:?} is compared with {value:?}, which is not a whole number"))
    }
}

/// A key is a name, or a DNS subdomain, a slash and a name.
fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let is_label = |label: &str| {
        let is_good = |found: char| found.is_ascii_lowercase() || found.is_ascii_digit() || found == '-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(is_good)
    };
    let is_prefix = |prefix: &str| prefix.len() <= LONGEST_PREFIX && prefix.split('.').all(is_label);
    if !name.is_empty() && is_name(name) && prefix.is_none_or(is_prefix) {
        Ok(())
    } else {
        Err(format!("{key:?} is not the key of a label"))
    }
}

fn checked_value(key: &str, value: &str) -> Result<String, String> {
    if is_name(value) {
        Ok(value.to_owned())
    } else {
        Err(format!("{value:?} is not a value that the label {key:?} can have"))
    }
}

/// Up to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
fn is_name(text: &str) -> bool {
    let is_end = |found: char| found.is_ascii_alphanumeric();
    let is_good = |found: char| is_end(found) || "-_.".contains(found);
    text.len() <= LONGEST_NAME
        && text.chars().all(is_good)
        && text.chars().next().is_none_or(is_end)
        && text.chars().next_back().is_none_or(is_end)
}
