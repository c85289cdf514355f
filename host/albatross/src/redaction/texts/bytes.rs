//! IPv4 addresses in names: `10-0-0-1`, also with other numbers beside them.

use std::ops::Range;

use super::Piece;
use crate::redaction::addresses::Address;

/// Bytes of an address.
pub(super) const ALL: usize = 4;
/// Digits of a byte.
const DIGITS: usize = 3;

/// Numbers that can be the bytes of an address, and where they are.
pub(super) struct Numbers {
    pub found: Vec<(Range<usize>, u8)>,
    /// The character between them.
    between: char,
}

/// The numbers at the beginning of a text with the same character between them.
pub(super) fn numbers(text: &str) -> Numbers {
    let mut numbers = Numbers { found: Vec::new(), between: '.' };
    let mut begin = 0;
    while let Some((end, byte)) = byte(text, begin) {
        numbers.found.push((begin..end, byte));
        let Some(next) = text[end..].chars().next().filter(|next| ".-_".contains(*next)) else { break };
        if numbers.found.len() > 1 && next != numbers.between {
            break;
        }
        numbers.between = next;
        begin = end + 1;
    }
    numbers
}

/// A number from 0 to 255 that begins here: its end.
fn byte(text: &str, begin: usize) -> Option<(usize, u8)> {
    let digits = text[begin..].bytes().take_while(u8::is_ascii_digit).count();
    let end = begin + digits;
    let byte = text[begin..end].parse().ok()?;
    (digits <= DIGITS && !text[end..].starts_with(char::is_alphabetic)).then_some((end, byte))
}

/// The pieces of the numbers at the beginning of a text, if an address is among them: their length. Of more numbers than an address
/// has, those are one that begin as a private address does; if none do, each number is redacted for itself.
pub(super) fn pieces<'a>(text: &'a str, pieces: &mut Vec<Piece<'a>>) -> Option<usize> {
    let Numbers { found, between } = numbers(text);
    let windows = found.windows(ALL).enumerate();
    let addresses = windows.filter_map(|(at, window)| {
        let &[(_, first), (_, second), (_, third), (_, fourth)] = window.as_array::<ALL>()?;
        Some((at, [first, second, third, fourth]))
    });
    let mut addresses = addresses.filter(|(_, bytes)| found.len() == ALL || is_private(*bytes));
    match addresses.next() {
        Some((at, bytes)) => address(text, &found[at..], (bytes, between), pieces),
        None if found.len() > ALL => {
            each(text, &found, pieces);
            found.last().map(|(place, _)| place.end)
        }
        None => None,
    }
}

/// An address that begins with the first number, after what is before it.
fn address<'a>(
    text: &'a str,
    numbers: &[(Range<usize>, u8)],
    (bytes, between): ([u8; ALL], char),
    pieces: &mut Vec<Piece<'a>>,
) -> Option<usize> {
    let (begin, end) = (numbers.first()?.0.start, numbers.get(ALL - 1)?.0.end);
    let block = text[end..].strip_prefix('/').filter(|_| between == '.').and_then(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let length =
            rest[..digits].parse().ok().filter(|_| !rest[digits..].starts_with(char::is_alphanumeric))?;
        Some((end + 1 + digits, Address::of_bytes(bytes, between, Some(length))?))
    });
    let (end, address) = match block {
        Some(block) => block,
        None => (end, Address::of_bytes(bytes, between, None)?),
    };
    if begin > 0 {
        pieces.push(Piece::Fixed(&text[..begin]));
    }
    pieces.push(Piece::Address(&text[begin..end], address));
    Some(end)
}

/// Each number as a word.
fn each<'a>(text: &'a str, numbers: &[(Range<usize>, u8)], pieces: &mut Vec<Piece<'a>>) {
    let mut last = 0;
    for (place, _) in numbers {
        if place.start > last {
            pieces.push(Piece::Fixed(&text[last..place.start]));
        }
        pieces.push(Piece::Word(&text[place.clone()]));
        last = place.end;
    }
}

/// Whether this is an address of a private network, or of one of a carrier, as nodes and Pods have.
fn is_private(bytes: [u8; ALL]) -> bool {
    matches!(bytes, [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] | [169, 254, ..])
}
