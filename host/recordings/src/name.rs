//! The names of the files: `pass-1795253400-00000001.json.zst` is a whole pass, and
//! `pass-1795253460-00000002-upon-1795253400-00000001.json.zst` a pass that builds upon it.

use std::fmt;

/// A recorded pass. Ids are in the order of the clock; the numbers are in the order in which the passes were recorded, even if
/// the clock was set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PassId {
    /// The time of the pass, in seconds since 1970.
    pub time: u64,
    /// Its number in the folder: there can be several passes in a second.
    pub number: u32,
}

/// What the name of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A whole pass.
    Whole(PassId),
    /// A pass that is a difference.
    Difference {
        /// The pass.
        pass: PassId,
        /// The whole pass that it builds upon.
        base: PassId,
    },
}

impl Name {
    /// Reads the name of a file. `None`: it is not the name of a recorded pass.
    pub fn parse(file: &str) -> Option<Name> {
        let ids = file.strip_prefix("pass-")?.strip_suffix(".json.zst")?;
        let name = match ids.split_once("-upon-") {
            None => Name::Whole(PassId::parse(ids)?),
            Some((pass, base)) => Name::Difference { pass: PassId::parse(pass)?, base: PassId::parse(base)? },
        };
        // Each pass has only one name, and builds upon a pass that was recorded before it.
        let is_later = match name {
            Name::Whole(_) => true,
            Name::Difference { pass, base } => pass.number > base.number,
        };
        (is_later && name.to_string() == file).then_some(name)
    }

    /// The pass.
    pub fn pass(self) -> PassId {
        match self {
            Name::Whole(pass) | Name::Difference { pass, .. } => pass,
        }
    }

    /// The whole pass of its group: the pass that this one builds upon, or this pass itself.
    pub fn whole(self) -> PassId {
        match self {
            Name::Whole(whole) | Name::Difference { base: whole, .. } => whole,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Whole(pass) => write!(formatter, "pass-{pass}.json.zst"),
            Name::Difference { pass, base } => write!(formatter, "pass-{pass}-upon-{base}.json.zst"),
        }
    }
}

impl PassId {
    fn parse(text: &str) -> Option<PassId> {
        let (time, number) = text.split_once('-')?;
        Some(PassId { time: time.parse().ok()?, number: number.parse().ok()? })
    }
}

impl fmt::Display for PassId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Seconds have ten digits until the year 2286, so that names sort by time.
        write!(formatter, "{:010}-{:08}", self.time, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let id = |time, number| PassId { time, number };
        let whole = Name::Whole(id(1_795_253_400, 1));
        assert_eq!(whole.to_string(), "pass-1795253400-00000001.json.zst");
        let difference = Name::Difference { pass: id(u64::MAX, u32::MAX), base: id(0, 0) };
        for name in [whole, difference] {
            assert_eq!(Name::parse(&name.to_string()), Some(name));
        }
    }

    #[test]
    fn other_names_are_not_those_of_passes() {
        for name in [
            "",
            "pass-1795253400.json",
            "pass-1795253400-1.json.zst",
            "pass-+795253400-00000001.json.zst",
            "pass-1795253400-00000001.json.zst.tmp",
            "pass-1795253400-00000001-upon-.json.zst",
            "pass-1795253400-00000001-upon-1795253400-00000001.json.zst",
            "pass-1795253400-00000001-upon-1795253340-00000002.json.zst",
            "pass-99999999999999999999999-00000001.json.zst",
            ".pass-1795253400-00000001.json.zst",
        ] {
            assert_eq!(Name::parse(name), None, "{name}");
        }
    }
}
