//! What Kafka itself costs through librdkafka: the yardstick for everything that does more.
//!
//! `limit pass n=N topic=IN out=OUT bs=BROKERS json=none|sonic` consumes in batches, produces each value with its key (as it
//! came, or parsed and written by sonic-rs) and commits behind the acknowledgements. `limit produce n=N bytes=B out=OUT bs=BROKERS`
//! only produces. `p.NAME=VALUE` and `c.NAME=VALUE` are properties of the producer and of the consumer.
//!
//! *Not here*: errors are not handled, only counted or fatal; a run that met one is not a measurement.

use std::collections::{HashMap, VecDeque};
use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::bindings as sys;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};

const PARTITIONS: usize = 12;
const BATCH: usize = 1000;
const COMMIT_EVERY: Duration = Duration::from_secs(1);

const PRODUCER: [(&str, &str); 6] = [
    ("acks", "all"),
    ("linger.ms", "20"),
    ("queue.buffering.max.messages", "500000"),
    ("queue.buffering.max.kbytes", "1048576"),
    ("batch.num.messages", "10000"),
    ("batch.size", "1000000"),
];
const CONSUMER: [(&str, &str); 6] = [
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("auto.offset.reset", "earliest"),
    ("fetch.min.bytes", "1"),
    ("queued.min.messages", "100000"),
    ("fetch.message.max.bytes", "1048576"),
];

type Arguments = HashMap<String, String>;

fn main() {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let arguments: Arguments = words
        .filter_map(|word| {
            word.split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        })
        .collect();
    match command.as_str() {
        "pass" => pass(&arguments),
        "produce" => produce(&arguments),
        _ => {
            eprintln!("limit pass|produce NAME=VALUE...");
            std::process::exit(2);
        }
    }
}

fn text<'a>(arguments: &'a Arguments, name: &str) -> &'a str {
    match arguments.get(name) {
        Some(value) => value,
        None => panic!("{name}= is missing"),
    }
}

fn number(arguments: &Arguments, name: &str) -> u64 {
    text(arguments, name).parse().expect("a number")
}

fn client(arguments: &Arguments, prefix: &str, defaults: &[(&str, &str)]) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", text(arguments, "bs"));
    for (name, value) in defaults {
        config.set(*name, *value);
    }
    for (name, value) in arguments {
        if let Some(name) = name.strip_prefix(prefix) {
            config.set(name, value);
        }
    }
    config
}

/// Which offsets of each partition are acknowledged, from the first that is not.
struct Ledger(Vec<Mutex<(i64, VecDeque<bool>)>>);

impl Ledger {
    fn new() -> Self {
        Self(
            (0..PARTITIONS)
                .map(|_| Mutex::new((-1, VecDeque::new())))
                .collect(),
        )
    }

    fn begin(&self, partition: i32, offset: i64) -> usize {
        let mut part = self.0[partition as usize].lock().unwrap();
        if part.0 < 0 {
            part.0 = offset;
        }
        while part.0 + (part.1.len() as i64) < offset {
            part.1.push_back(true);
        }
        part.1.push_back(false);
        (partition as usize) << 48 | offset as usize
    }

    fn end(&self, token: usize) {
        let mut part = self.0[token >> 48].lock().unwrap();
        let index = (token & 0xffff_ffff_ffff) as i64 - part.0;
        part.1[index as usize] = true;
        while part.1.front() == Some(&true) {
            part.1.pop_front();
            part.0 += 1;
        }
    }
}

#[derive(Clone, Default)]
struct Acknowledged {
    good: Arc<AtomicU64>,
    bad: Arc<AtomicU64>,
    ledger: Option<Arc<Ledger>>,
}

impl ClientContext for Acknowledged {}

impl ProducerContext for Acknowledged {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, token: usize) {
        match (result, &self.ledger) {
            (Ok(_), Some(ledger)) => {
                self.good.fetch_add(1, Relaxed);
                ledger.end(token);
            }
            (Ok(_), None) => {
                self.good.fetch_add(1, Relaxed);
            }
            (Err(_), _) => {
                self.bad.fetch_add(1, Relaxed);
            }
        }
    }
}

fn send(
    producer: &BaseProducer<Acknowledged>,
    topic: &str,
    value: &[u8],
    key: Option<&[u8]>,
    token: usize,
) {
    let mut record = BaseRecord::<[u8], [u8], usize>::with_opaque_to(topic, token).payload(value);
    record.key = key;
    loop {
        match producer.send(record) {
            Ok(()) => return,
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), refused)) => {
                producer.poll(Duration::from_millis(5));
                record = refused;
            }
            Err((error, _)) => panic!("{error}"),
        }
    }
}

