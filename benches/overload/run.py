#!/usr/bin/env python3
"""Five times as much as `stepstream serve` can do, and clients that never finish: what is answered, refused, held and lost.

usage: run.py BINARY BOOTSTRAP [SECONDS]

What can be done is set by construction: executions wait for a second each, and so many of them may be under way. No core decides it.

  lag    events come at five times the capacity for SECONDS: the rest waits in Kafka; answered, beside what could be; at most so much
         memory; `verify` finds nothing lost; SIGTERM ends it with 0
  api    StartSyncExecution asked for at five times the capacity for SECONDS: answered, beside what could be; refused with 503 or 429
         and Retry-After, and how soon; a while later all are answered again
  slow   half-open heads, bodies that do not come and answers that nobody reads, 600 of each: all are gone after their time, and others
         are answered meanwhile

Figures are printed; what fails the run is what must hold on any machine: no other answer, nothing lost, less than 512 MiB, all gone, and at
least 90 % of what could be answered.
"""
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tests/e2e"))
from cluster import PATIENCE_S, Cluster, Service

BINARY, BOOTSTRAP = sys.argv[1:3]
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 20
EVENTS_IN_FLIGHT, REQUESTS_IN_FLIGHT = 2_000, 300
TIMES, GOODPUT_MIN, RSS_MIB_MAX = 5, 0.9, 512
SLOW_EACH, SLOW_MS = 600, 3_000
ROLE = "arn:aws:iam::123456789012:role/none"
WAITS = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}}
PASSES = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
LARGE = "x" * 200_000
RUN = f"overload-{int(time.time())}"


def until(holds, serving, what):
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert serving.runs() and time.monotonic() < deadline, f"{what}\n{serving.log()[-3000:]}"
        time.sleep(0.05)


