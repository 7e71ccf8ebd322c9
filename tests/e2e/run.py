#!/usr/bin/env python3
"""End to end on a real Apache Kafka, with a client that is not ours.

usage: run.py BINARY BOOTSTRAP WORKLOAD_FOLDER [EVENTS]

  clean    EVENTS events in by confluent-kafka, results back by confluent-kafka: each there once, each what it must be;
           offsets committed to the end; counters of the metrics endpoint equal; SIGTERM ends with 0; a second
           run answers nothing again
  killed   the same, with the process ended by SIGKILL three times on the way: nothing lost, duplicates printed
  refused  records that no execution can be made of come back as dead letters, byte for byte, with their reasons
"""
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

BINARY, BOOTSTRAP, WORKLOAD = sys.argv[1:4]
EVENTS = int(sys.argv[4]) if len(sys.argv) > 4 else 200_000
sys.path.insert(0, WORKLOAD)
import workload  # noqa: E402  (its folder is an argument)

PARTITIONS = 12
PATIENCE_S = 180
admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
failures = []


def check(holds, what):
    print(("ok    " if holds else "FAILED"), what, flush=True)
    if not holds:
        failures.append(what)


def create(*names, **config):
    topics = [NewTopic(name, PARTITIONS, 1, config=config) for name in names]
    for future in admin.create_topics(topics).values():
        future.result()


def ends(topic):
    request = {TopicPartition(topic, p): OffsetSpec.latest() for p in range(PARTITIONS)}
    return {tp.partition: future.result().offset for tp, future in admin.list_offsets(request).items()}


def count(topic):
    return sum(ends(topic).values())


def produce(topic, records):
    producer = Producer({
        "bootstrap.servers": BOOTSTRAP,
        "linger.ms": 50,
        "partitioner": "murmur2_random",
        "queue.buffering.max.messages": 200_000,
        "message.max.bytes": 10_000_000,
    })
    refused = []
    for number, (key, value, headers) in enumerate(records):
        while True:
            try:
                producer.produce(topic, value, key=key, headers=headers,
                                 on_delivery=lambda e, _: e and refused.append(e))
                break
            except BufferError:
                producer.poll(0.1)
        if number % 1000 == 0:
            producer.poll(0)
    producer.flush()
    assert not refused, refused[0]


def read(topic):
    """Every record of a topic, in partition order."""
    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": "e2e-reader", "enable.auto.commit": False})
    wanted = ends(topic)
    consumer.assign([TopicPartition(topic, p, 0) for p in wanted])
    records, deadline = [], time.monotonic() + PATIENCE_S
    while len(records) < sum(wanted.values()) and time.monotonic() < deadline:
        for message in consumer.consume(2000, 1.0):
            assert message.error() is None, message.error()
            records.append(message)
    consumer.close()
    return records


def header(message, name):
    values = [value for key, value in (message.headers() or []) if key == name]
    return values[-1].decode() if values else None


