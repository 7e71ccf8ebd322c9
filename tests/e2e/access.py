#!/usr/bin/env python3
"""Who is let in, and what is kept: asked by boto3, the AWS CLI, curl and bare sockets.

usage: access.py BINARY [STEP...]

  kept     machines made with --state-dir are there after SIGKILL; a broken file and a folder in use stop the start
  keys     boto3 and the AWS CLI with a configured key are answered; with others, with none and with a wrong clock they get AWS's errors
  tokens   bearers of a token are answered, over plain HTTP as well as by the endpoint for metrics
  tls      boto3 and curl trust the certificate that openssl made; who does not is not answered
  refused  another address than the loopback needs keys, tokens or the flag; files that hold none stop the start
  slow     heads, handshakes and bodies that come byte by byte are dropped in time, and others are answered meanwhile
"""
import contextlib
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest.mock

import boto3
import botocore.exceptions
from botocore import UNSIGNED
from botocore.config import Config

import api
from api import BINARY, DOUBLE, MACHINES, PATIENCE_S, REGION, STEPS, Server, create, equal, refused
from checks import check, exit_code

ACCESS_KEY, SECRET, OTHER = "AKIDPIPELINE", "wJalrXUtnFEMI0K7MDENGbPxRfiCYEXAMPLE", "another-secret-of-nobody"
TOKEN = "d4f1c0de-token-of-the-pipeline"
SECRETS = {"STEPSTREAM_SECRET_API_KEYS": f"{ACCESS_KEY}:{SECRET}", "STEPSTREAM_SECRET_API_TOKENS": TOKEN,
           "STEPSTREAM_SECRET_SERVER_TOKENS": TOKEN}


def client(server, access_key=ACCESS_KEY, secret=SECRET, region=REGION, **options):
    config = Config(retries={"max_attempts": 1}, inject_host_prefix=False, **options.pop("config", {}))
    return boto3.client("stepfunctions", endpoint_url=server.url, config=config, region_name=region,
                        aws_access_key_id=access_key, aws_secret_access_key=secret, **options)


def quiet(server):
    """What the process told holds no secret, and no panic."""
    told = server.log()
    check(not any(secret in told for secret in (SECRET, TOKEN, OTHER)), "no secret is told")
    check("panicked" not in told, "no panic")


def fails(folder, name, *arguments, settings="", variables=None):
    """The exit code of a process that does not start, and what it told."""
    path = os.path.join(folder, f"{name}.toml")
    with open(path, "w") as file:
        file.write(settings)
    variables = {"STEPSTREAM_API_LISTEN": "127.0.0.1:0", "STEPSTREAM_SERVER_LISTEN": "127.0.0.1:0", **(variables or {})}
    ended = subprocess.run([BINARY, "serve", "--config", path, *arguments], env={**os.environ, **variables},
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S)
    return ended.returncode, ended.stdout + ended.stderr


def kept(folder):
    state = os.path.join(folder, "state")
    server = Server(folder, "kept", more=["--state-dir", state])
    sfn = server.client()
    arn = create(sfn, "kept", publish=True, tags=[{"key": "team", "value": "iot"}])["stateMachineArn"]
    second = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 2, "End": True}}}, indent=2)
    sfn.update_state_machine(stateMachineArn=arn, definition=second, publish=True)
    alias = sfn.create_state_machine_alias(name="live", routingConfiguration=[
        {"stateMachineVersionArn": f"{arn}:1", "weight": 0}, {"stateMachineVersionArn": f"{arn}:2", "weight": 100}])["stateMachineAliasArn"]
    create(sfn, "dropped")
    sfn.delete_state_machine(stateMachineArn=MACHINES + "dropped")

    def shown(sfn):
        answers = [sfn.list_state_machines(), sfn.describe_state_machine(stateMachineArn=arn),
                   sfn.describe_state_machine(stateMachineArn=f"{arn}:1"), sfn.list_state_machine_versions(stateMachineArn=arn),
                   sfn.describe_state_machine_alias(stateMachineAliasArn=alias), sfn.list_tags_for_resource(resourceArn=arn)]
        return [{name: value for name, value in answer.items() if name != "ResponseMetadata"} for answer in answers]

    before = shown(sfn)
    code, told = fails(folder, "in-use", "--state-dir", state)
    check(code == 2 and "api.state_dir" in told and "another process" in told, f"a folder in use stops the start: {told[-200:]}")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    with open(os.path.join(state, "kept.json")) as file:
        written = json.load(file)
    equal("\n".join(written["configurations"][1]["definition"]), second, "a file shows the lines of the definition")
    with open(os.path.join(state, "half.json.tmp"), "w") as file:
        file.write("{")
    server = Server(folder, "kept-again", more=["--state-dir", state])
    sfn = server.client()
    equal(shown(sfn), before, "after SIGKILL everything is there as it was")
    equal(sfn.start_sync_execution(stateMachineArn=alias)["output"], "2", "and runs")
    equal(sorted(os.listdir(state)), [".lock", "kept.json"], "nothing else is in the folder")
    equal(server.terminate(), 0, "SIGTERM ends it with 0")
    path = os.path.join(state, "kept.json")
    with open(path, "a") as file:
        file.write("}")
    code, told = fails(folder, "broken", "--state-dir", state)
    check(code == 2 and path in told and "line" in told, f"a broken file stops the start and is named: {told[-200:]}")


