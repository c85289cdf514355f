//! Which pseudonym takes the place of which text. Equal texts get equal pseudonyms, and pseudonyms have the order of the texts, in
//! which the planner decides between equals.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use albatross_contract::{Plan, Snapshot};

use super::{
    addresses::{Address, Addresses},
    derived::{Derived, Moment, Names},
    kinds::{Keep, Kind},
    texts::{Piece, pieces},
    trie::{Choice, Trie},
    vocabulary,
};

/// Fewest digits of a word that looks like the id of a resource.
const RESOURCE_ID: usize = 8;
/// Digits of the pseudonym of a word: at least this many.
const DIGITS: usize = 3;
/// Pseudonyms of the VPC that are tried differ by this.
const ATTEMPT: usize = 1_000_000;

/// What is in some passes.
#[derive(Debug, Default)]
pub(super) struct Collection {
    words: BTreeSet<String>,
    /// Words that stay, in addition to the vocabulary.
    kept: BTreeSet<String>,
    of_paths: BTreeSet<String>,
    accounts: BTreeSet<String>,
    uuids: BTreeSet<String>,
    addresses: BTreeSet<Address>,
    /// How often something is redacted.
    pub occurrences: BTreeMap<&'static str, usize>,
    derived: Derived,
}

impl Collection {
    /// Notes a text. `kind`: what its field holds.
    pub fn add(&mut self, kind: Kind, text: &str, keep: &Keep) {
        let stays = kind == Kind::Place || keep.has(kind);
        for piece in pieces(text) {
            match piece {
                Piece::Fixed(_) => {}
                Piece::Word(word) if stays => _ = self.kept.insert(word.to_lowercase()),
                Piece::Word(word) => _ = self.words.insert(word.to_lowercase()),
                Piece::OfPath(word) => _ = self.of_paths.insert(word.to_owned()),
                Piece::Account(account) => _ = self.accounts.insert(account.to_owned()),
                Piece::Uuid(uuid) => _ = self.uuids.insert(uuid.to_lowercase()),
                Piece::Address(_, address) => _ = self.addresses.insert(address),
            }
        }
        if !text.is_empty() && !stays && !keep.stays(kind) {
            *self.occurrences.entry(kind.words()).or_default() += 1;
        }
    }

    /// Notes what is derived from names.
    pub fn add_derived(&mut self, snapshot: &Snapshot, plan: Option<&Plan>, moment: Moment) {
        self.derived.add(snapshot, plan, moment);
    }

    /// Adds what is in other passes.
    pub fn merge(&mut self, other: Collection) {
        self.words.extend(other.words);
        self.kept.extend(other.kept);
        self.of_paths.extend(other.of_paths);
        self.accounts.extend(other.accounts);
        self.uuids.extend(other.uuids);
        self.addresses.extend(other.addresses);
        for (kind, number) in other.occurrences {
            *self.occurrences.entry(kind).or_default() += number;
        }
        self.derived.merge(other.derived);
    }
}

/// Which pseudonym takes the place of which text.
#[derive(Debug)]
pub struct Mapping {
    words: HashMap<String, String>,
    of_paths: Trie,
    keeps_paths: bool,
    accounts: HashMap<String, String>,
    uuids: HashMap<String, String>,
    addresses: Addresses,
    keeps_addresses: bool,
    /// Hashes.
    derived: BTreeMap<String, String>,
}

impl Mapping {
    /// Chooses the pseudonyms for all that was collected.
    pub(super) fn new(mut collection: Collection, keep: &Keep) -> Mapping {
        collection.kept.extend(vocabulary::words().map(str::to_owned));
        collection.kept.extend(keep.words.iter().map(|word| word.to_lowercase()));
        let words: Vec<&String> =
            collection.words.iter().filter(|word| !collection.kept.contains(*word)).collect();
        let width = words.len().to_string().len().max(DIGITS);
        let words = words.into_iter().zip(1..);
        let words = words.map(|(word, rank)| (word.clone(), pseudonym_of_word(word, rank, width))).collect();
        let ranked = |texts: &BTreeSet<String>, stays: bool, pseudonym: fn(usize) -> String| {
            let texts = texts.iter().zip(1..);
            texts
                .map(|(text, rank)| (text.clone(), if stays { text.clone() } else { pseudonym(rank) }))
                .collect()
        };
        let mut of_paths = Trie::default();
        for word in &collection.of_paths {
            of_paths.insert(word.chars().map(u32::from));
        }
        let mut mapping = Mapping {
            words,
            of_paths,
            keeps_paths: keep.paths(),
            accounts: ranked(&collection.accounts, keep.accounts(), |rank| format!("{rank:012}")),
            uuids: ranked(&collection.uuids, keep.ids(), |rank| {
                format!("00000000-0000-4000-8000-{rank:012}")
            }),
            addresses: Addresses::new(&collection.addresses),
            keeps_addresses: keep.addresses(),
            derived: BTreeMap::new(),
        };
        let (derived, attempt) = collection.derived.pseudonyms(&mapping);
        for vpc in collection.derived.vpcs() {
            mapping.choose_vpc(vpc, attempt);
        }
        mapping.derived = derived;
        mapping
    }

