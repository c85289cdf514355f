//! Random numbers that can be reproduced.

use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
pub struct Random(u64);

impl Random {
    /// A new seed in each run; `ALBATROSS_SEED` sets the seed of an earlier run.
    pub fn seeded() -> Random {
        let given = env::var("ALBATROSS_SEED").ok().map(|seed| seed.parse().expect("a number"));
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").subsec_nanos().into();
        let seed = given.unwrap_or_else(now);
        eprintln!("ALBATROSS_SEED={seed}");
        Random(seed)
    }

    /// Another generator, for a task that runs concurrently.
    pub fn fork(&mut self) -> Random {
        Random(self.next())
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a limit");
        usize::try_from(self.next() % limit).expect("a small number")
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
