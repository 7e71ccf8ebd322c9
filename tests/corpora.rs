//! The kept corpora of the fuzz targets: what a fuzzer once found interesting must hold for ever.
//!
//! Fuzzing itself: `just fuzz TARGET`.

#[path = "fuzz/oracles.rs"]
mod oracles;

use std::path::PathBuf;

#[test]
fn what_must_hold_for_any_bytes_holds_for_the_corpora() {
    type Oracle = fn(&[u8]);
    let targets: [(&str, Oracle); 5] = [
        ("definition", oracles::definition),
        ("jsonata", oracles::jsonata),
        ("path", oracles::path),
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