    /// What takes the place of a text.
    pub fn text(&self, text: &str) -> String {
        pieces(text).into_iter().fold(String::with_capacity(text.len()), |mut made, piece| {
            match piece {
                Piece::Fixed(text) => made.push_str(text),
                Piece::Word(word) => made.push_str(&self.word(word)),
                Piece::Account(account) => made.push_str(&self.account(account)),
                Piece::Uuid(uuid) => {
                    made.push_str(self.uuids.get(&uuid.to_lowercase()).map_or(uuid, String::as_str));
                }
                Piece::OfPath(word) if self.keeps_paths => made.push_str(word),
                Piece::OfPath(word) => made.push_str(&self.of_path(word)),
                Piece::Address(text, _) if self.keeps_addresses => made.push_str(text),
                Piece::Address(_, address) => made.push_str(&self.addresses.pseudonym(address)),
            }
            made
        })
    }

    fn word(&self, word: &str) -> String {
        let lower = word.to_lowercase();
        if let Some(hash) = self.derived.get(&lower) {
            return hash.clone();
        }
        match self.words.get(&lower) {
            None => word.to_owned(),
            Some(pseudonym) if word.starts_with(char::is_uppercase) => {
                let mut letters = pseudonym.chars();
                letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
            }
            Some(pseudonym) => pseudonym.clone(),
        }
    }

    fn account(&self, account: &str) -> String {
        let known = self.derived.get(account).or_else(|| self.accounts.get(account));
        known.map_or(account, String::as_str).to_owned()
    }

    /// A word of the same length: paths are compared by their length and by their beginnings.
    fn of_path(&self, word: &str) -> String {
        self.of_paths.choices(word.chars().map(u32::from)).into_iter().map(letter).collect()
    }

    fn choose_vpc(&mut self, vpc: &str, attempt: usize) {
        if let Some(word) = vpc_word(vpc)
            && let Some(pseudonym) = self.words.get_mut(word)
        {
            *pseudonym = attempted(pseudonym, attempt);
        }
    }

    /// The pseudonyms and what they stand for.
    pub(super) fn originals(&self) -> BTreeMap<String, String> {
        let words = self.words.iter().chain(&self.accounts).chain(&self.uuids);
        let derived = self.derived.iter();
        derived
            .chain(words)
            .filter(|(one, other)| one != other)
            .map(|(one, other)| (other.clone(), one.clone()))
            .collect()
    }
}

impl Names for Mapping {
    fn pseudonym(&self, text: &str) -> String {
        self.text(text)
    }

    fn of_vpc(&self, vpc: &str, attempt: usize) -> String {
        match vpc_word(vpc).filter(|word| self.words.contains_key(*word)) {
            Some(word) => format!("vpc-{}", attempted(&self.word(word), attempt)),
            None => self.text(vpc),
        }
    }
}

/// The part of the id of a VPC that has several pseudonyms: one that is as long as in AWS.
fn vpc_word(vpc: &str) -> Option<&str> {
    let word = vpc.strip_prefix("vpc-")?;
    is_resource_id(word).then_some(word).filter(|word| word.len() == 17)
}

/// Another pseudonym of a VPC. The last digits stay, so that no other word has it.
fn attempted(pseudonym: &str, attempt: usize) -> String {
    let number: usize = pseudonym.get(1..).and_then(|digits| digits.parse().ok()).unwrap_or_default();
    format!("a{:016}", number + attempt * ATTEMPT)
}

fn is_resource_id(word: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    word.len() >= RESOURCE_ID && word.bytes().all(is_digit) && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// What looks like the id of a resource stays one: AWS and the planner check the digits of some.
fn pseudonym_of_word(word: &str, rank: usize, width: usize) -> String {
    if is_resource_id(word) {
        return format!("a{rank:0width$}", width = word.len() - 1);
    }
    format!("n{rank:0width$}")
}

/// One of as many letters as there are choices, in the order of ASCII.
fn letter(Choice { number, of }: Choice) -> char {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    const LETTERS_AND_DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let letters = if of <= LETTERS.len() { LETTERS } else { LETTERS_AND_DIGITS };
    char::from(letters[number % letters.len()])
}
