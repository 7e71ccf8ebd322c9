//! One event that waits for minutes, and the others of its partition.

use super::*;

/// Waits for longer than any test runs, while so many events behind it are answered.
fn run(adjust: impl Fn(&mut KafkaSettings), behind: usize) -> (World, Edge) {
    let world = World::new(&[("in", 1)]);
    let mut settings = world.settings();
    adjust(&mut settings);
    let workflows = world.load(&[Workflow::new("w")]);
    let edge = Edge::start(&settings, &workflows, &world.engine, &world.registry).unwrap();
    world.send("in", Some(b"slow"), Some(br#"{"wait": 250}"#), &[]);
    world.send_numbers("in", behind);
    (world, edge)
}

#[test]
fn it_does_not_stall_what_is_behind_it() {
    let (world, edge) = run(|_| {}, 2_000);
    world.read("results", 2_000);
    assert_eq!(world.committed("g", "in"), 0, "it has no answer");
    assert_eq!(world.count("dead"), 0);
    drop(edge);
}

#[test]
fn at_the_bound_it_is_waited_for_by_default() {
    let bound = |settings: &mut KafkaSettings| {
        settings.offset_gap_max = 100;
        settings.head_block_after = Duration::ZERO;
    };
    let (world, edge) = run(bound, 2_000);
    // What came with the batch that has reached the bound is answered, too; then the partition stands still.
    world.read_until("results", |results| results.len() >= 99);
    assert_eq!(world.committed("g", "in"), 0, "it has no answer");
    assert_eq!(world.count("dead"), 0);
    drop(edge);
}

#[test]
fn at_the_bound_it_becomes_a_dead_letter_where_that_is_set() {
    let give_up = |settings: &mut KafkaSettings| {
        settings.offset_gap_max = 100;
        settings.head_block = HeadBlock::DeadLetter;
        settings.head_block_after = Duration::ZERO;
    };
    let (world, edge) = run(give_up, 2_000);
    world.read("results", 2_000);
    let letters = world.read("dead", 1);
    assert_eq!(letters[0].key.as_deref(), Some(&b"slow"[..]));
    assert_eq!(letters[0].text(), r#"{"wait": 250}"#);
    assert_eq!(letters[0].headers["asl-error"], b"head-blocked");
    assert_eq!(letters[0].headers["asl-offset"], b"0");
    world.expect_committed("g", "in", 2_001);
    // Its execution still waits, and owes nothing.
    end(edge);
}