def rss_mib(serving):
    with open(f"/proc/{serving.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def share(what, answered, could):
    print(f"{what}: {answered:.0f} answered, {could:.0f} could be: {answered / could:.1%}", flush=True)
    assert answered >= GOODPUT_MIN * could, what


def lag(folder, cluster):
    definition = os.path.join(folder, "waits.asl.json")
    with open(definition, "w") as file:
        json.dump(WAITS, file)
    topics = [f"{RUN}-{part}" for part in ("in", "results", "failures", "dead")]
    cluster.create(*topics)
    serving = Service(BINARY, folder, f"{RUN}-lag", f"""
[kafka]
bootstrap_servers = "{BOOTSTRAP}"
group = "{RUN}"

[engine]
workflow_executions_in_flight_max = {EVENTS_IN_FLIGHT}

[[workflows]]
name = "waits"
definition = "{definition}"
topics = ["{topics[0]}"]
results = "{topics[1]}"
failures = "{topics[2]}"
dead_letters = "{topics[3]}"
""").start()
    done = lambda: serving.metric("stepstream_executions_succeeded_total")
    until(lambda: serving.get("/readyz") is not None and serving.get("/readyz")[0] == 200, serving, "it is not ready")
    per_turn = EVENTS_IN_FLIGHT * TIMES // 20

    def load():
        began = time.monotonic()
        for turn in range(SECONDS * 20):
            time.sleep(max(0, began + turn / 20 - time.monotonic()))
            cluster.produce(topics[0], ((f"{n % 97}".encode(), json.dumps({"turn": turn, "n": n}).encode(), []) for n in range(per_turn)))

    loading = threading.Thread(target=load)
    loading.start()
    until(lambda: done() > EVENTS_IN_FLIGHT, serving, "nothing is answered")
    before, began = done(), time.monotonic()
    loading.join()
    answered, took_s = done() - before, time.monotonic() - began
    share("lag", answered, EVENTS_IN_FLIGHT * took_s)
    verify = subprocess.run([BINARY, "verify", "--config", serving.settings_path, "--json"], capture_output=True, text=True, timeout=120)
    report = json.loads(verify.stdout)
    assert verify.returncode == 0 and report["lost"] == report["committed_ahead"] == 0, verify.stdout + verify.stderr
    print(f"lag: {report['inputs']} events, {report['pending']} of them wait, {report['lost']} lost; at most {rss_mib(serving):.0f} MiB", flush=True)
    assert rss_mib(serving) < RSS_MIB_MAX
    assert serving.terminate() == 0, serving.log()[-3000:]
    cluster.delete(*topics)


def create(serving, name, definition):
    return serving.ask("CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE, type="EXPRESS")["stateMachineArn"]


def request(arn, input_text):
    body = json.dumps({"stateMachineArn": arn, "input": input_text}).encode()
    head = ("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\n"
            f"X-Amz-Target: AWSStepFunctions.StartSyncExecution\r\nContent-Length: {len(body)}\r\n\r\n")
    return head.encode(), body


async def answer(reader):
    """Status, headers and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:"))
    return int(head.split()[1]), head, await reader.readexactly(length)


async def ask_at(port, what, per_second, seconds):
    """Asks when each request is due, over as many connections as it takes. Status, headers and seconds of each."""
    idle, answers = [], []

    async def one(due):
        while True:
            reused = bool(idle)
            reader, writer = idle.pop() if reused else await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(b"".join(what))
                status, head, _ = await answer(reader)
                break
            except (asyncio.IncompleteReadError, ConnectionError):
                # An idle connection has its time, too; a new one has no such excuse.
                writer.close()
                if not reused:
                    raise
        answers.append((status, head, time.monotonic() - due))
        idle.append((reader, writer))

    began, asked = time.monotonic(), []
    for number in range(per_second * seconds):
        due = began + number / per_second
        if due > time.monotonic():
            await asyncio.sleep(due - time.monotonic())
        asked.append(asyncio.create_task(one(due)))
    took_s = time.monotonic() - began
    await asyncio.gather(*asked)
    for _, writer in idle:
        writer.close()
    return answers, took_s


def ms_at(seconds, part):
    seconds = sorted(seconds)
    return seconds[int(len(seconds) * part)] * 1_000 if seconds else 0.0


def api(serving):
    waits = request(create(serving, "waits", WAITS), "{}")
    answers, took_s = asyncio.run(ask_at(serving.api_port, waits, REQUESTS_IN_FLIGHT * TIMES, SECONDS))
    statuses = Counter(status for status, *_ in answers)
    assert set(statuses) <= {200, 429, 503}, statuses
    refused = [(head, s) for status, head, s in answers if status != 200]
    assert all("retry-after:" in head for head, _ in refused)
    share("api", statuses[200], REQUESTS_IN_FLIGHT * took_s)
    late = [s for _, s in refused]
    print(f"api: {dict(statuses)}; refused after p50 {ms_at(late, .5):.1f} ms, p99 {ms_at(late, .99):.1f} ms", flush=True)
    answers, _ = asyncio.run(ask_at(serving.api_port, waits, REQUESTS_IN_FLIGHT // 3, 3))
    assert all(status == 200 for status, *_ in answers), "it does not recover"


async def ends(reader):
    """Reads whatever comes until the other side has had enough."""
    try:
        while await reader.read(65_536):
            pass
    except ConnectionError:
        pass


async def slow_clients(serving, passes, large):
    opened = []
    for kind, bytes_sent in (("heads", passes[0][:20]), ("bodies", passes[0] + passes[1][:5]), ("readers", b"".join(large) * 20)):
        for _ in range(SLOW_EACH):
            reader, writer = await asyncio.open_connection("127.0.0.1", serving.api_port, limit=1)
            writer.transport.pause_reading()
            writer.write(bytes_sent)
            opened.append((kind, reader, writer))
    began = time.monotonic()
    answers, _ = await ask_at(serving.api_port, passes, 200, 4 * SLOW_MS // 1_000)
    assert all(status == 200 for status, *_ in answers), "others are not answered"
    took = [s for *_, s in answers]
    print(f"slow: others are answered after p50 {ms_at(took, .5):.1f} ms, p99 {ms_at(took, .99):.1f} ms", flush=True)
    for _, _, writer in opened:
        writer.transport.resume_reading()
    for kind, reader, writer in opened:
        await asyncio.wait_for(ends(reader), 10)
        writer.close()
    print(f"slow: {len(opened)} connections are gone after {time.monotonic() - began:.1f} s at most", flush=True)


def main():
    with tempfile.TemporaryDirectory() as folder:
        lag(folder, Cluster(BOOTSTRAP))
        times = "\n".join(f"{key}_ms = {SLOW_MS}" for key in ("head", "body", "write"))
        serving = Service(BINARY, folder, f"{RUN}-api", f"[engine]\nexecutions_in_flight_max = {REQUESTS_IN_FLIGHT}\n", api=times).start()
        until(lambda: serving.get("/readyz") is not None and serving.get("/readyz")[0] == 200, serving, "it is not ready")
        api(serving)
        asyncio.run(slow_clients(serving, request(create(serving, "passes", PASSES), "{}"),
                                 request(create(serving, "large", PASSES), json.dumps(LARGE))))
        print(f"api and slow: at most {rss_mib(serving):.0f} MiB", flush=True)
        assert rss_mib(serving) < RSS_MIB_MAX
        assert serving.terminate() == 0, serving.log()[-3000:]


if __name__ == "__main__":
    main()
