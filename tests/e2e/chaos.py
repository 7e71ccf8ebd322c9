#!/usr/bin/env python3
"""Three brokers and up to four instances, all of which are killed, frozen, stopped or cut off, each at its own random times.

usage: chaos.py BINARY KAFKA_SH PORT WORKLOAD_FOLDER [SECONDS] [SEED]

KAFKA_SH starts brokers on PORT to PORT+2 (KAFKA_DEV_RUN is their folder), with replication 3, of which 2 must be in sync. Events come at
2,500 a second; one in a hundred of them is no JSON, and the execution of another one waits for two seconds; `order = "key"`. Side by side:

- each of three instances, every few seconds and by its own seeded choice, is killed (SIGKILL) and started again, or frozen (for a
  moment, or beyond its session and its max.poll.interval.ms) and thawed, or stopped (SIGTERM) and started again;
- a further member joins the group, stays about five seconds, and leaves it or is killed;
- one broker after the other is killed and comes back.

That is done three times with the same seed, each for a third of the time: in a group of the `consumer` protocol (KIP-848), with
`carry_answered` and without, and in a group of the classic protocol, whose instances have static ids. In the middle, and when all is
quiet, `stepstream verify` must find nothing lost, nothing committed ahead and nothing out of order; at the end every event must have its
answer, no sample of the commits may be ahead of the answers, and no more answers may be repeated than `repeats.py` derives.
"""
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import NewTopic

from cluster import PARTITIONS, PATIENCE_S, Cluster, Service, events, import_workload, keyed
from repeats import Answers, Commits, Owners, bound, committed_ahead

EVENTS_PER_S = 2_500
INSTANCES = 3
POISON_ONE_IN = 100
# The battery of one event in 101 is so low, and its execution waits.
WAITS_S = 2
FAULT_EVERY_S = (3.0, 9.0)
GUEST_STAYS_S = (4.0, 6.0)
DOWN_S = (0.0, 3.0)
# Less than the session, or more than it and max.poll.interval.ms below.
FROZEN_SHORT_S = (0.5, 4.0)
FROZEN_LONG_S = (13.0, 18.0)
EXIT_WITHIN_S = 120
# What an instance logs when its consumer has failed for good, as one may whose process was frozen, and another takes its place.
CONSUMER_FAILED = "the consumer has failed: "

SETTINGS = """
[kafka]
bootstrap_servers = "{bootstrap}"
group = "{run}"
commit_interval_ms = 200
carry_answered = {carry}

[kafka.consumer]
"max.poll.interval.ms" = "12000"
{protocol}

[[workflows]]
name = "iot"
definition = "{definition}"
topics = ["in-{run}"]
order = "key"
results = "results-{run}"
failures = "failures-{run}"
dead_letters = "dead-{run}"
"""


SESSION_MS, HEARTBEAT_MS = 6_000, 1_000
# In the `consumer` protocol the brokers' settings count.
CONSUMER = '"group.protocol" = "consumer"'
CLASSIC = f'"session.timeout.ms" = "{SESSION_MS}"\n"heartbeat.interval.ms" = "{HEARTBEAT_MS}"'
# Name, carry_answered, protocol, and whether instances that come back within their session have their partitions again.
RUNS = [("carried", True, CONSUMER, False), ("plain", False, CONSUMER, False), ("classic", True, CLASSIC, True)]


class Load(threading.Thread):
    """Writes events at their rate until it is told to stop; each is written once, however often it must be tried."""

    def __init__(self, bootstrap, workload, topic):
        super().__init__(daemon=True)
        self.producer = Producer({
            "bootstrap.servers": bootstrap, "enable.idempotence": True, "acks": "all", "linger.ms": 5,
            "partitioner": "murmur2_random", "message.timeout.ms": 0, "log_level": 0})
        self.workload, self.topic, self.stopping = workload, topic, threading.Event()
        self.acknowledged, self.refused = 0, []

    def run(self):
        made = keyed(self.workload, events(self.workload, 1 << 40))
        began, sent = time.monotonic(), 0
        for key, value, _ in made:
            if self.stopping.is_set():
                break
            value = b"no JSON" if sent % POISON_ONE_IN == 0 else value
            while True:
                try:
                    self.producer.produce(self.topic, value, key=key, on_delivery=self.delivered)
                    break
                except BufferError:
                    self.producer.poll(0.1)
            sent += 1
            self.producer.poll(0)
            ahead_s = sent / EVENTS_PER_S - (time.monotonic() - began)
            if ahead_s > 0.01:
                time.sleep(ahead_s)
        self.producer.flush()

    def delivered(self, error, _):
        if error:
            self.refused.append(error)
        else:
            self.acknowledged += 1

    def end(self):
        self.stopping.set()
        self.join()
        assert not self.refused, self.refused[0]