def keys(folder):
    server = Server(folder, "keys", variables=SECRETS)
    sfn = client(server)
    arn = create(sfn, "double")["stateMachineArn"]
    equal(json.loads(sfn.start_sync_execution(stateMachineArn=arn, input='{"n": 21}')["output"]), {"twice": 42}, "a configured key")
    check(create(sfn, "large", json.dumps({"Comment": "ü" * 200_000, **json.loads(DOUBLE)}, ensure_ascii=False)), "a body of many bytes")
    mismatch = "The request signature we calculated does not match the signature you provided."
    unknown = "The security token included in the request is invalid."
    refused("InvalidSignatureException", mismatch, client(server, secret=OTHER).list_state_machines)
    refused("UnrecognizedClientException", unknown, client(server, access_key="AKIDNOBODY").list_state_machines)
    refused("UnrecognizedClientException", unknown, client(server, aws_session_token="x").list_state_machines)
    refused("InvalidSignatureException", "Credential should be scoped to a valid region", client(server, region="eu-west-1").list_state_machines)
    refused("MissingAuthenticationTokenException", "Missing Authentication Token",
            client(server, config={"signature_version": UNSIGNED}).list_state_machines)
    for minutes, text in ((-20, "Signature expired: "), (20, "Signature not yet current: "), (-10, None), (10, None)):
        moved = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
        with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=moved.replace(tzinfo=None)):
            if text is None:
                equal(sfn.list_state_machines()["ResponseMetadata"]["HTTPStatusCode"], 200, f"a clock that is {minutes} minutes off")
            else:
                refused("InvalidSignatureException", text, sfn.list_state_machines)
    environment = {**os.environ, "AWS_ENDPOINT_URL_SFN": server.url, "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
                   "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_DEFAULT_REGION": REGION, "AWS_MAX_ATTEMPTS": "1"}
    aws = os.path.join(os.path.dirname(sys.executable), "aws")
    for secret, code, text in ((SECRET, 0, arn), (OTHER, 254, "(InvalidSignatureException)")):
        ended = subprocess.run([aws, "stepfunctions", "list-state-machines"], env={**environment, "AWS_SECRET_ACCESS_KEY": secret},
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S)
        check(text in ended.stdout + ended.stderr and (ended.returncode == 0) == (code == 0), f"the AWS CLI: {ended.returncode}")
    quiet(server)
    equal(server.terminate(), 0, "SIGTERM ends it with 0")


