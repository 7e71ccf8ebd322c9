"""Which answers were repeated in a run, and how many could be: from topics, sampled commits and the instances' logs.

An event may be answered again only if a new owner of its partition began below it. So for each time that an instance was given a
partition, the bound counts the events that were answered until then and that it could not know of: at or above the
position that a foreign client had last seen committed, and not among the offsets that the commit carried, as the new owner logs
them (`STEPSTREAM_LOG`: debug). Where the owner before answers on (thawed, or cut off and not yet told), "until then" is until it has let go.
"""
import datetime
import re
import threading
import time
from collections import Counter, namedtuple

from confluent_kafka import Consumer, KafkaException, TopicPartition

from cluster import PARTITIONS, header

SAMPLE_EVERY_S = 0.1
# Between what an instance logs and what the broker of its last answers stamps.
SLACK_S = 0.25
# kafka.revoke_grace_ms, and as much again for the last commit.
LEAVES_WITHIN_S = 10
# No more events of a partition than this are answered above one that is not (kafka.offset_gap_max is less).
OPEN_MAX = 20_000

LINE = re.compile(r"^(\S+Z) .*partitions (assigned|revoked|lost) .*?partitions=\[(.*)\]$")
CARRIED = re.compile(r"^\S+Z .*carried by the last commits .*?commits=\[(.*)\]$")
AGAIN = re.compile(r'^(\S+Z) .*received again .*partition=\("in\S*", (\d+)\) position=(\d+)')
PARTITION = re.compile(r'\("[^"]*", (\d+)\)')
COMMIT = re.compile(r'\("[^"]*", (\d+), Some\("([^"]*)"\)\)')
COLOUR = re.compile(r"\x1b\[[0-9;]*m")

Start = namedtuple("Start", "time owner position carried")


class Commits(threading.Thread):
    """Looks ten times a second at what the group has committed, as far as brokers answer."""

    def __init__(self, bootstrap, group, topic):
        super().__init__(daemon=True)
        self.consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False, "log_level": 0})
        self.wanted = [TopicPartition(topic, p) for p in range(PARTITIONS)]
        self.samples, self.stopping = [], threading.Event()

    def run(self):
        while not self.stopping.wait(SAMPLE_EVERY_S):
            try:
                seen = self.consumer.committed(self.wanted, timeout=5)
            except KafkaException:
                continue
            if not any(tp.error for tp in seen):
                self.samples.append((time.time(), {tp.partition: max(tp.offset, 0) for tp in seen}))

    def end(self):
        self.stopping.set()
        self.join()
        self.consumer.close()


