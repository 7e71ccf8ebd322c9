#!/usr/bin/env python3
"""What events cost that no execution can be made of, beside good ones, on one broker.

usage: poison.py BINARY BOOTSTRAP WORKLOAD_FOLDER [EVENTS [ROUNDS]]

EVENTS events are written before `stepstream serve` starts: all good, one in a hundred of them bad, all bad. Each run is done ROUNDS times in
turn, and the cheapest of each kind is told: CPU seconds of the process, and events a second from the first answer to the
last. These are figures to read, no verdict. Every bad event must come back as a dead letter: once, byte for byte, with its
reason and place, and the headers of its profile. Then, all bad again, a limit must stop the workflow with its offsets kept, and not
one letter beyond it.
"""
import json
import os
import random
import sys
import tempfile
import time

from cluster import PATIENCE_S, Cluster, Service, events, header, import_workload, keyed

BINARY, BOOTSTRAP, WORKLOAD = sys.argv[1:4]
EVENTS = int(sys.argv[4]) if len(sys.argv) > 4 else 200_000
ROUNDS = int(sys.argv[5]) if len(sys.argv) > 5 else 3
LIMIT = 100
BAD = [
    ("json", b"{not json"),
    ("json", b'{"temperature":NaN}'),
    ("empty", b""),
    ("empty", None),
    ("utf8", b'{"deviceId":"\xff\xfe"}'),
    ("depth", b"[" * 1_000 + b"]" * 1_000),
]
# A header of each profile that tools look for, and what it says of the place.
PROFILES = {"spring": "kafka_dlt-original-topic", "connect": "__connect.errors.topic", "streams": "__streams.errors.topic"}

cluster = Cluster(BOOTSTRAP)
workload = import_workload(WORKLOAD)
ticks_per_s = os.sysconf("SC_CLK_TCK")


