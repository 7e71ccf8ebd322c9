"""From the moment at which an event was meant to be sent to the moment at which its result is read; and from start to first result.

The generator is open: events are due at a fixed rate, whatever happened to those before, and carry the time at which they were
due. A peer, or this script, that stalls makes all events of the stall late, as users would see it.
"""
import json
import random
import sys
import time
import urllib.error
import urllib.request

from confluent_kafka import Consumer, Producer, TopicPartition

import peers
import workload
from cluster import FIRST_EVENT_US, PARTITIONS, PATIENCE_S
from process import Measured

SETTLE_S = 2


def measure(cluster, who, name, folder, arguments):
    """p50 and p99 in milliseconds at a fixed rate, after a warm-up at the same rate."""
    topic, out = f"{name}-latency-in", f"{name}-latency-out"
    outputs = [topic, out, f"{out}-failures", f"{out}-dead", f"{out}-logs"]
    cluster.create(*outputs)
    run = peers.Run(cluster.bootstrap, topic, out, 0, folder, start="latest")
    command, environment = who.command(run)
    measured = Measured(command, run.file("log"), environment)
    reader = reading(cluster, out)
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "linger.ms": 0, "partitioner": "murmur2_random"})
    rng, sent, latencies = random.Random(11), 0, []
    began = time.time()
    # Nothing counts before the peer is there.
    counted_from = over = began + PATIENCE_S
    there = False
    while time.time() < over + SETTLE_S:
        while (due := began + sent / arguments.rate) <= min(time.time(), over):
            event = workload.event(rng, int(due * 1e6))
            producer.produce(topic, workload.encode(event), key=event["deviceId"].encode() if who.keyed else None)
            sent += 1
        producer.poll(0)
        for message in reader.consume(500, 0.001):
            now, due = time.time(), json.loads(message.value())["ts"] / 1e6
            if not there:
                there = True
                counted_from = now + arguments.warm_up
                over = counted_from + arguments.seconds
            if due >= counted_from:
                latencies.append((now - due) * 1000)
    measured.end()
    reader.close()
    cluster.delete(*outputs)
    expected = int(arguments.seconds * arguments.rate)
    if len(latencies) < expected * 0.999:
        print(f"{who.peer} {who.variant}: {len(latencies)} of {expected} results\n{measured.log()[-2000:]}", file=sys.stderr)
        return {"verified": False}
    latencies.sort()
    return {f"p{part}_ms": round(latencies[int(len(latencies) * float(part) / 100)], 2) for part in ("50", "99")}


def start_to_first_result(cluster, who, name, folder):
    """Milliseconds from the process' start to the first result, less the time in which it waits for its group (from its endpoint's
    first answer until it is ready)."""
    topic, out = f"{name}-start-in", f"{name}-start-out"
    outputs = [topic, out, f"{out}-failures", f"{out}-dead", f"{out}-logs"]
    cluster.create(*outputs)
    event = workload.event(random.Random(3), FIRST_EVENT_US)
    cluster.produce(topic, [(event["deviceId"].encode(), workload.encode(event), None)])
    run = peers.Run(cluster.bootstrap, topic, out, 1, folder)
    reader = reading(cluster, out)
    reader.poll(0.5)
    command, environment = who.command(run)
    measured = Measured(command, run.file("log"), environment)
    listening = joined = result = None
    while result is None and time.monotonic() - measured.began < PATIENCE_S:
        message = reader.poll(0.002)
        now = time.monotonic() - measured.began
        if message is not None and message.error() is None:
            result = now
        if joined is None:
            status = ready(run.port)
            listening = now if listening is None and status is not None else listening
            joined = now if status == 200 else None
    measured.end()
    reader.close()
    cluster.delete(*outputs)
    assert result is not None, f"no result\n{measured.log()[-2000:]}"
    joined = min(joined or result, result)
    return round((result - (joined - (listening or joined))) * 1000)


def ready(port):
    """The status of the readiness page; None before the endpoint listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def reading(cluster, topic):
    reader = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": topic, "enable.auto.commit": False,
                       "fetch.wait.max.ms": 5, "fetch.min.bytes": 1})
    reader.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
    return reader
