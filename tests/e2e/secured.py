#!/usr/bin/env python3
"""A Kafka that speaks only TLS and asks for a password (SCRAM), and secrets that must be found nowhere.

usage: secured.py BINARY BOOTSTRAP SECURE_BOOTSTRAP CERTIFICATES [STEP...]

SECURE_BOOTSTRAP is a listener of the broker at BOOTSTRAP: SASL_SSL with SCRAM-SHA-256 and SCRAM-SHA-512, its certificate from the folder
that certificates.sh made.

  scram    events in and results out as users of either mechanism; another client with the same settings reads them
  doors    a wrong password, another authority and plain text are told in clear text; the process lives, and ends in order
  secrets  every secret that settings can hold is planted: it is in no topic, log, metric, error or answer of the API
"""
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from confluent_kafka import Consumer, KafkaException
from confluent_kafka.admin import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from checks import check, exit_code
from cluster import PATIENCE_S, Cluster, Service

BINARY, BOOTSTRAP, SECURE, CERTIFICATES = os.path.abspath(sys.argv[1]), *sys.argv[2:5]
STEPS = sys.argv[5:]
EVENTS = 2_000
PASSWORD = "canary-kafka-password"
ACCOUNT = "us-east-1:123456789012"
cluster = Cluster(BOOTSTRAP)


def until(what, holds, service):
    """Waits; says only what did not come about."""
    deadline = time.monotonic() + PATIENCE_S

    def holds_now():
        try:
            return holds()
        except KafkaException:  # such as a leader that is not known yet
            return False

    while not holds_now():
        if not service.runs() or time.monotonic() > deadline:
            return check(False, f"{what}\n{service.log()[-3000:]}")
        time.sleep(0.2)
    return True


def make_user(name, mechanism):
    wanted = UserScramCredentialUpsertion(name, ScramCredentialInfo(mechanism, 4096), PASSWORD.encode())
    for future in cluster.admin.alter_user_scram_credentials([wanted]).values():
        future.result()


def settings(folder, run, mechanism, more="", authority="ca.crt", protocol="sasl_ssl"):
    with open(os.path.join(folder, "pass.asl.json"), "w") as file:
        json.dump({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}, file)
    return f"""
[kafka]
bootstrap_servers = "{SECURE}"
group = "{run}"
commit_interval_ms = 200
[kafka.properties]
"security.protocol" = "{protocol}"
"ssl.ca.location" = "{os.path.abspath(os.path.join(CERTIFICATES, authority))}"
"sasl.mechanism" = "{mechanism}"
"sasl.username" = "user-{mechanism.lower()}"
[kafka.consumer]
"session.timeout.ms" = "6000"
{more}
[[workflows]]
name = "pass"
definition = "pass.asl.json"
topics = ["{run}-in"]
results = "{run}-results"
failures = "{run}-failures"
dead_letters = "{run}-dead"
"""


def start(folder, run, text, password=PASSWORD, more=None):
    service = Service(BINARY, folder, run, text)
    os.environ.update({"STEPSTREAM_KAFKA_PROPERTIES_SASL_PASSWORD": password, **(more or {})})
    try:
        return service.start()
    finally:
        for name in ("STEPSTREAM_KAFKA_PROPERTIES_SASL_PASSWORD", *(more or {})):
            del os.environ[name]


def topics_of(run):
    return [f"{run}-{name}" for name in ("in", "results", "failures", "dead")]


