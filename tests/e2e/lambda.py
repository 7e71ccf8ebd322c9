#!/usr/bin/env python3
"""Workflows that call Lambda functions and an HTTP service, started over the AWS API.

usage: lambda.py BINARY PORT

The functions are real handlers under AWS's own runtime client (`awslambdaric`, which this Python must have), behind the invoke API
of `lambda_runtime.py`. PORT is for Stepstream's API. The definitions of the examples are run, too.
"""
import itertools
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

from checks import check, exit_code
from lambda_runtime import Function, Handler, Lambda, listen

BINARY, PORT = sys.argv[1], int(sys.argv[2])
HERE = os.path.dirname(os.path.abspath(__file__))
CONFIG = os.path.join(HERE, "..", "..", "config")
PATIENCE_S = 60
ROLE = "arn:aws:iam::123456789012:role/x"
DATA_LIMIT = "The state/task '{}' returned a result with a size exceeding the maximum number of bytes service limit."


def api(action, **members):
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/", json.dumps(members).encode(), {
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AWSStepFunctions.{action}"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


numbers = itertools.count(1)


def counted(metrics_port):
    """The values of all series."""
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics", timeout=PATIENCE_S) as answer:
        lines = answer.read().decode().splitlines()
    return {series: float(value) for series, value in (line.rsplit(" ", 1) for line in lines if line and line[0] != "#")}


def run(definition, given="{}"):
    """The answer of StartSyncExecution for a machine of this definition."""
    machine = api("CreateStateMachine", name=f"m{next(numbers)}", definition=definition, roleArn=ROLE, type="EXPRESS")
    if "stateMachineArn" not in machine:
        return machine
    return api("StartSyncExecution", stateMachineArn=machine["stateMachineArn"], input=given)


def by_service(name, payload, **others):
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
            "Parameters": {"FunctionName": name, "Payload": payload}, **others}
    return run(json.dumps({"StartAt": "Call", "States": {"Call": task}}))


def by_arn(name, payload, **others):
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    task = {"Type": "Task", "Resource": arn, "End": True, **others}
    return run(json.dumps({"StartAt": "Call", "States": {"Call": task}}), json.dumps(payload))


def output(answer):
    return json.loads(answer["output"]) if "output" in answer else answer


def functions_answer(service):
    answer = by_service("echo", {"a": [1, 2.50, None, "\u00e4"]})
    envelope = output(answer)
    check(envelope.get("Payload") == {"a": [1, 2.5, None, "\u00e4"]}, "lambda:invoke gives the payload", answer)
    shape = {"ExecutedVersion": "$LATEST", "StatusCode": 200}
    check(shape.items() <= envelope.items() and envelope["SdkHttpMetadata"]["HttpStatusCode"] == 200
          and envelope["SdkResponseMetadata"]["RequestId"] == envelope["SdkHttpMetadata"]["HttpHeaders"]["x-amzn-RequestId"]
          and envelope["SdkHttpMetadata"]["AllHttpHeaders"]["X-Amz-Executed-Version"] == ["$LATEST"],
          "and the envelope of AWS around it", envelope)
    for payload in ({"b": 1}, "HelloWorld", 0, True, []):
        answer = by_arn("echo", payload)
        check(output(answer) == payload, f"by ARN the output is the payload: {json.dumps(payload)}", answer)
    answer = by_service("text", {})
    check(output(answer)["Payload"] == "pl\u00e4in", "a text stays one", answer)
    answer = by_arn("nothing", {})
    check(answer.get("output") == "null", "None is null", answer)
    answer = run(json.dumps({"StartAt": "Call", "States": {"Call": {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True, "OutputPath": "$.Payload",
        "Parameters": {"FunctionName": "about:live", "ClientContext": "eyJjdXN0b20iOnsieCI6InkifX0=", "Payload": {}}}}}))
    expected = {"name": "about", "arn": "arn:aws:lambda:us-east-1:123456789012:function:about", "custom": {"x": "y"}}
    check(output(answer) == expected, "the function sees its context", answer)
    check(service.requests[-1][1] == "live", "and the service the qualifier", service.requests[-1])