class Service:
    """A running `stepstream serve`."""

    def __init__(self, folder, name, workflow, extra=""):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log_path = os.path.join(folder, f"{name}.log")
        settings = os.path.join(folder, f"{name}.toml")
        with open(settings, "w") as file:
            file.write(f"""
[kafka]
bootstrap_servers = "{BOOTSTRAP}"
group = "{name}"
commit_interval_ms = 200

[kafka.consumer]
"session.timeout.ms" = "6000"

[server]
listen = "127.0.0.1:{self.port}"

{extra}
[[workflows]]
{workflow}
""")
        self.settings = settings

    def start(self):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([BINARY, "serve", "--config", self.settings], stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log)
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def metric(self, name):
        lines = [line for line in self.get("/metrics").splitlines() if line.startswith(name + "{")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()[-3000:]


def until(what, holds, service):
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if service.process.poll() is not None or time.monotonic() > deadline:
            check(False, f"{what}\n{service.log()}")
            return False
        time.sleep(0.2)
    return True


def committed(group, topic):
    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": group, "enable.auto.commit": False})
    offsets = consumer.committed([TopicPartition(topic, p) for p in range(PARTITIONS)], timeout=30)
    consumer.close()
    return {tp.partition: max(tp.offset, 0) for tp in offsets}


def fill(topic, events):
    rng = random.Random(7)
    made = [workload.event(rng, 1_763_800_000_000_000 + i) for i in range(events)]
    produce(topic, ((e["deviceId"].encode(), workload.encode(e), None) for e in made))
    return {e["ts"]: e for e in made}


def compare(made, results, inputs):
    """How many events have no right result, and how many results are beyond one an event."""
    expected = {f"{m.topic()}/{m.partition()}/{m.offset()}": json.loads(m.value())["ts"] for m in inputs}
    seen, wrong = {}, 0
    for message in results:
        result, name = json.loads(message.value()), header(message, "asl-dedup-id")
        event = made[expected[name]]
        wrong += result != workload.expected(event) or message.key() != event["deviceId"].encode()
        seen[name] = seen.get(name, 0) + 1
    lost = len(made) - len(seen)
    return lost, wrong, sum(seen.values()) - len(seen)


def answered(topics):
    return lambda: all(count(topic) >= wanted for topic, wanted in topics.items())


def bench_workflow(run):
    definition = os.path.join(WORKLOAD, "iot.asl.json")
    return f"""
name = "iot"
definition = "{definition}"
topics = ["{run}-in"]
order = "key"
results = "{run}-results"
failures = "{run}-failures"
dead_letters = "{run}-dead"
"""


def clean(folder, run):
    create(f"{run}-in", f"{run}-results", f"{run}-failures", f"{run}-dead")
    made = fill(f"{run}-in", EVENTS)
    service = Service(folder, run, bench_workflow(run)).start()
    if not until("all events are answered", answered({f"{run}-results": EVENTS}), service):
        service.kill()
        return
    until("the offsets are committed to the end", lambda: committed(run, f"{run}-in") == ends(f"{run}-in"), service)
    started = service.metric("stepstream_executions_started_total")
    succeeded = service.metric("stepstream_executions_succeeded_total")
    check(started == succeeded == EVENTS, f"clean: the metrics count {EVENTS} executions ({started:.0f} started)")
    check(service.terminate() == 0, "clean: SIGTERM ends it with 0")
    lost, wrong, duplicates = compare(made, read(f"{run}-results"), read(f"{run}-in"))
    check((lost, wrong, duplicates) == (0, 0, 0),
          f"clean: {EVENTS} events, {lost} lost, {wrong} wrong, {duplicates} duplicates")
    check(count(f"{run}-failures") == count(f"{run}-dead") == 0, "clean: no failure, no dead letter")
    service.start()
    one_more = next(iter(made.values()))
    produce(f"{run}-in", [(one_more["deviceId"].encode(), workload.encode(one_more), None)])
    until("a second run answers the next event", answered({f"{run}-results": EVENTS + 1}), service)
    check(service.terminate() == 0, "clean: the second run ends with 0")
    check(count(f"{run}-results") == EVENTS + 1, "clean: the second run answered nothing again")


def killed(folder, run):
    create(f"{run}-in", f"{run}-results", f"{run}-failures", f"{run}-dead")
    made = fill(f"{run}-in", EVENTS)
    service = Service(folder, run, bench_workflow(run)).start()
    kills = 0
    for share in (0.15, 0.45, 0.75):
        if until("events are answered", answered({f"{run}-results": int(EVENTS * share)}), service):
            kills += count(f"{run}-results") < EVENTS
            service.kill()
            service.start()

    def through():
        return committed(run, f"{run}-in") == ends(f"{run}-in")

    until("all events are answered and committed", through, service)
    check(service.terminate() == 0, "killed: SIGTERM ends the last run with 0")
    lost, wrong, duplicates = compare(made, read(f"{run}-results"), read(f"{run}-in"))
    check(kills == 3, f"killed: ended by SIGKILL {kills} times before the end")
    check((lost, wrong) == (0, 0),
          f"killed: {EVENTS} events, {lost} lost, {wrong} wrong, {duplicates} duplicates "
          f"({100 * duplicates / EVENTS:.2f} %)")


def refused(folder, run):
    create(f"{run}-in", f"{run}-results", f"{run}-failures", f"{run}-dead", **{"max.message.bytes": "10000000"})
    small, mark = b'{"ok":true}', [("kind", b"good")]
    bad = [
        ("json", b"{not json", mark),
        ("empty", b"", mark),
        ("empty", None, mark),
        ("utf8", b'{"a":"\xff\xfe"}', mark),
        ("depth", b"[" * 100_000 + b"]" * 100_000, mark),
        ("too-large", b'"' + b"x" * 5_242_880 + b'"', mark),
        ("no-route", small, [("kind", b"other")]),
    ]
    records = []
    for number, (_, value, headers) in enumerate(bad):
        records.append((f"bad-{number}".encode(), value, headers))
        records.append((f"good-{number}".encode(), small, mark))
    produce(f"{run}-in", records)
    definition = os.path.join(folder, "pass.asl.json")
    with open(definition, "w") as file:
        json.dump({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}, file)
    workflow = f"""
name = "pass"
definition = "{definition}"
topics = ["{run}-in"]
when = {{ header = "kind", equals = "good" }}
results = "{run}-results"
failures = "{run}-failures"
dead_letters = "{run}-dead"
"""
    extra = '[kafka.producer]\n"message.max.bytes" = "10000000"\n'
    service = Service(folder, run, workflow, extra).start()
    until("all are answered", answered({f"{run}-results": len(bad), f"{run}-dead": len(bad)}), service)
    check(service.terminate() == 0, "refused: SIGTERM ends it with 0")
    letters = {message.key(): message for message in read(f"{run}-dead")}
    for number, (reason, value, headers) in enumerate(bad):
        letter = letters.get(f"bad-{number}".encode())
        same = letter is not None and (letter.value() or b"") == (value or b"") and header(letter, "kind")
        got = None if letter is None else header(letter, "asl-error")
        check(same and got == reason, f"refused: {reason} comes back with its bytes ({got})")
    check(count(f"{run}-results") == len(bad), "refused: the events between them are unharmed")


def main():
    stamp = f"e2e-{os.getpid()}-{int(time.time())}"
    with tempfile.TemporaryDirectory() as folder:
        for step in (clean, killed, refused):
            began = time.monotonic()
            step(folder, f"{stamp}-{step.__name__}")
            print(f"      {step.__name__} took {time.monotonic() - began:.0f} s", flush=True)
    print(f"e2e: {len(failures)} failed")
    return 1 if failures else 0


sys.exit(main())