fn pass(arguments: &Arguments) {
    let (count, topic, out) = (
        number(arguments, "n"),
        text(arguments, "topic"),
        text(arguments, "out"),
    );
    let sonic = arguments.get("json").is_some_and(|json| json == "sonic");
    let ledger = Arc::new(Ledger::new());
    let acknowledged = Acknowledged {
        ledger: Some(Arc::clone(&ledger)),
        ..Acknowledged::default()
    };
    let producer: BaseProducer<Acknowledged> = client(arguments, "p.", &PRODUCER)
        .create_with_context(acknowledged.clone())
        .unwrap();
    let mut config = client(arguments, "c.", &CONSUMER);
    config.set(
        "group.id",
        arguments
            .get("group")
            .cloned()
            .unwrap_or_else(|| out.to_owned()),
    );
    // SAFETY: the consumer lives until the process ends; every message of a batch is destroyed once, after its last use.
    unsafe {
        let consumer = consumer(&config);
        let queue = subscribe(consumer, topic);
        let mut messages: Vec<*mut sys::rd_kafka_message_t> = vec![std::ptr::null_mut(); BATCH];
        let (mut passed, mut last_commit, mut buffer) = (0, Instant::now(), Vec::new());
        while passed < count {
            let got = sys::rd_kafka_consume_batch_queue(queue, 20, messages.as_mut_ptr(), BATCH);
            for message in messages.iter().take(got.max(0) as usize) {
                let read = &**message;
                if read.err as i32 == 0 {
                    let value = std::slice::from_raw_parts(read.payload as *const u8, read.len);
                    let key = (!read.key.is_null())
                        .then(|| std::slice::from_raw_parts(read.key as *const u8, read.key_len));
                    let token = ledger.begin(read.partition, read.offset);
                    if sonic {
                        let parsed: sonic_rs::Value = sonic_rs::from_slice(value).unwrap();
                        buffer.clear();
                        sonic_rs::to_writer(&mut buffer, &parsed).unwrap();
                        send(&producer, out, &buffer, key, token);
                    } else {
                        send(&producer, out, value, key, token);
                    }
                    passed += 1;
                }
                sys::rd_kafka_message_destroy(*message);
            }
            producer.poll(Duration::ZERO);
            if last_commit.elapsed() > COMMIT_EVERY {
                commit(consumer, topic, &ledger, true);
                last_commit = Instant::now();
            }
        }
        producer.flush(Duration::from_secs(60)).unwrap();
        commit(consumer, topic, &ledger, false);
    }
    finish(&acknowledged);
}

fn produce(arguments: &Arguments) {
    let (count, bytes, out) = (
        number(arguments, "n"),
        number(arguments, "bytes"),
        text(arguments, "out"),
    );
    let acknowledged = Acknowledged::default();
    let producer: BaseProducer<Acknowledged> = client(arguments, "p.", &PRODUCER)
        .create_with_context(acknowledged.clone())
        .unwrap();
    let value = vec![b'x'; bytes as usize];
    for sent in 0..count {
        let key = format!("dev-{:06}", sent.wrapping_mul(2_654_435_761) % 100_000);
        send(&producer, out, &value, Some(key.as_bytes()), 0);
        if sent % 256 == 0 {
            producer.poll(Duration::ZERO);
        }
    }
    producer.flush(Duration::from_secs(60)).unwrap();
    finish(&acknowledged);
}

/// Ends the process: leaving the group in order is not measured.
fn finish(acknowledged: &Acknowledged) -> ! {
    let (good, bad) = (
        acknowledged.good.load(Relaxed),
        acknowledged.bad.load(Relaxed),
    );
    println!("acked={good} errors={bad}");
    std::process::exit(i32::from(bad > 0))
}

unsafe fn consumer(config: &ClientConfig) -> *mut sys::rd_kafka_t {
    // SAFETY: librdkafka takes the configuration over when it makes the client.
    unsafe {
        let conf = sys::rd_kafka_conf_new();
        let mut error = [0; 512];
        for (name, value) in config.config_map() {
            let (name, value) = (CString::new(name).unwrap(), CString::new(value).unwrap());
            let set = sys::rd_kafka_conf_set(
                conf,
                name.as_ptr(),
                value.as_ptr(),
                error.as_mut_ptr(),
                error.len(),
            );
            assert!(set as i32 == 0, "{:?}", CStr::from_ptr(error.as_ptr()));
        }
        let kind = sys::rd_kafka_type_t::RD_KAFKA_CONSUMER;
        let consumer = sys::rd_kafka_new(kind, conf, error.as_mut_ptr(), error.len());
        assert!(!consumer.is_null(), "{:?}", CStr::from_ptr(error.as_ptr()));
        consumer
    }
}

unsafe fn subscribe(consumer: *mut sys::rd_kafka_t, topic: &str) -> *mut sys::rd_kafka_queue_t {
    // SAFETY: `consumer` is one.
    unsafe {
        sys::rd_kafka_poll_set_consumer(consumer);
        let list = sys::rd_kafka_topic_partition_list_new(1);
        let topic = CString::new(topic).unwrap();
        sys::rd_kafka_topic_partition_list_add(list, topic.as_ptr(), -1);
        sys::rd_kafka_subscribe(consumer, list);
        sys::rd_kafka_topic_partition_list_destroy(list);
        sys::rd_kafka_queue_get_consumer(consumer)
    }
}

unsafe fn commit(consumer: *mut sys::rd_kafka_t, topic: &str, ledger: &Ledger, background: bool) {
    // SAFETY: `consumer` is one; the list lives until the call is over.
    unsafe {
        let list = sys::rd_kafka_topic_partition_list_new(PARTITIONS as i32);
        let topic = CString::new(topic).unwrap();
        for (partition, part) in ledger.0.iter().enumerate() {
            let offset = part.lock().unwrap().0;
            if offset >= 0 {
                (*sys::rd_kafka_topic_partition_list_add(list, topic.as_ptr(), partition as i32))
                    .offset = offset;
            }
        }
        sys::rd_kafka_commit(consumer, list, i32::from(background));
        sys::rd_kafka_topic_partition_list_destroy(list);
    }
}