def scram(folder, run):
    for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
        one = f"{run}-{mechanism[-3:]}"
        cluster.create(*topics_of(one))
        cluster.produce(f"{one}-in", [(b"%d" % n, b'{"n":%d}' % n, None) for n in range(EVENTS)])
        service = start(folder, one, settings(folder, one, mechanism))
        until(f"{mechanism}: all events are answered", lambda: cluster.count(f"{one}-results") >= EVENTS, service)
        until(f"{mechanism}: and committed", lambda: cluster.committed(one, f"{one}-in") == cluster.ends(f"{one}-in"), service)
        check(service.terminate() == 0, f"{mechanism}: SIGTERM ends it with 0")
        keys = sorted(int(m.key()) for m in cluster.read(f"{one}-results"))
        check(keys == list(range(EVENTS)), f"{mechanism} over TLS: {EVENTS} events, {len(keys)} results, each once")
        check(PASSWORD not in service.log(), f"{mechanism}: the password is not told")
    reader = Consumer({"bootstrap.servers": SECURE, "group.id": f"{run}-reader", "auto.offset.reset": "earliest",
                       "security.protocol": "sasl_ssl", "ssl.ca.location": os.path.join(CERTIFICATES, "ca.crt"),
                       "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "user-scram-sha-512", "sasl.password": PASSWORD})
    reader.subscribe([f"{run}-512-results"])
    read, deadline = 0, time.monotonic() + PATIENCE_S
    while read < EVENTS and time.monotonic() < deadline:
        read += sum(message.error() is None for message in reader.consume(EVENTS, 1.0))
    reader.close()
    check(read == EVENTS, f"another client reads {read} results over the same listener")


def doors(folder, run):
    cluster.create(*topics_of(run))
    cases = [
        ("a wrong password", {}, "wr0ng-secret", "Authentication failed"),
        ("another authority", {"authority": "stranger.crt"}, PASSWORD, "certificate verify failed"),
        ("no TLS", {"protocol": "sasl_plaintext"}, PASSWORD, "kafka."),
    ]
    for number, (what, change, password, told) in enumerate(cases):
        service = start(folder, f"{run}-{number}", settings(folder, run, "SCRAM-SHA-512", **change), password)
        if until(f"{what} is told", lambda: told in service.log(), service):
            check(service.runs() and service.get("/readyz")[0] == 503, f"{what} is told, and tried again")
        check(service.terminate() == 0, f"{what}: SIGTERM ends it with 0")
        check(password not in service.log(), f"{what}: the password is not told")


class Refusing(http.server.BaseHTTPRequestHandler):
    """Answers each request with an error, and keeps what it was sent."""

    received = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.received.append(f"{self.path}\n{self.headers}\n{body.decode()}")
        status, answer = (200, b'{"access_token": "canary-oauth-token", "expires_in": 3600, "token_type": "Bearer"}') \
            if self.path.startswith("/token") else (503, b"later")
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == 200 else "text/plain")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def secrets(folder, run):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    canaries = {name: f"canary-{name}-0123456789abcdef" for name in
                ("basic", "key", "oauth", "file", "api-token", "api-key", "server-token")}
    connections = "".join(f'[[connections]]\nname = "{name}"\n{how}\n' for name, how in {
        "basic": 'authorization = "basic"\nuser = "someone"',
        "key": 'authorization = "api_key"\nheader = "x-api-key"',
        "oauth": f'authorization = "oauth_client_credentials"\ntoken_url = "{url}/token"\nclient_id = "me"',
        "file": 'authorization = "api_key"\nheader = "x-api-key"\nsecret_file = "secret"',
        "gone": 'authorization = "oauth_client_credentials"\ntoken_url = "http://127.0.0.1:1/token"\nclient_id = "me"\nsecret_file = "secret"',
    }.items())
    with open(os.path.join(folder, "secret"), "w") as file:
        file.write(canaries["file"] + "\n")
    names = ["basic", "key", "oauth", "file", "gone"]

    def call(name):
        arn = f"arn:aws:events:{ACCOUNT}:connection/{name}/1"
        return {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": True, "Parameters": {
            "ApiEndpoint": f"{url}/things", "Method": "POST", "RequestBody": {"a": 1}, "Authentication": {"ConnectionArn": arn}}}

    with open(os.path.join(folder, "calls.asl.json"), "w") as file:
        json.dump({"StartAt": "Which", "States": {
            "Which": {"Type": "Choice", "Choices": [{"Variable": "$.to", "StringEquals": n, "Next": n} for n in names], "Default": "basic"},
            **{n: call(n) for n in names}}}, file)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        api = f"127.0.0.1:{free.getsockname()[1]}"
    more = f"""
[http]
allow = ["{url}"]
{connections}
[[workflows]]
name = "calls"
definition = "calls.asl.json"
topics = ["{run}-calls"]
results = "{run}-results"
failures = "{run}-failures"
dead_letters = "{run}-dead"
[workflows.log]
topic = "{run}-logs"
level = "ALL"
include_execution_data = true
"""
    text = settings(folder, run, "SCRAM-SHA-512", more)
    cluster.create(*topics_of(run), f"{run}-calls", f"{run}-logs")
    environment = {"STEPSTREAM_LOG": "debug", "STEPSTREAM_API_ENABLED": "true", "STEPSTREAM_API_LISTEN": api,
                   "STEPSTREAM_SECRET_BASIC": canaries["basic"], "STEPSTREAM_SECRET_KEY": canaries["key"],
                   "STEPSTREAM_SECRET_OAUTH": canaries["oauth"], "STEPSTREAM_SECRET_API_TOKENS": canaries["api-token"],
                   "STEPSTREAM_SECRET_API_KEYS": f"AKID:{canaries['api-key']}", "STEPSTREAM_SECRET_SERVER_TOKENS": canaries["server-token"]}
    service = start(folder, run, text, more=environment)
    cluster.produce(f"{run}-calls", [(n.encode(), json.dumps({"to": n}).encode(), None) for n in names * 4] + [(b"bad", b"{", None)])
    until("secrets: every call has failed", lambda: cluster.count(f"{run}-failures") >= 4 * len(names), service)

    def ask(operation, body, token=canaries["api-token"]):
        request = urllib.request.Request(f"http://{api}/", json.dumps(body).encode(), {
            "X-Amz-Target": f"AWSStepFunctions.{operation}", "Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    machine = f"arn:aws:states:{ACCOUNT}:stateMachine:calls"
    answers = [ask("DescribeStateMachine", {"stateMachineArn": machine}), ask("ListStateMachines", {}),
               ask("ListStateMachines", {}, token=canaries["api-token"][:-1])]
    answers += [ask("StartSyncExecution", {"stateMachineArn": machine, "input": json.dumps({"to": n})}) for n in names]
    for level in ("INFO", "DEBUG", "TRACE"):
        answers += [ask("TestState", {"definition": json.dumps(call(n)), "roleArn": "arn:aws:iam::123456789012:role/r", "input": "{}",
                                      "inspectionLevel": level}) for n in names]
    check(sum("StatusCode.503" in answer for answer in answers) >= 8, "secrets: the API's calls failed at the service, too")
    request = urllib.request.Request(f"http://127.0.0.1:{service.port}/metrics", headers={"Authorization": f"Bearer {canaries['server-token']}"})
    metrics = urllib.request.urlopen(request, timeout=10).read().decode()
    check("stepstream_" in metrics and service.get("/metrics")[0] == 401, "secrets: metrics are shown to the bearer of the token alone")
    check(service.terminate() == 0, "secrets: SIGTERM ends it with 0")
    told = subprocess.run([BINARY, "serve", "--check", "--config", service.settings_path], capture_output=True, text=True,
                          env={**os.environ, **environment, "STEPSTREAM_API_LISTEN": canaries["basic"]}, timeout=60)
    sent = "\n".join(Refusing.received)
    arrived = [n for n in ("key", "file") if canaries[n] in sent]
    check(arrived == ["key", "file"] and "canary-oauth-token" in sent and "Basic " in sent, "secrets: the service was sent all of them")
    places = {"the log": service.log(), "metrics": metrics, "answers of the API": "\n".join(answers), "faults of settings": told.stdout + told.stderr}
    records = 0
    for topic in (*topics_of(run), f"{run}-calls", f"{run}-logs"):
        messages = cluster.read(topic)
        records += len(messages)
        places[topic.removeprefix(f"{run}-")] = "\n".join(f"{m.key()} {m.value()} {m.headers()}" for m in messages)
    check(len(places["logs"]) > 1_000 and records > 100, f"secrets: {records} records were read")
    encoded = {"basic": "c29tZW9uZTpjYW5hcnk"}  # "someone:canary", as the header has it
    for place, found in places.items():
        shown = [name for name, text in {**canaries, "kafka": PASSWORD, "token": "canary-oauth-token", **{f"{n} (base64)": t for n, t in encoded.items()}}.items()
                 if text in found]
        check(not shown, f"secrets: none in {place} ({len(found)} characters){': ' + ', '.join(shown) if shown else ''}")
    server.shutdown()


def main():
    stamp = f"secured-{os.getpid()}-{int(time.time())}"
    make_user("user-scram-sha-256", ScramMechanism.SCRAM_SHA_256)
    make_user("user-scram-sha-512", ScramMechanism.SCRAM_SHA_512)
    with tempfile.TemporaryDirectory() as folder:
        for step in (scram, doors, secrets):
            if not STEPS or step.__name__ in STEPS:
                step(folder, f"{stamp}-{step.__name__}")
    return exit_code("secured")


sys.exit(main())
