//! Which pseudonym takes the place of which text. Equal texts get equal pseudonyms, and pseudonyms have the order of the texts, in
//! which the planner decides between equals.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use albatross_contract::{Plan, Snapshot};

use super::{
    addresses::{Address, Addresses},
    derived::{Derived, Moment, Names},
    kinds::{Keep, Kind},
    texts::{Piece, pieces},
    trie::{Choice, Trie},
    vocabulary,
    words::{Words, is_resource_id},
};

/// What is in some passes.
#[derive(Debug, Default)]
pub(super) struct Collection {
    /// Words as they are spelled.
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
                Piece::Word(word) => _ = self.words.insert(word.to_owned()),
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
    words: Words,
    /// Words that stay.
    kept: HashSet<String>,
    of_paths: Trie,
    keeps_paths: bool,
    /// Words that stay in paths, in which all others are replaced.
    kept_in_paths: HashSet<String>,
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
        let kept: HashSet<String> = collection.kept.into_iter().collect();
        let words = Words::new(&collection.words, &kept);
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
            kept,
            of_paths,
            keeps_paths: keep.paths(),
            kept_in_paths: keep.words.iter().map(|word| word.to_lowercase()).collect(),
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

    /// What takes the place of a text. What was not collected stays, so this is for texts that do not leave this machine.
    pub fn text(&self, text: &str) -> String {
        pieces(text)
            .into_iter()
            .map(|piece| self.piece(piece).unwrap_or_else(|| piece.text().into()))
            .collect()
    }

    /// What takes the place of a text, if all of it was collected.
    pub(super) fn collected(&self, text: &str) -> Option<String> {
        pieces(text).into_iter().map(|piece| self.piece(piece)).collect()
    }

    /// What takes the place of a piece. `None`: it was not collected.
    fn piece<'a>(&'a self, piece: Piece<'a>) -> Option<Cow<'a, str>> {
        match piece {
            Piece::Fixed(text) => Some(text.into()),
            Piece::Word(word) => self.word(word),
            Piece::Account(account) => {
                let known = self.derived.get(account).or_else(|| self.accounts.get(account));
                known.map(|known| known.as_str().into())
            }
            Piece::Uuid(uuid) => self.uuids.get(&uuid.to_lowercase()).map(|known| known.as_str().into()),
            Piece::OfPath(word) if self.keeps_paths || self.keeps(word) => Some(word.into()),
            Piece::OfPath(word) => self.of_path(word).map(Cow::from),
            Piece::Address(text, _) if self.keeps_addresses => Some(text.into()),
            Piece::Address(_, address) => self.addresses.pseudonym(address).map(Cow::from),
        }
    }

    fn word<'a>(&'a self, word: &'a str) -> Option<Cow<'a, str>> {
        let lower = word.to_lowercase();
        if let Some(hash) = self.derived.get(&lower) {
            return Some(hash.as_str().into());
        }
        match self.words.pseudonym(word) {
            Some(pseudonym) => Some(pseudonym.into()),
            None => self.kept.contains(&lower).then(|| word.into()),
        }
    }

    /// Whether a word of a path stays because of `--keep-word`.
    fn keeps(&self, word: &str) -> bool {
        self.kept_in_paths.contains(&word.to_lowercase())
    }

    /// A word of the same length: paths are compared by their length and by their beginnings. `None`: it was not collected.
    fn of_path(&self, word: &str) -> Option<String> {
        let choices = self.of_paths.choices(word.chars().map(u32::from));
        (choices.len() == word.chars().count()).then(|| choices.into_iter().map(letter).collect())
    }

    fn choose_vpc(&mut self, vpc: &str, attempt: usize) {
        if let Some(word) = vpc_word(vpc) {
            self.words.attempt(word, attempt);
        }
    }

    /// The pseudonyms and what they stand for.
    pub(super) fn originals(&self) -> BTreeMap<String, String> {
        let others = self.derived.iter().chain(&self.accounts).chain(&self.uuids);
        let others = others.filter(|(one, other)| one != other);
        let others = others.map(|(one, other)| (other.clone(), one.clone()));
        others.chain(self.words.originals()).collect()
    }
}

impl Names for Mapping {
    fn pseudonym(&self, text: &str) -> String {
        self.text(text)
    }

    fn of_vpc(&self, vpc: &str, attempt: usize) -> String {
        let pseudonym = vpc_word(vpc).and_then(|word| self.words.attempted(word, attempt));
        pseudonym.map_or_else(|| self.text(vpc), |pseudonym| format!("vpc-{pseudonym}"))
    }
}

/// The part of the id of a VPC that has several pseudonyms: one that is as long as in AWS.
fn vpc_word(vpc: &str) -> Option<&str> {
    let word = vpc.strip_prefix("vpc-")?;
    is_resource_id(word).then_some(word).filter(|word| word.len() == 17)
}

/// One of as many letters as there are choices, in the order of ASCII.
fn letter(Choice { number, of }: Choice) -> char {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    const LETTERS_AND_DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    /// The first of many letters, for places at which letters of several alphabets occur.
    const MANY: u32 = 0x4e00;
    let letters = if of <= LETTERS.len() { LETTERS } else { LETTERS_AND_DIGITS };
    match letters.get(number).filter(|_| of <= letters.len()) {
        Some(letter) => char::from(*letter),
        None => u32::try_from(number).ok().and_then(|number| char::from_u32(MANY + number)).unwrap_or('z'),
    }
}