def functions_fail(service):
    for way, call in (("lambda:invoke", by_service), ("ARN", by_arn)):
        answer = call("raises", {})
        cause = json.loads(answer["cause"])
        check(answer["error"] == "ValueError" and cause["errorMessage"] == "no \u00fcmlaut" and cause["errorType"] == "ValueError"
              and cause["requestId"] and "in raises" in cause["stackTrace"][0], f"an exception, by {way}", answer)
        spaced = '", "' in answer["cause"] or '": ' in answer["cause"]
        check(spaced == (way == "ARN"), f"its text is spaced as AWS does, by {way}", answer)
        answer = call("slow", {})
        check(answer["error"] == "Sandbox.Timedout" and "Task timed out after 1.00 seconds" in answer["cause"], f"a timeout, by {way}", answer)
        answer = call("leaves", {})
        check(answer["error"] == "Runtime.ExitError" and "exit status 7" in answer["cause"], f"a process that ends, by {way}", answer)
        answer = call("strange", {})
        check(answer["error"] == "Runtime.MarshalError", f"an answer that is no JSON, by {way}", answer)
        answer = call("absent", {})
        check(answer["error"] == "Lambda.ResourceNotFoundException" and answer["cause"].startswith(
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:absent:$LATEST (Service: AWSLambda; Status Code: 404;"),
            f"no such function, by {way}", answer)
        answer = call("large", {"bytes": 300_000})
        name = "lambda" if call is by_service else "arn:aws:lambda:us-east-1:123456789012:function:large"
        check((answer["error"], answer["cause"]) == ("States.DataLimitExceeded", DATA_LIMIT.format(name)), f"300 KB, by {way}", answer)
        answer = call("large", {"bytes": 7_000_000})
        check(answer["error"] == "Function.ResponseSizeTooLarge", f"7 MB, by {way}", answer)
        answer = call("echo", {"after": "all that"})
        check(answer["status"] == "SUCCEEDED", f"others work as before, by {way}", answer)
    answer = by_arn("number", {})
    check(answer.get("output") == '"NaN"', "what is no JSON stays a text", answer)
    retrier = [{"ErrorEquals": ["Lambda.ClientExecutionTimeoutException", "Lambda.ServiceException", "Lambda.AWSLambdaException",
                                "Lambda.SdkClientException", "Lambda.TooManyRequestsException"],
                "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}]
    asked, service.throttle["echo"] = len(service.requests), 2
    answer = by_service("echo", {"x": 1}, Retry=retrier)
    check(answer["status"] == "SUCCEEDED" and len(service.requests) - asked == 3, "the retrier of AWS's tools retries throttling", answer)


def silence(service):
    """Functions that never answer, or with 7 MB, beside one that does as it should."""
    service.silent = {"silent", "mute"}
    answers, asked = [], len(service.requests)

    def note(*arguments, **others):
        answers.append(by_arn(*arguments, **others))

    callers = [threading.Thread(target=note, args=("silent", {}), kwargs={"TimeoutSeconds": 2}) for _ in range(20)]
    callers += [threading.Thread(target=note, args=("mute", {}))]
    callers += [threading.Thread(target=note, args=("large", {"bytes": 7_000_000})) for _ in range(5)]
    for caller in callers:
        caller.start()
    times, wrong, number = [], [], 0
    while any(caller.is_alive() for caller in callers):
        began, number = time.monotonic(), number + 1
        answer = by_arn("echo", number)
        times.append(time.monotonic() - began)
        if answer.get("output") != str(number):
            wrong.append(answer)
    found = sorted((answer["status"], answer["error"]) for answer in answers)
    check(found == [("FAILED", "Function.ResponseSizeTooLarge")] * 5 + [("FAILED", "States.Timeout")] * 21,
          "functions that never answer end with TimeoutSeconds or with the limit of the settings, and 7 MB as on AWS", found)
    unanswered = [name for name, *_ in service.requests[asked:] if name in service.silent]
    check(len(unanswered) == 21, "each was asked once: nobody retries who was not told to", unanswered)
    check(len(times) > 10 and not wrong and max(times) < 2,
          f"{len(times)} calls of another function meanwhile, the slowest of {max(times) * 1e3:.0f} ms", (max(times), wrong[:3]))


def metrics(metrics_port):
    """What AWS counts, under its names: of functions that are named by their ARN, and of integrations by resource and target."""
    found = counted(metrics_port)
    for function, told in {"silent": (20, 20, 0, 0, 20), "mute": (1, 1, 0, 0, 1), "leaves": (1, 1, 0, 1, 0)}.items():
        label = f'function="arn:aws:lambda:us-east-1:123456789012:function:{function}"'
        names = [f"stepstream_lambda_functions_{event}_total{{{label}}}" for event in ("scheduled", "started", "succeeded", "failed", "timed_out")]
        shown = tuple(found.get(name, 0) for name in names)
        check(shown == told, f"the function {function} is counted: scheduled, started, succeeded, failed, timed out {told}", shown)
        times = found.get(f"stepstream_lambda_function_time_seconds_count{{{label}}}")
        check(times == told[1], "and its time", times)
    label = 'resource="arn:aws:states:::lambda:invoke",target="leaves"'
    shown = [found.get(f"stepstream_service_integrations_{event}_total{{{label}}}", 0) for event in ("scheduled", "succeeded", "failed")]
    check(shown == [1, 0, 1], "the integration lambda:invoke is counted by its target", {s: v for s, v in found.items() if "leaves" in s})


def examples(service, sites):
    folder = os.path.join(CONFIG, "workflows")
    event = json.load(open(os.path.join(folder, "iot-event.json")))
    device = open(os.path.join(folder, "iot-device.asl.json")).read()
    answer = output(run(device, json.dumps(event)))
    check(answer == {**event, "device": {"owner": "acme", "model": "T-1000"}}, "the example of a Lambda enriches an event", answer)
    stranger = {**event, "deviceId": "stranger"}
    answer = output(run(device, json.dumps(stranger)))
    check(answer == {**stranger, "device": {"owner": "nobody", "model": "unknown"}}, "and lives with a device that is unknown", answer)
    service.throttle["device-info"] = 1
    answer = output(run(device, json.dumps(event)))
    check(answer["device"]["owner"] == "acme", "and with a throttled function", answer)

    site = open(os.path.join(folder, "iot-site.asl.json")).read().replace("${SitesApi}", sites.url)
    sites.busy = 2
    answer = output(run(site, json.dumps(event)))
    check(answer == {**event, "site": {"name": "Plant 7", "country": "DE"}}, "the example of an HTTP task looks a site up", answer)
    expected = ("/sites/plant-07?fields=name%2Ccountry", "key", "Amazon|StepFunctions|HttpInvoke|us-east-1")
    check(sites.seen == [expected] * 3, "with its key, and again while the service was busy", sites.seen)
    elsewhere = {**event, "location": {"site": "nowhere"}}
    answer = output(run(site, json.dumps(elsewhere)))
    check(answer.get("site") == {"name": "unknown", "because": "States.Http.StatusCode.404"}, "and goes on without it", answer)
    other = site.replace(sites.url, "http://127.0.0.1:9")
    answer = output(run(other, json.dumps(event)))
    check(answer.get("site") == {"name": "unknown", "because": "States.Http"}, "and never goes where no rule allows it", answer)
    checked = subprocess.run([BINARY, "serve", "--check", "--config", os.path.join(CONFIG, "examples", "services.toml")],
                             env={**os.environ, "STEPSTREAM_SECRET_SITES": "key"}, capture_output=True, text=True)
    check(checked.returncode == 0, "the settings of the example are good", checked.stdout + checked.stderr)


class Proxy:
    """What nobody may go through, whatever the environment says."""

    def __init__(self):
        self.asked = asked = []

        class Answer(Handler):
            def handle(self):
                asked.append(self.client_address)

        url = f"http://127.0.0.1:{listen(Answer).server_port}"
        names = ("http_proxy", "https_proxy", "all_proxy")
        self.variables = {name: url for lower in names for name in (lower, lower.upper())}


class Sites:
    """An HTTP service that is busy now and then."""

    def __init__(self):
        self.busy, self.seen, service = 0, [], self

        class Answer(Handler):
            def do_GET(self):
                service.seen.append((self.path, self.headers.get("x-api-key"), self.headers.get("User-Agent")))
                if service.busy > 0:
                    service.busy -= 1
                    self.answer(503, b"later")
                elif self.path.startswith("/sites/plant-07?"):
                    self.answer(200, b'{"name": "Plant 7", "country": "DE"}', Content_Type="application/json")
                else:
                    self.answer(404, b"no such site")

        self.url = f"http://127.0.0.1:{listen(Answer).server_port}"


def main():
    names = {name: name for name in
             ("echo", "about", "raises", "slow", "leaves", "large", "strange", "text", "nothing", "number")}
    names["device-info"] = "device_info"
    service = Lambda([Function(name, f"lambda_handlers.{handler}", HERE, 1.0 if name == "slow" else PATIENCE_S)
                      for name, handler in names.items()])
    sites, proxy = Sites(), Proxy()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        metrics_port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        settings = os.path.join(folder, "stepstream.toml")
        with open(settings, "w") as file:
            file.write(f"""
[server]
listen = "127.0.0.1:{metrics_port}"
[api]
listen = "127.0.0.1:{PORT}"
[lambda]
endpoint = "{service.url}"
[[task_limits]]
connector = "lambda"
target = "mute"
timeout_ms = 1500
[http]
allow = ["{sites.url}/sites"]
[[connections]]
name = "sites"
authorization = "api_key"
header = "x-api-key"
""")
        process = subprocess.Popen([BINARY, "serve", "--config", settings],
                                   env={**os.environ, **proxy.variables, "STEPSTREAM_SECRET_SITES": "key"})
        try:
            until = time.monotonic() + PATIENCE_S
            while True:
                try:
                    api("ListStateMachines")
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > until:
                        sys.exit("stepstream does not serve its API")
                    time.sleep(0.05)
            functions_answer(service)
            functions_fail(service)
            silence(service)
            metrics(metrics_port)
            examples(service, sites)
        finally:
            process.terminate()
            ended = process.wait(PATIENCE_S)
            service.stop()
        check(ended == 0, "SIGTERM ends it with 0", ended)
        check(not proxy.asked, "no proxy was asked, although the environment names one", proxy.asked)
    sys.exit(exit_code("lambda"))


if __name__ == "__main__":
    main()
