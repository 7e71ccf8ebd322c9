#!/usr/bin/env python3
"""Request and reply over a real Apache Kafka, asked by clients that are not ours.

usage: replies.py BINARY BOOTSTRAP SPRING_FOLDER [REQUESTS]

SPRING_FOLDER has `classes` and `lib` of tests/e2e/spring, compiled.

  spring     REQUESTS requests of Spring Kafka's ReplyingKafkaTemplate, 200 in flight, after a warm-up: each has its own answer
  rate       the same at 1,000 a second: p50 and p99 from the moment at which a request was due
  partition  Spring asks for replies in one partition alone
  confluent  REQUESTS requests of confluent-kafka, 200 in flight, and as many at 1,000 a second; correlation ids of any bytes
  kcat       one request and its reply, with kcat alone
  refused    topics that are not allowed or not there: dead letters with reasons, and no topic comes into being
"""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from confluent_kafka import Consumer, Producer, TopicPartition

from checks import check, exit_code, failures
from cluster import PARTITIONS, PATIENCE_S, Cluster, Service, header

BINARY, BOOTSTRAP, SPRING = sys.argv[1:4]
REQUESTS = int(sys.argv[4]) if len(sys.argv) > 4 else 10_000
IN_FLIGHT_MAX = 200
PER_SECOND = 1_000
WARM_UP_S = 15
RUN = f"replies-{int(time.time())}"
REQUEST_TOPIC, REPLY_TOPIC = f"{RUN}-in", f"{RUN}-replies"
# One for each client, so that none has to read what others asked for.
REPLY_TOPICS = [REPLY_TOPIC, *(f"{REPLY_TOPIC}-{client}" for client in ("flat", "rate", "partition", "kcat"))]

DEFINITION = {"StartAt": "Fails", "States": {
    "Fails": {"Type": "Choice", "Default": "Answer",
              "Choices": [{"Variable": "$.fail", "IsPresent": True, "Next": "Fail"}]},
    "Fail": {"Type": "Fail", "Error": "Asked", "Cause": "for it"},
    "Answer": {"Type": "Pass", "End": True}}}

cluster = Cluster(BOOTSTRAP)


def spring(what, reply_topic, partition, warm_up, requests, in_flight_max, per_second):
    command = [shutil.which("java"), "-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
               "-cp", f"{SPRING}/classes:{SPRING}/lib/*", "stepstream.Requests", BOOTSTRAP, REQUEST_TOPIC, reply_topic,
               str(partition), str(warm_up), str(requests), str(in_flight_max), str(per_second)]
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240)
    if ran.returncode != 0:
        return check(False, f"{what}: {ran.stderr[-2000:]}")
    said = json.loads(ran.stdout.splitlines()[-1])
    check(said["lost"] == 0 and said["wrong"] == 0,
          f"{what}: {requests} requests, {said['lost']} lost, {said['wrong']} wrong, {requests / said['seconds']:.0f}/s, "
          f"p50 {said['p50_ms']} ms, p99 {said['p99_ms']} ms")


def taken_at_once(consumer):
    """What is there, waiting a millisecond for the first: a batch would wait to be full."""
    message = consumer.poll(0.001)
    while message is not None:
        yield message
        message = consumer.poll(0)


def confluent(what, in_flight_max, per_second=None):
    """Ids of 16 bytes that are no text; replies in partitions that the requests choose."""
    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": f"{RUN}-asker", "fetch.wait.max.ms": 10})
    consumer.assign([TopicPartition(REPLY_TOPIC, p, end) for p, end in cluster.ends(REPLY_TOPIC).items()])
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "linger.ms": 1})
    open_requests, taken, wrong, sent = {}, [], 0, 0
    began = time.monotonic()
    deadline = began + PATIENCE_S
    while (sent < REQUESTS or open_requests) and time.monotonic() < deadline:
        while sent < REQUESTS and len(open_requests) < in_flight_max:
            due = began + sent / per_second if per_second else time.monotonic()
            if due > time.monotonic():
                break
            id_bytes, partition = struct.pack(">QQ", sent, 0xFF00FE0A00000000 + sent), sent % PARTITIONS
            producer.produce(REQUEST_TOPIC, json.dumps({"n": sent}), key=f"k{sent % 97}", headers=[
                ("kafka_replyTopic", REPLY_TOPIC.encode()), ("kafka_correlationId", id_bytes),
                ("kafka_replyPartition", struct.pack(">i", partition))])
            open_requests[id_bytes] = (sent, partition, due)
            sent += 1
        producer.poll(0)
        for message in consumer.consume(500, 0.01) if per_second is None else taken_at_once(consumer):
            asked = open_requests.pop(dict(message.headers())["kafka_correlationId"], None)
            if asked is None:
                wrong += 1
                continue
            n, partition, at = asked
            taken.append(time.monotonic() - at)
            wrong += message.partition() != partition or json.loads(message.value()) != {"n": n}
    producer.flush(PATIENCE_S)
    consumer.close()
    taken.sort()
    p50, p99 = (f"{taken[int(len(taken) * share)] * 1000:.2f}" if taken else "?" for share in (0.5, 0.99))
    check(not open_requests and wrong == 0,
          f"{what}: {REQUESTS} requests, {len(open_requests)} lost, {wrong} wrong, p50 {p50} ms, p99 {p99} ms")