def tokens(folder):
    path = os.path.join(folder, "tokens")
    with open(path, "w") as file:
        file.write(f"# of the pipeline\n{TOKEN}\n0123456789abcdef\n")
    server = Server(folder, "tokens", "[api]\ntokens_file = 'tokens'\n[server]\ntokens_file = 'tokens'\n",
                    {"STEPSTREAM_SERVER_LISTEN": (listen := f"127.0.0.1:{api.free_port()}")})
    for header, status in ((f"Authorization: Bearer {TOKEN}\r\n", 200), ("authorization: bearer 0123456789abcdef\r\n", 200),
                           (f"Authorization: Bearer {TOKEN}x\r\n", 400), ("Authorization: Bearer \r\n", 400), ("", 400)):
        equal(server.exchange(b"{}", headers=header)[0], status, f"the API, asked with '{header[:16]}...'")
    for page, token, status in (("metrics", TOKEN, "200"), ("metrics", OTHER, "401"), ("metrics", "", "401"), ("livez", "", "200"), ("readyz", "", "200")):
        answer = subprocess.run(["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", "-H", f"Authorization: Bearer {token}",
                                 f"http://{listen}/{page}"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S)
        equal(answer.stdout, status, f"/{page} {'with a token' if token == TOKEN else 'without one'}")
    quiet(server)
    equal(server.terminate(), 0, "SIGTERM ends it with 0")


def tls(folder):
    for name in ("server", "other"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.crt"], check=True, capture_output=True)
    files = "certificate = 'server.crt'\nkey = 'server.key'\n"
    server = Server(folder, "tls", f"[api.tls]\n{files}[server.tls]\n{files}",
                    {**SECRETS, "STEPSTREAM_SERVER_LISTEN": (listen := f"127.0.0.1:{api.free_port()}")})
    server.url = server.url.replace("http:", "https:")
    sfn = client(server, verify=f"{folder}/server.crt")
    arn = create(sfn, "double")["stateMachineArn"]
    outputs = [sfn.start_sync_execution(stateMachineArn=arn, input=json.dumps({"n": n}))["output"] for n in range(50)]
    equal(outputs, [json.dumps({"twice": 2 * n}, separators=(",", ":")) for n in range(50)], "boto3 over TLS")
    try:
        client(server, verify=f"{folder}/other.crt").list_state_machines()
        check(False, "a certificate of somebody else is taken")
    except botocore.exceptions.SSLError:
        check(True, "who trusts another certificate is not answered")
    with server.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(1_000):
                said += chunk
    check(b"HTTP" not in said, f"plain HTTP is not spoken where TLS is ({said[:20]})")
    for version, works in (("1.1", False), ("1.2", True), ("1.3", True)):
        answer = subprocess.run(["curl", "-s", "--cacert", f"{folder}/server.crt", f"--tlsv{version}", "--tls-max", version,
                                 "-H", f"Authorization: Bearer {TOKEN}", f"https://{listen}/metrics"],
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S)
        equal("stepstream_" in answer.stdout, works, f"metrics over TLS {version}")
    check("https://" in server.log(), "the log tells https")
    quiet(server)
    equal(server.terminate(), 0, "SIGTERM ends it with 0")


def refused_starts(folder):
    with open(os.path.join(folder, "empty"), "w") as file:
        file.write("# nothing\n")
    with open(os.path.join(folder, "short"), "w") as file:
        file.write("hunter2")
    elsewhere = {"STEPSTREAM_API_LISTEN": "0.0.0.0:8083"}
    cases = [
        (["--check"], "", elsewhere, "api.listen: 0.0.0.0:8083 can be reached from other machines"),
        (["--check"], "", {"STEPSTREAM_SERVER_LISTEN": "[::]:9464"}, "server.listen: [::]:9464 can be reached from other machines"),
        ([], "[api]\ntokens_file = 'missing'", {}, "api.tokens_file: "),
        ([], "[api]\ntokens_file = 'empty'", {}, "there is no token in it"),
        ([], "[api]\ntokens_file = 'short'", {}, "fewer than 16 characters"),
        ([], "[api]\nkeys_file = 'short'", {}, "api.keys_file: "),
        ([], "[server]\ntokens_file = 'empty'", {}, "server.tokens_file: "),
        ([], "[api.tls]\ncertificate = 'empty'\nkey = 'empty'", {}, "there is no certificate in it"),
        ([], "[api.tls]\ncertificate = 'empty'", {}, "api.tls.key: missing"),
    ]
    for arguments, settings, variables, expected in cases:
        code, told = fails(folder, "refused", *arguments, settings=settings, variables=variables)
        check(code == 2 and expected in told and "hunter2" not in told, f"refused: {expected}: {code} {told[-160:].strip()!r}")
    for settings, variables in (("", SECRETS), ("[api]\nallow_remote = true", {})):
        code, told = fails(folder, "taken", "--check", settings=settings, variables={**elsewhere, **variables})
        equal(code, 0, f"taken with {'keys' if variables else 'the flag'}")


def slow(folder):
    head_ms, body_ms = 2_000, 1_000
    server = Server(folder, "slow", f"[api]\nhead_ms = {head_ms}\nbody_ms = {body_ms}\n")
    sfn = server.client()
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\nX-Filler: " + b"x" * 1_000
    body = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n" + b" " * 900
    for what, sent, at_once, limit_ms in (("a head", head, 0, head_ms), ("a body", body, 62, body_ms)):
        began = time.monotonic()
        with server.connect() as connection:
            connection.sendall(sent[:at_once])
            dropped, answered = False, 0
            for number in range(at_once, len(sent)):
                try:
                    connection.sendall(sent[number:number + 1])
                    connection.settimeout(0.02)
                    with contextlib.suppress(TimeoutError):
                        if not connection.recv(1_000):
                            dropped = True
                except OSError:
                    dropped = True
                if dropped:
                    break
                if number % 20 == 0:
                    answered += sfn.list_state_machines()["ResponseMetadata"]["HTTPStatusCode"] == 200
        took = time.monotonic() - began
        check(dropped and took < limit_ms / 1_000 + 3, f"{what} that comes byte by byte is dropped after {took:.1f} s")
        check(answered > 0, f"others are answered meanwhile ({answered} times)")
    large = server.exchange(b"", headers="Content-Length: 4000000000\r\n")
    equal(large[0], 413, "a body that is announced as of 4 GB")
    huge = server.exchange(b"{}", headers="X-Filler: " + "x" * 400_000 + "\r\n")
    check(huge[0] in (431, None), f"a head of 400 kB ({huge[0]})")
    equal(server.terminate(), 0, "SIGTERM ends it with 0")


def main():
    steps = {"kept": kept, "keys": keys, "tokens": tokens, "tls": tls, "refused": refused_starts, "slow": slow}
    with tempfile.TemporaryDirectory() as folder:
        for name, step in steps.items():
            if not STEPS or name in STEPS:
                print(f"\n{name}", flush=True)
                step(folder)
    sys.exit(exit_code("access"))


main()
