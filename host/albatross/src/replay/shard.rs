//! A part of the recorded passes, for several programs that replay them together.

use std::{fmt, str::FromStr};

use albatross_recordings::Group;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

/// A part of the groups of a folder. Which groups it has depends only on their names: parts that are listed at different times,
/// while passes are recorded and deleted, still have each group exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    shards: u32,
}

impl Shard {
    /// Whether a group belongs to this part.
    pub fn has(self, group: &Group) -> bool {
        let digest = Sha256::digest(group.name());
        let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        number % u64::from(self.shards) == u64::from(self.index)
    }

    /// Whether it is the first part, which also tells what belongs to no part.
    pub fn is_first(self) -> bool {
        self.index == 0
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let invalid =
            || format!("'{text}' is not I/N, a number from 0 and how many shards there are: 0/4 to 3/4");
        let (index, shards) = text.split_once('/').ok_or_else(invalid)?;
        let shard = Shard {
            index: index.parse().map_err(|_| invalid())?,
            shards: shards.parse().map_err(|_| invalid())?,
        };
        if shard.index < shard.shards { Ok(shard) } else { Err(invalid()) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.shards)
    }
}

impl Serialize for Shard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_a_number_of_several() {
        for text in ["0/1", "0/4", "3/4"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
        for text in ["", "1", "1/1", "4/4", "0/0", "-1/4", "a/4", "$(JOB_COMPLETION_INDEX)/4", "1/4/8"] {
            let refused = text.parse::<Shard>().unwrap_err();
            assert!(refused.contains("0/4 to 3/4"), "{refused}");
        }
    }
}