def kcat():
    subprocess.run(["kcat", "-P", "-b", BOOTSTRAP, "-t", REQUEST_TOPIC, "-H", f"kafka_replyTopic={REPLY_TOPIC}-kcat",
                    "-H", "kafka_correlationId=from kcat"], input='{"n": 1.50}\n', text=True, check=True, timeout=60)
    ran = subprocess.run(["kcat", "-C", "-b", BOOTSTRAP, "-t", f"{REPLY_TOPIC}-kcat", "-o", "beginning", "-c", "1", "-q",
                          "-f", "%s %h"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    value, headers = ran.stdout.split(" ", 1)
    check(value == '{"n":1.50}' and "kafka_correlationId=from kcat" in headers and "asl-status=SUCCEEDED" in headers,
          f"kcat: {ran.stdout}")


def refused():
    cases = {"not-allowed": "reply-topic", f"{REPLY_TOPIC}-nowhere": "reply-undeliverable"}
    for topic in cases:
        cluster.produce(REQUEST_TOPIC, [(b"k", json.dumps({"to": topic}).encode(),
                                         [("kafka_replyTopic", topic.encode())])])
    cluster.produce(REQUEST_TOPIC, [(b"k", b'{"n": 0}', [
        ("kafka_replyTopic", REPLY_TOPIC.encode()), ("kafka_replyPartition", struct.pack(">i", PARTITIONS))])])
    deadline = time.monotonic() + PATIENCE_S
    while cluster.count(f"{RUN}-dead") < 3 and time.monotonic() < deadline:
        time.sleep(0.2)
    reasons = {m.value(): header(m, "asl-error") for m in cluster.read(f"{RUN}-dead")}
    wanted = {json.dumps({"to": topic}).encode(): reason for topic, reason in cases.items()}
    check(reasons == {**wanted, b'{"n": 0}': "reply-undeliverable"}, f"dead letters: {reasons}")
    there = cluster.admin.list_topics(timeout=30).topics
    check(not any(topic in there for topic in cases), "a request makes no topic")


def main():
    cluster.create(REQUEST_TOPIC, *REPLY_TOPICS, f"{RUN}-dead")
    with tempfile.TemporaryDirectory() as folder:
        definition = os.path.join(folder, "answer.asl.json")
        with open(definition, "w") as file:
            json.dump(DEFINITION, file)
        service = Service(BINARY, folder, RUN, f"""
[kafka]
bootstrap_servers = "{BOOTSTRAP}"
group = "{RUN}"
commit_interval_ms = 200

[[workflows]]
name = "answer"
definition = "{definition}"
topics = ["{REQUEST_TOPIC}"]
dead_letters = "{RUN}-dead"

[workflows.reply]
topics = ["{REPLY_TOPIC}*"]
""").start()
        deadline = time.monotonic() + PATIENCE_S
        while (service.get("/readyz") or (0, ""))[0] != 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        _, flat, rate, partition, _ = REPLY_TOPICS
        spring("Spring, 200 in flight", flat, -1, REQUESTS, REQUESTS, IN_FLIGHT_MAX, 0)
        spring(f"Spring, {PER_SECOND} a second", rate, -1, WARM_UP_S * PER_SECOND, REQUESTS, REQUESTS, PER_SECOND)
        spring("Spring, one partition", partition, 3, 0, REQUESTS // 10, IN_FLIGHT_MAX, 0)
        confluent("confluent-kafka, 200 in flight", IN_FLIGHT_MAX)
        confluent(f"confluent-kafka, {PER_SECOND} a second", REQUESTS, PER_SECOND)
        kcat()
        refused()
        while cluster.committed(RUN, REQUEST_TOPIC) != cluster.ends(REQUEST_TOPIC) and time.monotonic() < deadline:
            time.sleep(0.2)
        check(cluster.committed(RUN, REQUEST_TOPIC) == cluster.ends(REQUEST_TOPIC), "every request's offset is committed")
        received = cluster.count(REQUEST_TOPIC)
        answered = sum(cluster.count(topic) for topic in (*REPLY_TOPICS, f"{RUN}-dead"))
        check(received == answered, f"{received} requests, {answered} replies and dead letters")
        check(service.terminate() == 0, "SIGTERM ends it with 0")
        if failures:
            print(service.log()[-4000:])
    cluster.delete(REQUEST_TOPIC, *REPLY_TOPICS, f"{RUN}-dead")
    sys.exit(exit_code("replies"))


if __name__ == "__main__":
    main()
