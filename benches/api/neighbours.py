#!/usr/bin/env python3
"""What a hundred executions that never wait do to others: answer times of StartSyncExecution, alone and beside them.

usage: neighbours.py BINARY [PER_SECOND [SECONDS]]

Needs only Python and tests/e2e/cluster.py's confluent-kafka. The bombs are loops of states, and loops of states that evaluate an expression of some
300,000 steps; each ends by its own TimeoutSeconds. Times run from the moment at which a request was due. These are figures to read, no verdict;
what must hold is that every request is answered and that the process stays small.
"""
import http.client
import json
import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tests/e2e"))
from cluster import PATIENCE_S, Service

BINARY = sys.argv[1]
PER_SECOND = int(sys.argv[2]) if len(sys.argv) > 2 else 400
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 4
CLIENTS, BOMBS, BOMB_ENDS_S, RSS_MIB_MAX = 8, 100, 15, 512
ROLE = "arn:aws:iam::123456789012:role/none"


def loop(first, never, **top):
    choice = {"Type": "Choice", "Choices": [{**never, "Next": "C"}], "Default": "A"}
    return {"StartAt": "A", "TimeoutSeconds": BOMB_ENDS_S, **top,
            "States": {"A": {"Type": "Pass", **first, "Next": "B"}, "B": choice, "C": {"Type": "Succeed"}}}


NEIGHBOUR = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
KINDS = {
    "loops of states": loop({}, {"Variable": "$.never", "IsPresent": True}),
    "loops of expressions": loop({"Output": "{% $sum([1..100000].($ * 2)) %}"}, {"Condition": "{% false %}"}, QueryLanguage="JSONata"),
}


def create(serving, name, definition):
    answer = serving.ask("CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE, type="EXPRESS")
    return answer["stateMachineArn"]


def neighbours(serving, arn, what):
    took_s, refused = [], []
    body = json.dumps({"stateMachineArn": arn, "input": "{}"})
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AWSStepFunctions.StartSyncExecution"}
    began = time.monotonic() + 0.1

    def client(number):
        connection = http.client.HTTPConnection("127.0.0.1", serving.api_port)
        for request in range(number, PER_SECOND * SECONDS, CLIENTS):
            due = began + request / PER_SECOND
            time.sleep(max(0, due - time.monotonic()))
            connection.request("POST", "/", body, headers)
            answer = connection.getresponse()
            if json.loads(answer.read()).get("status") != "SUCCEEDED":
                refused.append(answer.status)
            took_s.append(time.monotonic() - due)

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    took_s.sort()
    assert not refused and len(took_s) == PER_SECOND * SECONDS, (what, refused[:5], len(took_s))
    at = lambda share: took_s[int(len(took_s) * share)] * 1_000
    print(f"{what:40} p50 {at(.5):8.2f} ms, p99 {at(.99):8.2f} ms, at most {took_s[-1] * 1_000:8.2f} ms", flush=True)


def main():
    with tempfile.TemporaryDirectory() as folder:
        serving = Service(BINARY, folder, "neighbours", "", api="").start()
        deadline = time.monotonic() + PATIENCE_S
        while serving.get("/readyz") is None or serving.get("/readyz")[0] != 200:
            assert serving.runs() and time.monotonic() < deadline, serving.log()
            time.sleep(0.05)
        neighbour = create(serving, "neighbour", NEIGHBOUR)
        neighbours(serving, neighbour, "alone")
        for number, (kind, definition) in enumerate(KINDS.items()):
            bomb = create(serving, f"bomb-{number}", definition)
            began = time.monotonic()
            for _ in range(BOMBS):
                serving.ask("StartExecution", stateMachineArn=bomb, input="{}")
            # Each has had its first turn.
            time.sleep(1.5)
            neighbours(serving, neighbour, f"beside {BOMBS} {kind}")
            ended = lambda: serving.metric("stepstream_executions_timed_out_total")
            while ended() < BOMBS * (number + 1):
                assert time.monotonic() < began + PATIENCE_S, ended()
                time.sleep(0.2)
            print(f"{'':40} they have ended after {time.monotonic() - began:.1f} s of {BOMB_ENDS_S} s", flush=True)
        neighbours(serving, neighbour, "alone again")
        with open(f"/proc/{serving.process.pid}/status") as status:
            rss_kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        print(f"at most {rss_kib / 1024:.0f} MiB resident")
        assert rss_kib < RSS_MIB_MAX * 1024, rss_kib
        assert serving.terminate() == 0, serving.log()


if __name__ == "__main__":
    main()
