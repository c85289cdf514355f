//! Pseudonyms of words. They have the order of the words, and the same word in other letters has the same pseudonym in other letters.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Fewest digits of a word that looks like the id of a resource.
const RESOURCE_ID: usize = 8;
/// Digits of the pseudonym of a word: at least this many.
const DIGITS: usize = 3;

/// Which pseudonym takes the place of which word.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// By the word in lower case.
    pseudonyms: HashMap<String, String>,
    /// Words with upper case letters after the first one or instead of all, as `TEAM` or `eCommerce`.
    spelled: HashMap<String, String>,
}

impl Words {
    /// Chooses the pseudonyms. `kept`: words that stay, and so are no pseudonyms of others either.
    pub fn new(words: &BTreeSet<String>, kept: &HashSet<String>) -> Words {
        let mut spellings: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for word in words {
            let lower = word.to_lowercase();
            let spelled = spellings.entry(lower.clone()).or_default();
            if *word != lower && *word != capitalized(&lower) {
                spelled.push(word);
            }
        }
        spellings.retain(|word, _| !kept.contains(word));
        let width = (spellings.len() + kept.len()).to_string().len().max(DIGITS);
        let mut all = Words::default();
        let mut rank = 0;
        for (word, spelled) in spellings {
            let next = |rank: usize| pseudonym(&word, rank, width) + &letters(0, spelled.len());
            let free = (rank + 1..).map(|rank| (rank, next(rank))).find(|(_, next)| !kept.contains(next));
            let Some((at, pseudonym)) = free else { continue };
            rank = at;
            for (number, spelling) in (1..).zip(&spelled) {
                let plain = self::pseudonym(&word, rank, width);
                let first = spelling.starts_with(char::is_uppercase);
                let plain = if first { capitalized(&plain) } else { plain };
                all.spelled.insert((*spelling).clone(), plain + &letters(number, spelled.len()));
            }
            all.pseudonyms.insert(word, pseudonym);
        }
        all
    }

    /// What takes the place of a word. `None`: it stays, or it was not collected.
    pub fn pseudonym(&self, word: &str) -> Option<String> {
        let lower = word.to_lowercase();
        let pseudonym = self.pseudonyms.get(&lower)?;
        if let Some(spelled) = self.spelled.get(word) {
            return Some(spelled.clone());
        }
        if word == lower {
            return Some(pseudonym.clone());
        }
        Some(capitalized(pseudonym))
    }

    /// Another pseudonym of the id of a resource, which no other word has.
    pub fn attempted(&self, word: &str, attempt: usize) -> Option<String> {
        let pseudonym = self.pseudonyms.get(word).filter(|_| is_resource_id(word))?;
        let number: usize = pseudonym.get(1..)?.parse().ok()?;
        Some(format!("a{:0width$}", number + attempt, width = pseudonym.len() - 1))
    }

    /// Chooses another pseudonym of the id of a resource.
    pub fn attempt(&mut self, word: &str, attempt: usize) {
        if let Some(pseudonym) = self.attempted(word, attempt) {
            self.pseudonyms.insert(word.to_owned(), pseudonym);
        }
    }

    /// The pseudonyms and what they stand for.
    pub fn originals(&self) -> impl Iterator<Item = (String, String)> {
        let all = self.pseudonyms.iter().chain(&self.spelled);
        all.map(|(word, pseudonym)| (pseudonym.clone(), word.clone()))
    }
}

/// Whether a word looks like the id of a resource.
pub(super) fn is_resource_id(word: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    word.len() >= RESOURCE_ID && word.bytes().all(is_digit) && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// What looks like the id of a resource stays one of the same length: AWS and the planner check the digits of some. The rank is in
/// front, so that ids of several lengths stay in order.
fn pseudonym(word: &str, rank: usize, width: usize) -> String {
    if is_resource_id(word) {
        return format!("{:0<length$}", format!("a{rank:0width$}"), length = word.len());
    }
    format!("n{rank:0width$}")
}

/// The end of a pseudonym of which there are other spellings: the number of the spelling, in upper and lower case letters.
fn letters(number: usize, spellings: usize) -> String {
    let bits = usize::BITS - spellings.leading_zeros();
    (0..bits).map(|bit| if number >> bit & 1 == 1 { 'X' } else { 'x' }).collect()
}

/// A word with an upper case letter in front.
pub(super) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms(words: &[&str], kept: &[&str]) -> Vec<String> {
        let kept = kept.iter().map(|word| (*word).to_owned()).collect();
        let all = Words::new(&words.iter().map(|word| (*word).to_owned()).collect(), &kept);
        words.iter().map(|word| all.pseudonym(word).unwrap()).collect()
    }

    #[test]
    fn a_word_in_other_letters_is_the_same_word_in_other_letters() {
        assert_eq!(pseudonyms(&["squad", "Squad"], &[]), ["n001", "N001"]);
        let spellings = pseudonyms(&["squad", "Squad", "SQUAD", "sQuad", "tribe"], &[]);
        assert_eq!(spellings, ["n001xx", "N001xx", "N001Xx", "n001xX", "n002"]);
    }

    #[test]
    fn no_word_gets_a_word_that_stays() {
        assert_eq!(pseudonyms(&["billing", "shop"], &["n001"]), ["n002", "n003"]);
    }

    #[test]
    fn ids_of_several_lengths_keep_their_order_and_lengths() {
        let ids = ["0a1b2c3d", "0a1b2c3d4e5f60718", "1a1b2c3d"];
        let redacted = pseudonyms(&ids, &[]);
        assert!(redacted.is_sorted(), "{redacted:?}");
        for (id, redacted) in ids.iter().zip(&redacted) {
            assert!(is_resource_id(redacted) && redacted.len() == id.len(), "{redacted}");
        }
    }
}
