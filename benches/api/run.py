#!/usr/bin/env python3
"""StartSyncExecution of a pure workflow of five states: requests a second, latency, CPU seconds a million.

usage: run.py BINARY [SECONDS [CONNECTIONS...]]

`wrk` asks `serve` over keep-alive connections, from the same machine; every answer must hold the output. This is done twice: with
`serve` as it comes, which keeps the last 10,000 executions for whoever asks about them, and with one that keeps none. CPU is user
and system time of the server's process alone, as the kernel accounts it, over the time of the measurement. A first second warms up
and is not counted.

Beside it, if they are given, others on the same machine:
  MOTO_SERVER     moto's server program (pip install 'moto[server]'). It has no StartSyncExecution, so StartExecution is asked
                  instead, with its interpreter of ASL switched on: an answer says only that the execution was begun.
  LOCALSTACK_URL  a running LocalStack, with LOCALSTACK_PID for its CPU time. Without its container: pip install
                  'localstack-core[base-runtime]==4.3.0' moto-ext antlr4-python3-runtime jsonpath-ng jpype1 crontab service_identity
                  'pyOpenSSL<24.3' 'cryptography<44' 'cbor2<6', then python -m localstack.runtime.main.
One JSON object a line.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BINARY = os.path.abspath(sys.argv[1])
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 10
CONNECTIONS = [int(count) for count in sys.argv[3:]] or [1, 16, 64]
PATIENCE_S = 60
ROLE = "arn:aws:iam::123456789012:role/workflow"
INPUT = '{"device": "d-17", "celsius": 31.50, "limit": 30}'
EXPECTED = "too hot"
FIVE_STATES = {"StartAt": "Check", "States": {
    "Check": {"Type": "Choice", "Choices": [{"Variable": "$.celsius", "NumericGreaterThanPath": "$.limit", "Next": "Mark"}], "Default": "Fine"},
    "Mark": {"Type": "Pass", "Result": "too hot", "ResultPath": "$.verdict", "Next": "Shape"},
    "Shape": {"Type": "Pass", "Parameters": {"device.$": "$.device", "verdict.$": "$.verdict", "fahrenheit": 88.7}, "Next": "Label"},
    "Label": {"Type": "Pass", "Parameters": {"text.$": "States.Format('{} is {}', $.device, $.verdict)"}, "ResultPath": "$.label", "Next": "Done"},
    "Fine": {"Type": "Succeed"},
    "Done": {"Type": "Succeed"}}}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def call(url, operation, **members):
    request = urllib.request.Request(url, json.dumps(members).encode(), {
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AWSStepFunctions.{operation}",
        "Authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0"})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def listens(url, process):
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return call(url, "ListStateMachines")
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline, "the server does not come up"
            time.sleep(0.1)


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wrk(url, arn, operation, connections, seconds):
    variables = {"MACHINE_ARN": arn, "OPERATION": operation, "INPUT_ESCAPED": INPUT.replace('"', '\\"')}
    if operation == "StartSyncExecution":
        variables["EXPECTED"] = EXPECTED
    told = subprocess.run(["wrk", "--threads", str(min(2, connections)), "--connections", str(connections), "--duration", f"{seconds}s",
                           "--timeout", "30s", "--script", os.path.join(HERE, "sync.lua"), url],
                          env={**os.environ, **variables}, check=True, capture_output=True, text=True).stdout
    return json.loads(told.strip().splitlines()[-1])


def measure(who, url, pid, operation):
    arn = call(url, "CreateStateMachine", name=f"five-{time.time_ns()}", definition=json.dumps(FIVE_STATES), roleArn=ROLE, type="EXPRESS")["stateMachineArn"]
    if operation == "StartSyncExecution":
        output = json.loads(call(url, operation, stateMachineArn=arn, input=INPUT)["output"])
        assert output["label"]["text"] == "d-17 is too hot", output
    for connections in CONNECTIONS:
        wrk(url, arn, operation, connections, 1)
        before = cpu_s(pid) if pid else None
        found = wrk(url, arn, operation, connections, SECONDS)
        used = cpu_s(pid) - before if pid else None
        print(json.dumps({
            "who": who, "operation": operation, "connections": connections, "requests_a_second": round(found["requests"] / found["seconds"]),
            "p50_ms": found["p50_ms"], "p99_ms": found["p99_ms"], "max_ms": found["max_ms"],
            "cpu_s_a_million": used and round(used / max(found["requests"], 1) * 1e6, 1), "wrong": found["wrong"]}), flush=True)
        assert found["wrong"] == 0, "answers were wrong"


def stepstream(folder, kept):
    port = free_port()
    with open(os.path.join(folder, "serve.log"), "wb") as log:
        server = subprocess.Popen([BINARY, "serve"], stdout=log, stderr=log, env={
            **os.environ, "STEPSTREAM_API_LISTEN": f"127.0.0.1:{port}", "STEPSTREAM_SERVER_LISTEN": "127.0.0.1:0",
            "STEPSTREAM_API_RECENT_EXECUTIONS_MAX": str(kept)})
    try:
        listens(f"http://127.0.0.1:{port}/", server)
        measure(f"stepstream, {kept} kept", f"http://127.0.0.1:{port}/", server.pid, "StartSyncExecution")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE_S)


def moto(folder, program):
    port = free_port()
    with open(os.path.join(folder, "moto.log"), "wb") as log:
        server = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        listens(f"{url}/", server)
        config = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/config", config, {"Content-Type": "application/json"}))
        measure("moto", f"{url}/", server.pid, "StartExecution")
    finally:
        server.kill()
        server.wait(PATIENCE_S)


def main():
    with tempfile.TemporaryDirectory() as folder:
        stepstream(folder, 10_000)
        stepstream(folder, 0)
        if program := os.environ.get("MOTO_SERVER"):
            moto(folder, program)
        if url := os.environ.get("LOCALSTACK_URL"):
            pid = os.environ.get("LOCALSTACK_PID")
            measure("localstack", url, int(pid) if pid else None, "StartSyncExecution")


main()