def seconds(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def carried(text):
    """Position and offsets above it, as `src/kafka/group/carried.rs` writes them."""
    words = text.split(" ")
    if words[0] != "stepstream/1":
        return 0, frozenset()
    position = at = int(words[2])
    offsets = set()
    for word in words[3:]:
        skipped, length = word.split("+")
        offsets.update(range(at + int(skipped), at + int(skipped) + int(length)))
        at += int(skipped) + int(length)
    return position, frozenset(offsets)


class Owners:
    """Who had which partition when, as the instances log it; what a process had ends with it at the latest."""

    def __init__(self, logs, deaths):
        self.told, self.received_again = Counter(), 0
        self.starts = {p: [] for p in range(PARTITIONS)}
        # (partition, owner) → when and how it was told to let go.
        self.releases = {}
        for owner, text in logs.items():
            self.read(owner, COLOUR.sub("", text).splitlines())
            for p in range(PARTITIONS):
                self.releases.setdefault((p, owner), []).extend((at, "dead") for at in deaths.get(owner, []))
        for starts in self.starts.values():
            starts.sort(key=lambda start: start.time)

    def read(self, owner, lines):
        # What the line before an assignment says of it.
        last_commits = {}
        for line in lines:
            if said := CARRIED.match(line):
                last_commits = {int(number): text for number, text in COMMIT.findall(said[1])}
            if again := AGAIN.match(line):
                self.received_again += 1
                self.starts[int(again[2])].append(Start(seconds(again[1]), owner, int(again[3]), frozenset()))
            if not (told := LINE.match(line)) or not told[3]:
                continue
            self.told[told[2]] += 1
            for number in map(int, PARTITION.findall(told[3])):
                if told[2] == "assigned":
                    self.starts[number].append(Start(seconds(told[1]), owner, *carried(last_commits.get(number, ""))))
                else:
                    self.releases.setdefault((number, owner), []).append((seconds(told[1]), told[2]))

    def takeovers(self, partition):
        """All starts but the first, each with the time at which the owner before had let go."""
        starts = self.starts[partition]
        for number, start in enumerate(starts[1:], 1):
            before = starts[number - 1]
            until = next((s.time for s in starts[number:] if s.owner == before.owner), float("inf"))
            yield start, max(start.time, self.release(partition, before, until))

    def release(self, partition, start, until):
        told = sorted(told for told in self.releases.get((partition, start.owner), []) if start.time <= told[0] <= until)
        if not told:
            return start.time
        at, how = told[0]
        if how == "revoked":
            # Unless it is expelled while it leaves, nobody else begins before it has left.
            return next((then for then, how in told[1:] if how != "revoked" and then < at + LEAVES_WITHIN_S), at)
        return at


class Answers:
    """When each event was answered first, and how often, by partition and offset."""

    def __init__(self, cluster, topics, dead_letters):
        ends = {p: [] for p in range(PARTITIONS)}
        for topic in topics:
            for message in cluster.read(topic):
                _, partition, offset = header(message, "asl-dedup-id").rsplit("/", 2)
                ends[int(partition)].append((int(offset), message.timestamp()[1] / 1e3))
        for message in cluster.read(dead_letters):
            ends[int(header(message, "asl-partition"))].append((int(header(message, "asl-offset")), message.timestamp()[1] / 1e3))
        self.first, self.times = {}, {}
        for partition, answered in ends.items():
            count = max((offset for offset, _ in answered), default=-1) + 1
            first, times = [float("inf")] * count, [0] * count
            for offset, at in answered:
                first[offset] = min(first[offset], at)
                times[offset] += 1
            self.first[partition], self.times[partition] = first, times

    def repeated(self):
        return sum(n - 1 for times in self.times.values() for n in times if n > 1)

    def standstill_s(self):
        """The longest time in which no event of a partition was answered for the first time."""
        longest = 0
        for first in self.first.values():
            at = sorted(first)
            longest = max([longest, *(later - earlier for earlier, later in zip(at, at[1:]))])
        return longest


def committed_ahead(samples, answers):
    """Samples that show an offset committed before the last answer below it was written; and how many were looked at."""
    ahead = 0
    for partition, first in answers.first.items():
        until = [0.0]
        for at in first:
            until.append(max(until[-1], at))
        for seen_at, positions in samples:
            position = positions[partition]
            ahead += position >= len(until) or until[position] > seen_at + 0.005
    return ahead, len(samples) * PARTITIONS


def bound(samples, owners, answers):
    """How many answers could be repeated; and how many were that no takeover accounts for.

    Of these there may be a few: what an owner has written before it lets go may wait for a broker's return.
    """
    could, unexplained = 0, 0
    for partition, first in answers.first.items():
        allowed = [0] * len(first)
        for start, let_go in owners.takeovers(partition):
            seen = [positions[partition] for at, positions in samples_before(samples, start.time)]
            position, open_run = max([start.position, *seen[-1:]]), 0
            for offset in range(position, len(first)):
                if first[offset] > let_go + SLACK_S:
                    open_run += 1
                    if open_run > OPEN_MAX:
                        break
                    continue
                open_run = 0
                allowed[offset] += offset not in start.carried
        could += sum(allowed)
        unexplained += sum(max(0, n - 1 - a) for n, a in zip(answers.times[partition], allowed))
    return could, unexplained


def samples_before(samples, moment):
    """The last one at most: what is committed only grows."""
    low, high = 0, len(samples)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if samples[middle][0] <= moment else (low, middle)
    return samples[max(low - 1, 0):low]
