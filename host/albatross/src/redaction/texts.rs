//! The parts of a text that are redacted, each for itself: words, account ids, addresses. Everything between them stays.

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

/// Longest number that stays: a port, a weight, a length of time in seconds.
const SHORT_NUMBER: usize = 7;
const ACCOUNT: usize = 12;
const UUID: [usize; 5] = [8, 4, 4, 4, 12];
const UUID_LENGTH: usize = 36;

/// The pieces of a text: together they are the text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut is_escaped = false;
    while !rest.is_empty() {
        let begin = rest.find(is_of_chunk).unwrap_or(rest.len());
        let (between, after) = rest.split_at(begin);
        fixed(between, &mut pieces);
        is_escaped = if between.is_empty() { is_escaped } else { between.ends_with('\\') };
        let end = after.find(|found| !is_of_chunk(found)).unwrap_or(after.len());
        let (mut chunk, left) = after.split_at(end);
        // `\d` of a regular expression, `\n` of JSON.
        if let (true, Some(first)) = (is_escaped, chunk.chars().next()) {
            let (escaped, others) = chunk.split_at(first.len_utf8());
            fixed(escaped, &mut pieces);
            chunk = others;
        }
        is_escaped = false;
        chunk_pieces(chunk, &mut pieces);
        rest = left;
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

fn chunk_pieces<'a>(chunk: &'a str, pieces: &mut Vec<Piece<'a>>) {
    let address = chunk.trim_end_matches(['.', ':']);
    let with_port = || {
        let (address, _) = chunk.split_once(':')?;
        address.parse::<std::net::Ipv4Addr>().ok().map(|_| address)
    };
    if let Some(found) = Address::read(address) {
        pieces.push(Piece::Address(address, found));
        fixed(&chunk[address.len()..], pieces);
    } else if let Some((text, found)) = with_port().and_then(|text| Some((text, Address::read(text)?))) {
        pieces.push(Piece::Address(text, found));
        words(&chunk[text.len()..], Piece::Word, pieces);
    } else if chunk.starts_with('/') {
        words(chunk, Piece::OfPath, pieces);
    } else {
        words(chunk, Piece::Word, pieces);
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
        let (found, after) = rest.split_at(end);
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

/// A piece that consists of several words, at the beginning of a text: its length.
fn composed<'a>(text: &'a str, pieces: &mut Vec<Piece<'a>>) -> Option<usize> {
    let ends = |end: usize| !text[end..].starts_with(char::is_alphanumeric);
    if let Some(uuid) = text.get(..UUID_LENGTH).filter(|uuid| is_uuid(uuid) && ends(UUID_LENGTH)) {
        pieces.push(Piece::Uuid(uuid));
        return Some(UUID_LENGTH);
    }
    let is_of_address = |found: char| found.is_ascii_digit() || found == '.' || found == '-';
    let end = text.find(|found| !is_of_address(found)).unwrap_or(text.len());
    let numbers = text[..end].trim_end_matches(['.', '-']);
    let address =
        Address::read_dashed(numbers).or_else(|| Address::read(numbers)).filter(|_| ends(numbers.len()))?;
    pieces.push(Piece::Address(numbers, address));
    Some(numbers.len())
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
        ] {
            let found = pieces(text).iter().filter(|piece| matches!(piece, Piece::Address(..))).count();
            assert_eq!(found, 1, "{text}: {:?}", pieces(text));
        }
    }
}
