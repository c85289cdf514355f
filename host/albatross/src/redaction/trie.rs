//! Texts symbol by symbol: what is renamed here keeps its order, its length, and which beginnings texts have in common.

use std::collections::BTreeMap;

/// Sequences of symbols, which share their beginnings.
#[derive(Clone, Debug)]
pub(super) struct Trie(Vec<BTreeMap<u32, usize>>);

impl Default for Trie {
    fn default() -> Self {
        Trie(vec![BTreeMap::new()])
    }
}

/// A symbol of a known sequence: which of the symbols that occur at its place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// Its number, from 0.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Trie {
    /// Adds a sequence.
    pub fn insert(&mut self, symbols: impl Iterator<Item = u32>) {
        let mut at = 0;
        for symbol in symbols {
            let next = self.0.len();
            let Some(children) = self.0.get_mut(at) else { return };
            at = *children.entry(symbol).or_insert(next);
            if at == next {
                self.0.push(BTreeMap::new());
            }
        }
    }

    /// The choices that lead to a sequence, as far as it is known.
    pub fn choices(&self, symbols: impl Iterator<Item = u32>) -> Vec<Choice> {
        let mut choices = Vec::new();
        let mut at = 0;
        for symbol in symbols {
            let Some(children) = self.0.get(at) else { break };
            let Some(next) = children.get(&symbol) else { break };
            choices.push(Choice { number: children.range(..symbol).count(), of: children.len() });
            at = *next;
        }
        choices
    }
}
