//! The parts of a text that are redacted, each for itself: words, account ids, addresses. Everything between them stays.

mod bytes;
mod marks;

use super::addresses::Address;

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// What says nothing: punctuation, short numbers.
    Fixed(&'a str),
    /// Letters and digits.
    Word(&'a str),
    /// Letters and digits in a path of a URL.
    OfPath(&'a str),
    /// Twelve digits.
    Account(&'a str),
    /// `1a2b3c4d-0000-4000-8000-000000000000`
    Uuid(&'a str),
    /// An address or a block of addresses, as it is written and as it is read.
    Address(&'a str, Address),
}

impl<'a> Piece<'a> {
    /// The text.
    pub const fn text(self) -> &'a str {
        let (Piece::Fixed(text)
        | Piece::Word(text)
        | Piece::OfPath(text)
        | Piece::Account(text)
        | Piece::Uuid(text)
        | Piece::Address(text, _)) = self;
        text
    }
}

/// Longest number that stays: a port, a weight, a length of time in seconds.
const SHORT_NUMBER: usize = 7;
const ACCOUNT: usize = 12;
const UUID: [usize; 5] = [8, 4, 4, 4, 12];
const UUID_LENGTH: usize = 36;

/// What regular expressions of paths consist of, beside what names and paths consist of.
const OF_EXPRESSIONS: &str = "()|?+^$[]{}\\%~@!#<>";

/// The pieces of a text: together they are the text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut is_path = false;
    while let Some(first) = rest.chars().next() {
        let mark = marks::length(rest);
        let chunk = rest.find(|found| !is_of_chunk(found)).unwrap_or(rest.len());
        let length = match (mark, chunk) {
            (0, 0) => {
                is_path &= OF_EXPRESSIONS.contains(first);
                first.len_utf8()
            }
            (0, chunk) => {
                is_path |= first == '/';
                chunk_pieces(&rest[..chunk], is_path, &mut pieces);
                rest = &rest[chunk..];
                continue;
            }
            (mark, _) => mark,
        };
        fixed(&rest[..length], &mut pieces);
        rest = &rest[length..];
    }
    pieces
}

/// What names, ARNs, paths and addresses consist of.
fn is_of_chunk(found: char) -> bool {
    found.is_alphanumeric() || "-_.:/*".contains(found)
}

fn fixed<'a>(text: &'a str, pieces: &mut Vec<Piece<'a>>) {
    if !text.is_empty() {
        pieces.push(Piece::Fixed(text));
    }
}

fn chunk_pieces<'a>(chunk: &'a str, is_path: bool, pieces: &mut Vec<Piece<'a>>) {
    let address = chunk.trim_end_matches(['.', ':']);
    match Address::read(address).filter(|_| !is_path) {
        Some(found) => {
            pieces.push(Piece::Address(address, found));
            fixed(&chunk[address.len()..], pieces);
        }
        None => words(chunk, if is_path { Piece::OfPath } else { Piece::Word }, pieces),
    }
}

fn words<'a>(chunk: &'a str, word: fn(&'a str) -> Piece<'a>, pieces: &mut Vec<Piece<'a>>) {
    let is_of_path = matches!(word(""), Piece::OfPath(_));
    let mut rest = chunk;
    while !rest.is_empty() {
        let begin = rest.find(char::is_alphanumeric).unwrap_or(rest.len());
        fixed(&rest[..begin], pieces);
        rest = &rest[begin..];
        let length = if is_of_path { None } else { composed(rest, pieces) };
        rest = &rest[length.unwrap_or_default()..];
        if length.is_some() || rest.is_empty() {
            continue;
        }
        let end = rest.find(|found: char| !found.is_alphanumeric()).unwrap_or(rest.len());
        // An address may follow letters: `node10-0-0-1`.
        let letters = rest[..end].trim_end_matches(|found: char| found.is_ascii_digit()).len();
        let has_address =
            !is_of_path && letters > 0 && bytes::numbers(&rest[letters..]).found.len() >= bytes::ALL;
        let (found, after) = rest.split_at(if has_address { letters } else { end });
        let is_number = found.bytes().all(|byte| byte.is_ascii_digit());
        pieces.push(match found.len() {
            _ if is_of_path => word(found),
            ACCOUNT if is_number => Piece::Account(found),
            ..=SHORT_NUMBER if is_number => Piece::Fixed(found),
            _ => word(found),
        });
        rest = after;
    }
}

/// Pieces that consist of several words, at the beginning of a text: their length.
fn composed<'a>(text: &'a str, pieces: &mut Vec<Piece<'a>>) -> Option<usize> {
    let ends = |end: usize| !text[end..].starts_with(char::is_alphanumeric);
    if let Some(uuid) = text.get(..UUID_LENGTH).filter(|uuid| is_uuid(uuid) && ends(UUID_LENGTH)) {
        pieces.push(Piece::Uuid(uuid));
        return Some(UUID_LENGTH);
    }
    bytes::pieces(text, pieces).or_else(|| ipv6(text, pieces))
}

