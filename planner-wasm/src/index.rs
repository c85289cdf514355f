//! Dense numbers for texts that are compared often.
//!
//! ARNs have a common prefix of fifty bytes, and a guest compares texts byte by byte. Texts are therefore sorted once, by
//! the eight bytes after their common prefix, and then represented by numbers, which have the same order.

/// Texts in order, each once. The number of a text is its index in that order.
pub struct Names<T> {
    texts: Vec<T>,
    /// The eight bytes after the common prefix, for each text.
    keys: Vec<u64>,
    /// Length of the common prefix in bytes.
    prefix: usize,
}

impl<T: AsRef<str>> Names<T> {
    /// Numbers texts, which may contain duplicates.
    pub fn new(texts: Vec<T>) -> Self {
        Names::numbered(texts).0
    }

    /// Numbers texts, which may contain duplicates. Also returns the number of each text, in the order of the texts.
    pub fn numbered(texts: Vec<T>) -> (Self, Vec<usize>) {
        let prefix = common_prefix(&texts);
        let mut numbers = vec![0; texts.len()];
        let keyed = texts.into_iter().enumerate();
        let mut keyed: Vec<(u64, usize, T)> =
            keyed.map(|(index, text)| (key(text.as_ref(), prefix), index, text)).collect();
        keyed.sort_by(|left, right| {
            left.0
                .cmp(&right.0)
                .then_with(|| tail(left.2.as_ref(), prefix).cmp(tail(right.2.as_ref(), prefix)))
        });
        let mut names =
            Names { texts: Vec::with_capacity(keyed.len()), keys: Vec::with_capacity(keyed.len()), prefix };
        for (key, index, text) in keyed {
            let is_last = |last: &T| names.keys.last() == Some(&key) && last.as_ref() == text.as_ref();
            if !names.texts.last().is_some_and(is_last) {
                names.texts.push(text);
                names.keys.push(key);
            }
            numbers[index] = names.texts.len() - 1;
        }
        (names, numbers)
    }

    /// The number of a text.
    pub fn find(&self, text: &str) -> Option<usize> {
        let wanted = key(text, self.prefix);
        let first = self.keys.partition_point(|key| *key < wanted);
        let alike = self.keys[first..].partition_point(|key| *key == wanted);
        let candidates = &self.texts[first..first + alike];
        let place = match candidates {
            [] => return None,
            [_] => 0,
            _ => candidates
                .partition_point(|other| tail(other.as_ref(), self.prefix) < tail(text, self.prefix)),
        };
        candidates.get(place).filter(|found| found.as_ref() == text).map(|_| first + place)
    }

    /// The number of a text that is probably the next after a cursor: lists of AWS come in similar orders.
    pub fn find_after(&self, text: &str, cursor: &mut usize) -> Option<usize> {
        let found = match self.texts.get(*cursor) {
            Some(next) if next.as_ref() == text => Some(*cursor),
            _ => self.find(text),
        };
        if let Some(number) = found {
            *cursor = number + 1;
        }
        found
    }

    /// The text with a number.
    pub fn get(&self, number: usize) -> &T {
        &self.texts[number]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }
}

/// The first duplicate, in the order of the texts.
pub fn repeated<'a>(texts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let texts: Vec<&str> = texts.collect();
    let prefix = common_prefix(&texts);
    let mut keyed: Vec<(u64, &str)> = texts.into_iter().map(|text| (key(text, prefix), text)).collect();
    keyed.sort_unstable_by(|left, right| {
        left.0.cmp(&right.0).then_with(|| tail(left.1, prefix).cmp(tail(right.1, prefix)))
    });
    keyed.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1 == pair[1].1).map(|pair| pair[0].1)
}

/// The length of the common prefix of all texts.
fn common_prefix<T: AsRef<str>>(texts: &[T]) -> usize {
    let Some(first) = texts.first().map(|text| text.as_ref().as_bytes()) else { return 0 };
    texts.iter().skip(1).fold(first.len(), |prefix, text| {
        let pairs = first[..prefix].iter().zip(text.as_ref().as_bytes());
        pairs.take_while(|(left, right)| left == right).count()
    })
}

/// The eight bytes after a prefix, which are ordered like the texts. A shorter text comes first.
fn key(text: &str, prefix: usize) -> u64 {
    let mut bytes = [0; 8];
    let rest = text.as_bytes().get(prefix..).unwrap_or_default();
    let length = rest.len().min(8);
    bytes[..length].copy_from_slice(&rest[..length]);
    u64::from_be_bytes(bytes)
}

/// The text after a prefix.
fn tail(text: &str, prefix: usize) -> &[u8] {
    text.as_bytes().get(prefix..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_order_of_the_texts_and_find_them_again() {
        let texts = ["arn:b-long-tail-2", "arn:b", "arn:", "arn:b-long-tail-1", "arn:a", "arn:b", "arn:b\0"];
        let names = Names::new(texts.to_vec());
        let mut sorted = texts.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names.len(), sorted.len());
        for (number, text) in sorted.iter().enumerate() {
            assert_eq!((names.get(number), names.find(text)), (text, Some(number)));
        }
        for absent in ["arn:b-long-tail", "arn:c", "", "xrn:a", "ar", "arn:b-long-tail-1x"] {
            assert_eq!(names.find(absent), None, "{absent}");
        }
        assert_eq!(Names::<&str>::new(Vec::new()).find("a"), None);
    }

    #[test]
    fn every_text_gets_its_number() {
        let texts = ["b-long-tail-2", "a", "b-long-tail-1", "a", "b-long-tail-2"];
        let (names, numbers) = Names::numbered(texts.to_vec());
        assert_eq!(numbers, [2, 0, 1, 0, 2]);
        assert_eq!(numbers.into_iter().map(|number| *names.get(number)).collect::<Vec<_>>(), texts);
    }

    #[test]
    fn a_cursor_finds_the_next_text_and_any_other() {
        let names = Names::new(vec!["a", "b", "c"]);
        let mut cursor = 0;
        let found = ["a", "b", "x", "a", "c"].map(|text| names.find_after(text, &mut cursor));
        assert_eq!(found, [Some(0), Some(1), None, Some(0), Some(2)]);
    }

    #[test]
    fn a_duplicate_is_named() {
        assert_eq!(repeated(["arn:b", "arn:a", "arn:b"].into_iter()), Some("arn:b"));
        assert_eq!(repeated(["arn:b", "arn:a"].into_iter()), None);
    }
}