class Trouble(threading.Thread):
    """Something that is done over and over, at seeded times, until it is told to stop; what goes wrong is told to who ends it."""

    def __init__(self, seed):
        super().__init__(daemon=True)
        self.rng, self.stopping, self.wrong = random.Random(seed), threading.Event(), None

    def run(self):
        try:
            while not self.stopping.wait(self.rng.uniform(*self.every_s)):
                self.once()
        except Exception as wrong:
            self.wrong = wrong

    def end(self):
        self.stopping.set()
        self.join()
        if self.wrong:
            raise self.wrong


class Brokers(Trouble):
    """Kills one broker after the other; the next only when all replicas of all topics are in sync again."""

    every_s = (3, 8)

    def __init__(self, kafka_sh, cluster, seed):
        super().__init__(f"{seed} brokers")
        self.kafka_sh, self.cluster = kafka_sh, cluster
        self.lost, self.turns = 0, itertools.cycle("123")

    def once(self):
        number = next(self.turns)
        kafka(self.kafka_sh, "kill-broker", number)
        self.lost += 1
        time.sleep(self.rng.uniform(2, 8))
        kafka(self.kafka_sh, "restart-broker", number)
        self.wait_in_sync()

    def wait_in_sync(self):
        deadline = time.monotonic() + PATIENCE_S
        while not self.is_in_sync():
            assert time.monotonic() < deadline, "replicas do not come in sync"
            time.sleep(0.5)

    def is_in_sync(self):
        try:
            topics = self.cluster.admin.list_topics(timeout=30).topics.values()
        except KafkaException:
            return False
        return all(len(p.isrs) == len(p.replicas) and p.leader >= 0 for t in topics for p in t.partitions.values())

    def end(self):
        super().end()
        self.wait_in_sync()


class Member(Trouble):
    """An instance, and what is done to it."""

    every_s = FAULT_EVERY_S

    def __init__(self, service, name, seed):
        super().__init__(f"{seed} {name}")
        self.service, self.name = service, name
        # What was done how often, when its processes ended, and how long they took to be ready again.
        self.done, self.deaths, self.ready_again_s, self.stops_s = {}, [], [], []
        self.started_at = None

    def once(self):
        assert self.service.runs(), f"{self.name} has ended by itself:\n{self.told()}"
        kind = self.rng.choice([self.kill, self.kill, self.kill, self.freeze_briefly, self.freeze, self.stop])
        self.done[kind.__name__] = self.done.get(kind.__name__, 0) + 1
        kind()

    def told(self):
        """What its log says of errors, and the end of it."""
        log = self.service.log()
        errors = [line for line in log.splitlines() if "ERROR" in line]
        return "\n".join([*errors[-10:], "[...]", log[-3000:]])

    def kill(self):
        self.service.kill()
        self.again()

    def stop(self):
        self.terminate()
        self.again()

    def freeze_briefly(self):
        self.freeze(FROZEN_SHORT_S)

    def freeze(self, within=FROZEN_LONG_S):
        # A frozen process answers no question.
        self.started_at = None
        self.service.process.send_signal(signal.SIGSTOP)
        time.sleep(self.rng.uniform(*within))
        self.service.process.send_signal(signal.SIGCONT)

    def again(self):
        self.deaths.append(time.time())
        time.sleep(self.rng.uniform(*DOWN_S))
        self.start_service()

    def start_service(self):
        self.service.start()
        self.started_at = time.monotonic()

    def terminate(self):
        # A signal that comes before the process listens ends it as any other.
        while self.service.runs() and self.service.get("/livez") is None:
            time.sleep(0.1)
        began = time.monotonic()
        code = self.service.terminate(EXIT_WITHIN_S)
        self.stops_s.append(time.monotonic() - began)
        assert code == 0, f"SIGTERM ended {self.name} with {code}:\n{self.told()}"

    def look(self):
        """Notes when it has become ready; another fault may be earlier."""
        began = self.started_at
        if began is not None and is_ready(self.service) and self.started_at == began:
            self.started_at = None
            self.ready_again_s.append(time.monotonic() - began)

    def finish(self):
        self.end()
        if self.service.runs():
            self.terminate()
        self.deaths.append(time.time())


