//! See `program` in `oracles.rs`.
#![no_main]

#[path = "../oracles.rs"]
#[expect(dead_code, reason = "each target uses one of them")]
mod oracles;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    oracles::program(data);
});
