#!/usr/bin/env python3
"""CPU and memory of `stepstream serve` beside a bare passthrough, in the same run on the same broker.

usage: run.py BINARY BOOTSTRAP WORKLOAD_FOLDER [EVENTS] [ROUNDS]

STEPSTREAM_LIMIT names the passthrough (`bench/limit` of the shared folder): consume in batches, parse and write each value
with sonic-rs, produce it with its key, commit behind acknowledgements. Both read the same 12 partitions and write
uncompressed, logs are off, results are keyed. They alternate, so that both meet the same machine; whatever else it does shows in
events a second far more than in CPU seconds, and the ratio of a round is what to trust.

CPU is user and system time of the whole process, from its start to its end, as the kernel accounts it. The peak of memory is
the kernel's too (VmHWM). The broker is not counted. One JSON object ends the output.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tests", "e2e"))
from cluster import PATIENCE_S, Cluster, Service, events, header, import_workload, keyed  # noqa: E402

LOOK_EVERY_S = 0.05
SAMPLE = 20_000


class Watched:
    """Reads a process's peak of memory while it runs, and its CPU time when it has ended."""

    def __init__(self, process):
        self.process, self.peak_kib = process, 0
        self.looking = threading.Thread(target=self._look)
        self.looking.start()

    def _look(self):
        try:
            while self.process.returncode is None:
                with open(f"/proc/{self.process.pid}/status") as status:
                    peaks = [int(line.split()[1]) for line in status if line.startswith("VmHWM")]
                self.peak_kib = max([self.peak_kib, *peaks])
                time.sleep(LOOK_EVERY_S)
        except (FileNotFoundError, ProcessLookupError):
            pass

    def end(self):
        """CPU seconds, peak MiB and exit code; waits for the end."""
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.looking.join()
        return used.ru_utime + used.ru_stime, self.peak_kib / 1024, self.process.returncode


def measured(name, wall_s, watched, count):
    cpu_s, peak_mib, code = watched.end()
    assert code == 0, f"{name} ended with {code}"
    return {"who": name, "cpu_s_per_million": round(cpu_s / count * 1e6, 2), "peak_mib": round(peak_mib),
            "events_per_s": round(count / wall_s), "load": os.getloadavg()[0]}


def passthrough(limit, cluster, topic, out, count):
    began = time.monotonic()
    process = subprocess.Popen(
        [limit, "pass", f"n={count}", f"topic={topic}", f"out={out}", "api=batch", "papi=base", "json=sonic",
         f"bs={cluster.bootstrap}", "p.compression.type=none", "c.fetch.queue.backoff.ms=5"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    watched = Watched(process)
    said = process.stdout.read()
    figures = measured("passthrough", time.monotonic() - began, watched, count)
    assert f"acked={count} errors=0" in said, said
    return figures


def stepstream(binary, folder, cluster, workload_folder, topic, out, count):
    group = f"{out}-group"
    service = Service(binary, folder, group, f"""
[kafka]
bootstrap_servers = "{cluster.bootstrap}"
group = "{group}"

[kafka.producer]
"compression.type" = "none"

[[workflows]]
name = "iot"
definition = "{os.path.join(workload_folder, 'iot.asl.json')}"
topics = ["{topic}"]
results = "{out}"
failures = "{out}-failures"
dead_letters = "{out}-dead"
""")
    cluster.create(f"{out}-failures", f"{out}-dead")
    began = time.monotonic()
    service.start()
    watched = Watched(service.process)
    while cluster.committed(group, topic) != cluster.ends(topic):
        alive = time.monotonic() - began < PATIENCE_S and os.path.exists(f"/proc/{service.process.pid}/exe")
        if not alive:
            service.process.kill()
            raise SystemExit(f"not all was answered in {PATIENCE_S} s\n{service.log()[-3000:]}")
        time.sleep(0.25)
    wall_s = time.monotonic() - began
    service.process.terminate()
    return measured("stepstream", wall_s, watched, count)


def verify(cluster, workload, topic, out, count):
    """That all results are there, and those of a sample right."""
    assert cluster.count(out) == count, f"{cluster.count(out)} results of {count} events"
    expected = {e["ts"]: workload.expected(e) for e in events(workload, count)}
    for message in cluster.read(out, SAMPLE):
        result = json.loads(message.value())
        assert result == expected[result["ts"]], (result, expected[result["ts"]])
        assert header(message, "asl-dedup-id").startswith(f"{topic}/")


def main():
    binary, bootstrap, workload_folder = sys.argv[1:4]
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000
    rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 3
    limit = os.environ.get("STEPSTREAM_LIMIT") or sys.exit("STEPSTREAM_LIMIT must name the passthrough")
    cluster, workload = Cluster(bootstrap), import_workload(workload_folder)
    topic = f"compare-{os.getpid()}-{int(time.time())}"
    cluster.create(topic)
    cluster.produce(topic, keyed(workload, events(workload, count)))
    print(f"{count} events in {topic}\n\n{'':12} CPU s/M   peak MiB   events/s   load", flush=True)
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            bare, ours = f"{topic}-bare-{number}", f"{topic}-ours-{number}"
            cluster.create(bare, ours)
            figures.append(passthrough(limit, cluster, topic, bare, count))
            figures.append(stepstream(binary, folder, cluster, workload_folder, topic, ours, count))
            for row in figures[-2:]:
                print(f"{row['who']:12} {row['cpu_s_per_million']:7.2f} {row['peak_mib']:10} {row['events_per_s']:10} "
                      f"{row['load']:6.2f}", flush=True)
            if number == 0:
                verify(cluster, workload, topic, ours, count)
            cluster.delete(bare, ours, f"{ours}-failures", f"{ours}-dead")
    cluster.delete(topic)
    ratios = [o["cpu_s_per_million"] / b["cpu_s_per_million"] for b, o in zip(figures[::2], figures[1::2])]
    print(f"\nstepstream takes {statistics.median(ratios):.2f} times the CPU of the passthrough "
          f"(rounds: {', '.join(f'{ratio:.2f}' for ratio in ratios)})")
    print(json.dumps({"events": count, "cpu_ratio_median": round(statistics.median(ratios), 3), "runs": figures}))


if __name__ == "__main__":
    main()
