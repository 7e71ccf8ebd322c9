"""A Kafka cluster as a foreign client sees it, and a `stepstream serve` beside it."""
import atexit
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

PARTITIONS = 12
PATIENCE_S = 180
# Events carry the microsecond at which they were made; the workload is the same in every run.
FIRST_EVENT_US = 1_763_800_000_000_000


def import_workload(folder):
    """The module that makes events, and the result that each must give."""
    sys.path.insert(0, folder)
    import workload
    return workload


def events(workload, count):
    rng = random.Random(7)
    for number in range(count):
        yield workload.event(rng, FIRST_EVENT_US + number)


def keyed(workload, made):
    return ((e["deviceId"].encode(), workload.encode(e), None) for e in made)


class Cluster:
    """What is done to topics and groups through confluent-kafka."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap})

    def create(self, *names, **config):
        topics = [NewTopic(name, PARTITIONS, 1, config=config) for name in names]
        for future in self.admin.create_topics(topics).values():
            future.result()
        # A new topic's leaders are not known at once.
        deadline = time.monotonic() + PATIENCE_S
        for name in names:
            while not self._led(name):
                assert time.monotonic() < deadline, f"{name} has no leaders"
                time.sleep(0.1)

    def _led(self, name):
        topic = self.admin.list_topics(name, timeout=30).topics[name]
        return len(topic.partitions) == PARTITIONS and all(p.leader >= 0 for p in topic.partitions.values())

    def delete(self, *names):
        for future in self.admin.delete_topics(list(names)).values():
            future.result()

    def ends(self, topic):
        request = {TopicPartition(topic, p): OffsetSpec.latest() for p in range(PARTITIONS)}
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return {tp.partition: future.result().offset for tp, future in self.admin.list_offsets(request).items()}
            except KafkaException:
                # A leader that was just elected is not everywhere known.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def count(self, topic):
        return sum(self.ends(topic).values())

    def committed(self, group, topic):
        consumer = self._consumer(group)
        offsets = consumer.committed([TopicPartition(topic, p) for p in range(PARTITIONS)], timeout=30)
        consumer.close()
        return {tp.partition: max(tp.offset, 0) for tp in offsets}

    def produce(self, topic, records):
        """Writes (key, value, headers) and returns when the broker has all of them."""
        producer = Producer({
            "bootstrap.servers": self.bootstrap,
            "linger.ms": 50,
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": 200_000,
            "message.max.bytes": 10_000_000,
        })
        refused = []

        def delivered(error, _):
            if error:
                refused.append(error)

        for number, (key, value, headers) in enumerate(records):
            while True:
                try:
                    producer.produce(topic, value, key=key, headers=headers, on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(0.1)
            if number % 1000 == 0:
                producer.poll(0)
        producer.flush()
        assert not refused, refused[0]

    def read(self, topic, records_max=None):
        """The records of a topic, all of them or the first ones, those of a partition in their order."""
        consumer = self._consumer("foreign-reader")
        wanted = self.ends(topic)
        total = sum(wanted.values())
        total = total if records_max is None else min(total, records_max)
        consumer.assign([TopicPartition(topic, p, 0) for p in wanted])
        records, deadline = [], time.monotonic() + PATIENCE_S
        while len(records) < total and time.monotonic() < deadline:
            for message in consumer.consume(2000, 1.0):
                assert message.error() is None, message.error()
                records.append(message)
        consumer.close()
        assert len(records) >= total, f"{topic}: only {len(records)} of {total} records could be read"
        return records

    def _consumer(self, group):
        return Consumer({"bootstrap.servers": self.bootstrap, "group.id": group, "enable.auto.commit": False})


def header(message, name):
    """The text of a header's last occurrence."""
    values = [value for key, value in (message.headers() or []) if key == name]
    return values[-1].decode() if values else None


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Service:
    """A `stepstream serve`: its settings file, its process and its endpoint, and the AWS API if it is wanted."""

    def __init__(self, binary, folder, name, settings, api=None):
        self.port, self.api_port = free_port(), free_port()
        served = "enabled = false" if api is None else f'listen = "127.0.0.1:{self.api_port}"\n{api}'
        self.binary = binary
        self.log_path = os.path.join(folder, f"{name}.log")
        self.settings_path = os.path.join(folder, f"{name}.toml")
        with open(self.settings_path, "w") as file:
            file.write(f'[server]\nlisten = "127.0.0.1:{self.port}"\n\n[api]\n{served}\n\n{settings}')

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.binary, "serve", "--config", self.settings_path],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        # A check that ends in an exception leaves nothing running.
        atexit.register(self.process.kill)
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self, within_s=60):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)

    def runs(self):
        return self.process.poll() is None

    def get(self, path):
        """Status and text of an answer; None before the endpoint listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return None

    def ask(self, operation, **members):
        """The answer of an operation of the AWS API, also one that refuses."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.api_port}/", json.dumps(members).encode(), {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AWSStepFunctions.{operation}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def metric(self, name):
        """The sum over all labels."""
        _, text = self.get("/metrics")
        lines = [line for line in text.splitlines() if line.startswith((name + "{", name + " "))]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()