class Guest(Member):
    """A member that comes and goes."""

    every_s = (0.5, 1.5)

    def once(self):
        self.done["guest"] = self.done.get("guest", 0) + 1
        self.start_service()
        self.stopping.wait(self.rng.uniform(*GUEST_STAYS_S))
        assert self.service.runs(), f"{self.name} has ended by itself:\n{self.told()}"
        if self.rng.random() < 0.25:
            self.service.kill()
        else:
            self.terminate()
        self.deaths.append(time.time())


def is_ready(service):
    answer = service.get("/readyz") if service.runs() else None
    return answer is not None and answer[0] == 200


def kafka(kafka_sh, *arguments):
    subprocess.run([kafka_sh, *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   env={"KAFKA_DEV_WAIT": str(PATIENCE_S), **os.environ})


def verify(binary, settings_path, *arguments):
    done = subprocess.run([binary, "verify", "--config", settings_path, "--json", *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, f"verify ended with {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout)


def settled(cluster, group, topic, members):
    """How long it took until all is committed, once all faults are over."""
    began = time.monotonic()
    while not is_settled(cluster, group, topic):
        for member in members:
            assert member.service.runs(), f"{member.name} has ended by itself:\n{member.told()}"
        assert time.monotonic() < began + PATIENCE_S, "it does not settle\n" + "\n".join(m.told() for m in members)
        time.sleep(0.5)
    return time.monotonic() - began


def is_settled(cluster, group, topic):
    try:
        return cluster.committed(group, topic) == cluster.ends(topic)
    except KafkaException:
        return False


def with_id(settings, name):
    return settings.replace("[kafka.consumer]\n", f'[kafka.consumer]\n"group.instance.id" = "{name}"\n')


def waiting_definition(workload_folder, folder):
    """The workload's, with executions that wait before the first state."""
    with open(os.path.join(workload_folder, "iot.asl.json")) as file:
        definition = json.load(file)
    first = definition["StartAt"]
    definition["StartAt"] = "Charged"
    low = {"Variable": "$.battery", "NumericEquals": 0, "Next": "Charge"}
    definition["States"]["Charged"] = {"Type": "Choice", "Choices": [low], "Default": first}
    definition["States"]["Charge"] = {"Type": "Wait", "Seconds": WAITS_S, "Next": first}
    path = os.path.join(folder, "iot.asl.json")
    with open(path, "w") as file:
        json.dump(definition, file)
    return path


def summary(times_s):
    ordered = sorted(round(s, 1) for s in times_s)
    return {"times": len(ordered), "median": ordered[len(ordered) // 2], "max": ordered[-1]} if ordered else None


def once(binary, kafka_sh, bootstrap, workload_folder, seconds, seed, run, carry, protocol, static):
    """One run on topics of its own; what came of it."""
    cluster = Cluster(bootstrap)
    outputs = [f"results-{run}", f"failures-{run}", f"dead-{run}"]
    topics = [NewTopic(f"in-{run}", PARTITIONS, 3)]
    # When a broker has taken an answer is what commits are compared with.
    topics += [NewTopic(name, PARTITIONS, 3, config={"message.timestamp.type": "LogAppendTime"}) for name in outputs]
    for future in cluster.admin.create_topics(topics).values():
        future.result()
    with tempfile.TemporaryDirectory() as folder:
        settings = SETTINGS.format(bootstrap=bootstrap, run=run, carry=str(carry).lower(), protocol=protocol,
                                   definition=waiting_definition(workload_folder, folder))
        names = [f"member-{number}" for number in range(INSTANCES)]
        own = {name: with_id(settings, name) if static else settings for name in names}
        members = [Member(Service(binary, folder, name, own[name]), name, seed) for name in names]
        guest = Guest(Service(binary, folder, "guest", settings), "guest", seed)
        for member in members:
            member.service.start()
        deadline = time.monotonic() + PATIENCE_S
        while not all(is_ready(member.service) for member in members):
            for member in members:
                assert member.service.runs() and time.monotonic() < deadline, member.told()
            time.sleep(0.2)
        load, commits = Load(bootstrap, import_workload(workload_folder), f"in-{run}"), Commits(bootstrap, run, f"in-{run}")
        brokers = Brokers(kafka_sh, cluster, seed)
        faults = [*members, guest, brokers]
        began = time.monotonic()
        for thread in [commits, load, *faults]:
            thread.start()
        looked = False
        while time.monotonic() - began < seconds and all(thread.wrong is None for thread in faults):
            time.sleep(0.1)
            for member in [*members, guest]:
                member.look()
            if not looked and time.monotonic() - began > seconds / 2:
                print(f"under way: {verify(binary, members[0].service.settings_path)}", flush=True)
                looked = True
        for thread in faults:
            thread.stopping.set()
        load.end()
        took_s = time.monotonic() - began
        for thread in faults:
            thread.end()
        settled_s = settled(cluster, run, f"in-{run}", members)
        commits.end()
        for member in [*members, guest]:
            member.finish()
        report = verify(binary, members[0].service.settings_path, "--settled")
        everybody = [*members, guest]
        logs = {m.name: m.service.log() for m in everybody}
        owners = Owners(logs, {m.name: m.deaths for m in everybody})
        consumers_failed = sum(log.count(CONSUMER_FAILED) for log in logs.values())
    answers = Answers(cluster, outputs[:2], outputs[2])
    ahead, samples = committed_ahead(commits.samples, answers)
    could, unexplained = bound(commits.samples, owners, answers)
    ready = [s for m in everybody for s in m.ready_again_s]
    stops = [s for m in everybody for s in m.stops_s]
    done = {}
    for member in everybody:
        for kind, times in member.done.items():
            done[kind] = done.get(kind, 0) + times
    told = {
        "run": run, "carry_answered": carry, "events": load.acknowledged,
        "events_per_s": round(load.acknowledged / took_s), **done,
        "brokers_killed": brokers.lost, "partitions": dict(owners.told), "received_again": owners.received_again,
        "lost": report["lost"], "out_of_order": report["out_of_order"], "committed_ahead": report["committed_ahead"] + ahead,
        "consumers_failed": consumers_failed, "commits_sampled": samples,
        "repeated": report["duplicates"], "repeated_at_most": could, "unexplained": unexplained,
        "repeated_ratio": round(report["duplicate_ratio"], 5), "standstill_s": round(answers.standstill_s(), 1),
        "ready_again_s": summary(ready), "stopped_in_s": summary(stops),
        "settled_after_s": round(settled_s, 1)}
    print(json.dumps(told), flush=True)
    assert report["inputs"] == load.acknowledged, (report, load.acknowledged)
    assert report["unchecked"] == report["pending"] == report["foreign"] == 0, report
    assert ahead == 0, f"{ahead} samples show commits ahead of answers"
    assert answers.repeated() == report["duplicates"], (answers.repeated(), report)
    assert report["duplicates"] <= could, f"{report['duplicates']} answers were repeated, and {could} could be"
    return told


def main():
    binary, kafka_sh, port, workload_folder = sys.argv[1:5]
    seconds = float(sys.argv[5]) if len(sys.argv) > 5 else 180
    seed = int(sys.argv[6]) if len(sys.argv) > 6 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}, {seconds:.0f} s", flush=True)
    # What repeats.py reads.
    os.environ["STEPSTREAM_LOG"] = "info,stepstream::kafka::poll=debug"
    kafka(kafka_sh, "wipe")
    kafka(kafka_sh, "start", "--port", port, "--brokers", "3", "--config", "min.insync.replicas=2",
          "--config", "offsets.topic.replication.factor=3", "--config", "group.min.session.timeout.ms=1000",
          "--config", "group.initial.rebalance.delay.ms=0",
          *itertools.chain(*(("--config", f"group.consumer.{name}.ms={ms}") for name, ms in
                             [("session.timeout", SESSION_MS), ("min.session.timeout", SESSION_MS),
                              ("heartbeat.interval", HEARTBEAT_MS), ("min.heartbeat.interval", HEARTBEAT_MS)])))
    bootstrap = ",".join(f"127.0.0.1:{int(port) + broker}" for broker in range(3))
    told = [once(binary, kafka_sh, bootstrap, workload_folder, seconds / len(RUNS), seed, *run) for run in RUNS]
    for one in told:
        print(f"{one['run']}: {one['events']} events, {one['lost']} lost, {one['committed_ahead']} committed ahead, "
              f"{one['repeated']} repeated, at most {one['repeated_at_most']}")
    kafka(kafka_sh, "wipe")


if __name__ == "__main__":
    main()
