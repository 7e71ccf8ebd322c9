//! What an expression can see.

use super::Variables;
use crate::value::Value;

/// The values that an expression is evaluated against.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// `$`
    pub input: &'a Value,
    /// `$$`; the machine builds it only for programs that ask for it (`Program::uses_context`), else it is null.
    pub context: &'a Value,
    /// `$name`
    pub variables: &'a Variables,
    /// Where `States.UUID` and `States.MathRandom` draw from.
    pub randomness: &'a Randomness,
}

/// Deterministic randomness of one execution: the same seed gives the same numbers in the same order.
#[derive(Debug)]
pub struct Randomness {
    state: std::cell::Cell<u64>,
}

impl Randomness {
    /// Starts from `seed`, an argument of the execution.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            state: std::cell::Cell::new(seed),
        }
    }

    /// The next 64 bits (SplitMix64).
    pub fn next_u64(&self) -> u64 {
        let state = self.state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.state.set(state);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