def records(bad_one_in):
    for number, (key, value, headers) in enumerate(keyed(workload, events(workload, EVENTS))):
        if bad_one_in and number % bad_one_in == 0:
            value = BAD[number // bad_one_in % len(BAD)][1]
            # What is no UTF-8 is a key like any other.
            key = b"\xff" + key if number % 7 == 0 else key
        yield key, value, headers


def service(folder, run, profile, limit=""):
    definition = os.path.join(os.path.abspath(WORKLOAD), "iot.asl.json")
    return Service(BINARY, folder, run, f"""
[kafka]
bootstrap_servers = "{BOOTSTRAP}"
group = "{run}"

[[workflows]]
name = "iot"
definition = "{definition}"
order = "key"
topics = ["{run}-in"]
results = "{run}-results"
failures = "{run}-failures"
dead_letters = "{run}-dead"
dead_letter_headers = "{profile}"
{limit}
""")


def cpu_s(process):
    with open(f"/proc/{process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / ticks_per_s


def until(holds, serving, what):
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert serving.runs() and time.monotonic() < deadline, f"{what}\n{serving.log()[-3000:]}"
        time.sleep(0.05)


def answered(serving):
    if serving.get("/livez") is None:
        return 0
    return serving.metric("stepstream_executions_succeeded_total") + serving.metric("stepstream_dead_letters_total")


def run_once(folder, name, bad_one_in, profile):
    """CPU seconds, and events a second."""
    topics = [f"{name}-{part}" for part in ("in", "results", "failures", "dead")]
    cluster.create(*topics)
    cluster.produce(topics[0], records(bad_one_in))
    bad = len(range(0, EVENTS, bad_one_in)) if bad_one_in else 0
    serving = service(folder, name, profile).start()
    until(lambda: answered(serving) > 0, serving, f"{name}: nothing is answered")
    began, before = time.monotonic(), answered(serving)
    until(lambda: answered(serving) >= EVENTS, serving, f"{name}: not all is answered")
    rate = (EVENTS - before) / (time.monotonic() - began)
    until(lambda: cluster.committed(name, topics[0]) == cluster.ends(topics[0]), serving, f"{name}: not all is committed")
    cost = cpu_s(serving.process)
    assert serving.terminate() == 0, serving.log()[-3000:]
    ends = [cluster.count(topic) for topic in topics[1:]]
    assert ends == [EVENTS - bad, 0, bad], f"{name}: {ends}"
    if bad:
        look(topics, bad, profile)
    cluster.delete(*topics)
    return cost, rate


def look(topics, bad, profile):
    """Every letter is an input, byte for byte, once; it says where that was and why it is bad."""
    reasons = {value: reason for reason, value in BAD}
    sent = {(m.partition(), m.offset()): m for m in cluster.read(topics[0]) if m.value() in reasons}
    letters = cluster.read(topics[3])
    assert len(sent) == len(letters) == bad, (len(sent), len(letters), bad)
    for letter in letters:
        origin = sent.pop((int(header(letter, "asl-partition")), int(header(letter, "asl-offset"))))
        assert (letter.value(), letter.key()) == (origin.value(), origin.key()), (letter.value(), letter.headers())
        assert header(letter, "asl-error") == reasons[origin.value()], (origin.value(), letter.headers())
        assert header(letter, "asl-topic") == header(letter, PROFILES[profile]) == topics[0], letter.headers()


def limited(folder, name):
    """All bad, with a limit: it stops there, and says so."""
    topics = [f"{name}-{part}" for part in ("in", "results", "failures", "dead")]
    cluster.create(*topics)
    cluster.produce(topics[0], records(1))
    serving = service(folder, name, "none", f"[workflows.dead_letter_limit]\nrun = {LIMIT}\n").start()
    stopped = lambda: serving.get("/livez") is not None and serving.metric("stepstream_workflow_stopped") == 1
    until(stopped, serving, f"{name}: it does not stop")
    status, text = serving.get("/readyz")
    assert status == 503 and "iot" in text, (status, text)
    assert serving.terminate() == 0, serving.log()[-3000:]
    letters = {(int(header(m, "asl-partition")), int(header(m, "asl-offset"))) for m in cluster.read(topics[3])}
    assert len(letters) == cluster.count(topics[3]) == LIMIT, (len(letters), cluster.count(topics[3]))
    # Exactly what is a letter with all before it is committed: which worker begins first is left to chance, so it may be nothing.
    committed = cluster.committed(name, topics[0])
    for partition, position in committed.items():
        unanswered = next(offset for offset in range(LIMIT + 1) if (partition, offset) not in letters)
        assert position == unanswered, (partition, position, unanswered, sorted(letters))
    letters, committed = len(letters), sum(committed.values())
    cluster.delete(*topics)
    return letters, committed


def main():
    tag = f"poison-{random.SystemRandom().randrange(1 << 32):08x}"
    kinds = {"good": (0, "none"), "1 % bad": (100, "spring"), "1 % bad, connect": (100, "connect"), "100 % bad": (1, "streams")}
    costs, rates = {kind: [] for kind in kinds}, {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as folder:
        for round_number in range(ROUNDS):
            for number, (kind, (bad_one_in, profile)) in enumerate(kinds.items()):
                cost, rate = run_once(folder, f"{tag}-{round_number}-{number}", bad_one_in, profile)
                costs[kind].append(cost)
                rates[kind].append(rate)
        letters, committed = limited(folder, f"{tag}-limit")
    least = {kind: min(each) for kind, each in costs.items()}
    for kind in kinds:
        print(f"{kind:18} {least[kind]:6.2f} CPU s, {least[kind] / least['good']:5.2f} of good; "
              f"{max(rates[kind]):8.0f} events/s, {max(rates[kind]) / max(rates['good']):5.2f} of good", flush=True)
    print(json.dumps({"events": EVENTS, "rounds": len(costs["good"]), "cpu_s": least, "events_per_s": {k: round(max(r)) for k, r in rates.items()},
                      "letters_at_limit": letters, "committed_at_limit": committed, "limit": LIMIT}))


if __name__ == "__main__":
    main()
