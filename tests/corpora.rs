//! The kept corpora of the fuzz targets: what a fuzzer once found interesting must hold for ever.
//!
//! Fuzzing itself: `just fuzz TARGET`.

#[path = "fuzz/oracles.rs"]
#[expect(
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::expect_used,
    clippy::or_fun_call,
    reason = "they are tests"
)]
mod oracles;

use std::path::PathBuf;

#[test]
fn what_must_hold_for_any_bytes_holds_for_the_corpora() {
    type Oracle = fn(&[u8]);
    let targets = [
        ("definition", oracles::definition as Oracle),
        #[cfg(feature = "kafka")]
        ("event", oracles::event),
        ("jsonata", oracles::jsonata),
        ("path", oracles::path),
        ("program", |data| _ = oracles::program(data)),
        ("template", oracles::template),
        ("value", oracles::value),
    ];
    for (name, oracle) in targets {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
        let entries = std::fs::read_dir(folder.join(name)).expect("each target has a corpus");
        let mut files: Vec<PathBuf> = entries.map(|e| e.expect("it is listed").path()).collect();
        files.sort();
        assert!(files.len() > 10, "the corpus of {name} is there");
        for file in &files {
            println!("{}", file.display());
            oracle(&std::fs::read(file).expect("a file of the corpus can be read"));
        }
        println!("{name}: {} inputs", files.len());
    }
}

/// A fuzzer needs a nightly toolchain; this looks at a few programs wherever tests run.
#[test]
fn made_up_programs_end_as_recursion_says() {
    let count = 2_000;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut ends = [0; 3];
    for _ in 0..count {
        let words = 1 + usize::from(next()[0] % 32);
        let data: Vec<u8> = (0..words).flat_map(|_| next()).collect();
        ends[oracles::program(&data)] += 1;
    }
    println!("outputs, errors, unknown: {ends:?}");
    assert!(ends[0] > count / 4 && ends[1] > count / 4, "{ends:?}");
}
