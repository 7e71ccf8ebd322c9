//! What a commit carries beside its position spares the next owner what was answered already.

use super::*;

#[test]
fn what_was_answered_behind_a_long_wait_is_not_answered_again() {
    let world = World::new(&[("in", 1)]);
    let mut settings = world.settings();
    settings.commit_interval = Duration::from_millis(100);
    let workflows = world.load(&[Workflow::new("w")]);
    let start = || Edge::start(&settings, &workflows, &world.engine, &world.registry).unwrap();
    let edge = start();
    world.send("in", None, Some(br#"{"wait": 200}"#), &[]);
    for _ in 0..5 {
        world.send("in", None, Some(b"{}"), &[]);
    }
    world.read("results", 5);
    let mut carried = String::new();
    for _ in 0..600 {
        carried = world.metadata("g", "in");
        if carried.ends_with("1+5") {
            break;
        }
        world.producer.poll(POLL);
    }
    assert!(
        carried.starts_with("stepstream/1 ") && carried.ends_with(" 0 1+5"),
        "{carried}"
    );
    // As a crash would end it.
    drop(edge);
    let edge = start();
    world.send("in", Some(b"last"), Some(b"{}"), &[]);
    let results = world.read("results", 5 + 1);
    assert_eq!(results[5].key.as_deref(), Some(&b"last"[..]));
    assert_eq!(world.committed("g", "in"), 0, "the first has no answer");
    drop(edge);
}

#[test]
fn what_somebody_else_has_written_is_ignored() {
    let world = World::new(&[("in", 1)]);
    let consumer: BaseConsumer = client(&world.broker).set("group.id", "g").create().unwrap();
    world.send_numbers("in", 3);
    let mut list = TopicPartitionList::new();
    list.add_partition_offset("in", 0, Offset::Offset(1))
        .unwrap();
    list.find_partition("in", 0)
        .unwrap()
        .set_metadata("of another program");
    consumer
        .commit(&list, rdkafka::consumer::CommitMode::Sync)
        .unwrap();
    drop(consumer);
    let edge = world.edge(&[Workflow::new("w")]);
    world.read("results", 2);
    world.expect_committed("g", "in", 3);
    end(edge);
    world.end();
}

impl World {
    /// The metadata of a group's commit of the only partition of a topic.
    fn metadata(&self, group: &str, topic: &str) -> String {
        let consumer: BaseConsumer = client(&self.broker)
            .set("group.id", group)
            .create()
            .unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition(topic, 0);
        let committed = consumer.committed_offsets(list, PATIENCE).unwrap();
        let first = committed
            .elements()
            .into_iter()
            .next()
            .expect("one partition was asked for");
        first.metadata().to_owned()
    }
}