/// An IPv6 address, or a block of them.
fn ipv6<'a>(text: &'a str, pieces: &mut Vec<Piece<'a>>) -> Option<usize> {
    let is_of_address = |found: char| found.is_ascii_hexdigit() || ":./".contains(found);
    let end = text.find(|found| !is_of_address(found)).unwrap_or(text.len());
    let long = text[..end].trim_end_matches(['.', '/']);
    let (address, _) = long.split_once('/').unwrap_or((long, ""));
    let candidates = [long, address, address.trim_end_matches(':')];
    let (found, address) = candidates.into_iter().find_map(|text| Some((text, Address::read(text)?)))?;
    let is_ipv6 = found.contains(':') && !text[found.len()..].starts_with(char::is_alphanumeric);
    is_ipv6.then(|| {
        pieces.push(Piece::Address(found, address));
        found.len()
    })
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq(UUID)
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> Vec<&str> {
        let all = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Word(word) | Piece::OfPath(word) | Piece::Account(word) | Piece::Uuid(word) => Some(word),
            Piece::Fixed(_) | Piece::Address(..) => None,
        });
        all.collect()
    }

    #[test]
    fn names_hosts_and_arns_consist_of_words() {
        for (text, expected) in [
            ("shop-frontend", vec!["shop", "frontend"]),
            ("*.shop.example.org", vec!["shop", "example", "org"]),
            (
                "arn:aws:acm:eu-central-1:123456789012:certificate/1a2b3c4d-0000-4000-8000-000000000000",
                vec![
                    "arn",
                    "aws",
                    "acm",
                    "eu",
                    "central",
                    "123456789012",
                    "certificate",
                    "1a2b3c4d-0000-4000-8000-000000000000",
                ],
            ),
            ("i-0a1b", vec!["i", "0a1b"]),
            (r#"{"host":"a.b", "port": 443}"#, vec!["host", "a", "b", "port"]),
            (r"^\d+x\.y$", vec!["x", "y"]),
            (r"^[a-z0-9-]+\.shop$", vec!["shop"]),
            (r"caf\u00e9 \\team", vec!["caf", "team"]),
            (r"/(team|shop)/[A-Z]{2,3}/(?<id>x)/\d+", vec!["team", "shop", "id", "x"]),
            ("/#{path}/$1/${2}/x", vec!["x"]),
            ("/v1/users/*", vec!["v1", "users"]),
            ("1795253400", vec!["1795253400"]),
            ("80,443", vec![]),
            ("größe", vec!["größe"]),
        ] {
            assert_eq!(words_of(text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_found_wherever_they_are() {
        for text in [
            "10.0.0.1",
            "10.0.0.0/8",
            "from 10.0.0.1, and so on",
            "10.0.0.1:80",
            "ip-10-0-0-1.eu-central-1.compute.internal",
            "ip-10-0-0-1",
            "2001:db8::1",
            "a [2001:db8::1] b",
            "\"10.0.0.1/32\"",
            "10.0.0.1.",
            "10.0.0.1.nip.io",
            "private-10.97.31.0-24",
            "private-10.97.31.0/24",
            "eks-10-97-31-0-24",
            "web-2-10-97-31-7",
            "10.97.31.7-8080",
            "node10-97-31-7",
            "shard_10_97_31_7",
            "web-010-097-031-007",
            "team:2a05:d014:97:31::7",
            "v6-2a05:d014:97:31::/64",
        ] {
            let found = pieces(text).iter().filter(|piece| matches!(piece, Piece::Address(..))).count();
            assert_eq!(found, 1, "{text}: {:?}", pieces(text));
        }
    }

    #[test]
    fn of_a_range_of_addresses_both_ends_are_found() {
        for text in ["10.97.31.7-10.97.31.20", "10-97-31-7-10-97-31-20", "10.97.31.7..10.97.31.20"] {
            let found = pieces(text).iter().filter(|piece| matches!(piece, Piece::Address(..))).count();
            assert_eq!(found, 2, "{text}: {:?}", pieces(text));
        }
    }

    #[test]
    fn of_more_than_four_numbers_no_one_stays_unless_a_private_address_is_among_them() {
        assert_eq!(words_of("a-93-184-216-34-7"), ["a", "93", "184", "216", "34", "7"]);
        assert_eq!(words_of("release-1.2.3"), ["release"]);
    }

    #[test]
    fn the_pieces_are_the_text() {
        for text in
            ["web-2-10-97-31-7:80", "10.97.31.7-8080", "93.184.216.34.7", "x 2a05::7/64-b", "/a/10-0-0-1?x=ü"]
        {
            assert_eq!(pieces(text).into_iter().map(Piece::text).collect::<String>(), text);
        }
    }
}
