#!/usr/bin/env python3
"""What an event costs as things grow: events, workflows, partitions; and what a parked execution weighs.

usage: run.py BINARY [--events-max N] [--parked-max N] [--bootstrap HOST:PORT] [--json FILE]

Events grow in-process (`stepstream bench --in-process`), where only the engine is measured. Workflows, partitions and parked executions
need a real broker (--bootstrap); without one they are left out. One Markdown table is printed.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "peers"), os.path.join(HERE, "..", "..", "tests", "e2e"),
                os.path.join(HERE, "..", "peers", "workload")]

EVENTS = (10_000, 100_000, 1_000_000, 10_000_000)
WORKFLOWS = (1, 10, 100, 1_000)
PARTITIONS = (1, 12, 100)
PARKED = (10_000, 100_000, 1_000_000)
# Events of a run whose workflows or partitions grow.
COUNT = 200_000
PATIENCE_S = 1_800
DEFINITION = os.path.join(HERE, "..", "peers", "workload", "iot.asl.json")
WAITING = '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 280, "End": true}}}'


def inside(binary, count):
    said = subprocess.check_output([binary, "bench", "--in-process", "--events", str(count), "--json"], text=True)
    report = json.loads(said)
    assert report["verified"], report
    return {"grows": "events", "to": count, "cpu_s_per_million": report["cpu_s_per_million"], "peak_mib": report["peak_mib"]}


class OnKafka:
    def __init__(self, binary, bootstrap, folder):
        from cluster import Cluster
        self.binary, self.folder, self.cluster = binary, folder, Cluster(bootstrap)
        self.name, self.number = f"growth-{os.getpid()}-{int(time.time())}", 0

    def served(self, count, definition, workflows=1, partitions=12, wait_for_answers=True, gap=10_000, **limits):
        """Serves `count` events, spread over the workflows by a header; CPU seconds, peak MiB."""
        import cluster as foreign
        import peers
        import workload
        from process import Measured
        self.number += 1
        topic, port = f"{self.name}-{self.number}", peers.free_port()
        foreign.PARTITIONS = partitions
        self.cluster.create(topic, f"{topic}-out")
        made = foreign.keyed(workload, foreign.events(workload, count))
        headers = [[("workflow", str(number).encode())] for number in range(workflows)]
        self.cluster.produce(topic, ((key, value, headers[at % workflows]) for at, (key, value, _) in enumerate(made)))
        settings = [f'[server]\nlisten = "127.0.0.1:{port}"\nshutdown_grace_ms = 0\n[api]\nenabled = false\n[kafka]\n'
                    f'bootstrap_servers = "{self.cluster.bootstrap}"\ngroup = "{topic}"\noffset_gap_max = {gap}\n']
        settings += [f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()) for name, keys in limits.items()]
        for number in range(workflows):
            settings.append(f'[[workflows]]\nname = "w{number}"\ndefinition = "{definition}"\ntopics = ["{topic}"]\n'
                            f'results = "{topic}-out"\ndead_letters = "{topic}-out"\n'
                            f'[workflows.when]\nheader = "workflow"\nequals = "{number}"\n')
        path = os.path.join(self.folder, f"{topic}.toml")
        with open(path, "w") as file:
            file.write("\n".join(settings))
        measured = Measured([self.binary, "serve", "--config", path], path + ".log")
        deadline = time.monotonic() + PATIENCE_S
        done = self._answered if wait_for_answers else self._parked
        while not done(topic, port, count):
            assert measured.runs() and time.monotonic() < deadline, measured.log()[-3000:]
            time.sleep(0.2)
        cpu_s, peak_mib = measured.cpu_s(), measured.peak_kib / 1024
        measured.end()
        self.cluster.delete(topic, f"{topic}-out")
        return cpu_s, peak_mib

    def _answered(self, topic, _, count):
        return self.cluster.count(f"{topic}-out") >= count

    def _parked(self, _, port, count):
        import urllib.request
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return False
        held = sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("stepstream_executions_in_flight"))
        return held >= count

    def row(self, grows, to, **what):
        cpu_s, peak_mib = self.served(COUNT, DEFINITION, **what)
        return {"grows": grows, "to": to, "cpu_s_per_million": round(cpu_s / COUNT * 1e6, 2), "peak_mib": round(peak_mib)}

    def parked(self, count):
        """Bytes that one more parked execution adds to the process, its input of about 290 bytes among them."""
        path = os.path.join(self.folder, "waiting.asl.json")
        with open(path, "w") as file:
            file.write(WAITING)
        limits = {
            "kafka.consumer": {'"queued.max.messages.kbytes"': 4096},
            "engine": {"executions_in_flight_max": 2 * count, "workflow_executions_in_flight_max": 2 * count,
                       "bytes_held_max": 64 * 2**30},
        }
        few, many = (self.served(number, path, wait_for_answers=False, gap=count, **limits)[1] for number in (count // 10, count))
        return {"grows": "parked executions", "to": count, "bytes_each": round((many - few) * 2**20 / (count - count // 10)),
                "peak_mib": round(many)}


def measure(arguments, folder):
    for count in (count for count in EVENTS if count <= arguments.events_max):
        yield inside(arguments.binary, count)
    if arguments.bootstrap is None:
        return
    kafka = OnKafka(arguments.binary, arguments.bootstrap, folder)
    for count in WORKFLOWS:
        yield kafka.row("workflows", count, workflows=count)
    for count in PARTITIONS:
        yield kafka.row("partitions", count, partitions=count)
    for count in (count for count in PARKED if count <= arguments.parked_max):
        yield kafka.parked(count)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--events-max", type=int, default=EVENTS[-1])
    parser.add_argument("--parked-max", type=int, default=PARKED[-1])
    parser.add_argument("--bootstrap")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    rows = []
    print("| what grows | to | CPU s per million | peak MiB | bytes each |\n| --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for row in measure(arguments, folder):
            rows.append(row)
            cells = [row.get(field, "") for field in ("grows", "to", "cpu_s_per_million", "peak_mib", "bytes_each")]
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
