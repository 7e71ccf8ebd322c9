#!/usr/bin/env python3
"""End to end on a real Apache Kafka, with clients that are not ours.

usage: run.py BINARY BOOTSTRAP SASL_BOOTSTRAP WORKLOAD_FOLDER [EVENTS [STEP...]]

SASL_BOOTSTRAP is a listener of the same broker that lets in the user `stepstream` with the password `right` (PLAIN).

  clean    EVENTS events in by confluent-kafka, results back by confluent-kafka and one by kcat: each there once, each what
           it must be; offsets committed to the end; counters of the metrics endpoint equal; SIGTERM ends with 0; a second
           run answers nothing again
  killed   the same, with the process ended by SIGKILL three times on the way: nothing lost; an event is answered again
           only if its offset was not committed when the process was killed; duplicates printed
  handed   a second process joins while the first is at work, then the first is ended by SIGTERM: nothing lost, nothing
           answered twice
  refused  records that no execution can be made of come back as dead letters, byte for byte, with their reasons
  told     executions of events are asked about and stopped by the AWS API, where it is wanted, and the offset of the stopped one is
           committed with its failure
  large    topics that take less than one batch: small answers come through all the same, one that is too large itself becomes a
           dead letter, a dead letter that is too large goes without its value, and nothing stands still
  trouble  a cluster that cannot be used is told in clear text that names the setting; the process lives, tries on,
           works once the trouble is over, and ends in order; what cannot become good ends it with 2
"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from checks import check, exit_code
from cluster import PATIENCE_S, Cluster, Service, events, header, import_workload, keyed

BINARY, BOOTSTRAP, SASL_BOOTSTRAP, WORKLOAD = sys.argv[1:5]
EVENTS = int(sys.argv[5]) if len(sys.argv) > 5 else 200_000
COMMIT_INTERVAL_MS = 200
HANDED_EVENTS_MAX = 150_000

cluster = Cluster(BOOTSTRAP)
workload = import_workload(WORKLOAD)


def serve(folder, name, workflow, kafka="", bootstrap=BOOTSTRAP, api=None):
    return Service(BINARY, folder, name, f"""
[kafka]
bootstrap_servers = "{bootstrap}"
group = "{name}"
commit_interval_ms = {COMMIT_INTERVAL_MS}
{kafka}
[kafka.consumer]
"session.timeout.ms" = "6000"

[[workflows]]
{workflow}
""", api).start()


def until(what, holds, service):
    """Waits; says only what did not come about."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if not service.runs() or time.monotonic() > deadline:
            return check(False, f"{what}\n{service.log()[-3000:]}")
        time.sleep(0.2)
    return True


def answered(topics):
    return lambda: all(cluster.count(topic) >= wanted for topic, wanted in topics.items())


def all_committed(group, topic):
    return lambda: cluster.committed(group, topic) == cluster.ends(topic)


def outputs(run):
    return f"""
topics = ["{run}-in"]
results = "{run}-results"
failures = "{run}-failures"
dead_letters = "{run}-dead"
"""


def create_all(run, **config):
    cluster.create(f"{run}-in", f"{run}-results", f"{run}-failures", f"{run}-dead", **config)


def bench_workflow(run):
    definition = os.path.join(os.path.abspath(WORKLOAD), "iot.asl.json")
    return f'name = "iot"\ndefinition = "{definition}"\norder = "key"\n{outputs(run)}'


def fill(topic):
    made = list(events(workload, EVENTS))
    cluster.produce(topic, keyed(workload, made))
    return {event["ts"]: event for event in made}


def compare(made, run):
    """Events without a result, results that are wrong, and how often each event was answered."""
    inputs = {f"{m.topic()}/{m.partition()}/{m.offset()}": json.loads(m.value())["ts"]
              for m in cluster.read(f"{run}-in")}
    times, wrong = {}, 0
    for message in cluster.read(f"{run}-results"):
        result, name = json.loads(message.value()), header(message, "asl-dedup-id")
        event = made[inputs[name]]
        wrong += result != workload.expected(event) or message.key() != event["deviceId"].encode()
        times[name] = times.get(name, 0) + 1
    return len(inputs) - len(times), wrong, times


def clean(folder, run):
    create_all(run)
    made = fill(f"{run}-in")
    service = serve(folder, run, bench_workflow(run))
    if not until("clean: all events are answered", answered({f"{run}-results": EVENTS}), service):
        service.kill()
        return
    check(until("clean: the offsets come to the end", all_committed(run, f"{run}-in"), service),
          "clean: the group's committed offsets are the ends of the partitions")
    started = service.metric("stepstream_executions_started_total")
    succeeded = service.metric("stepstream_executions_succeeded_total")
    check(started == succeeded == EVENTS, f"clean: the metrics count {EVENTS} executions ({started:.0f} started)")
    consumed = service.metric("stepstream_consumed_bytes_total")
    produced = service.metric("stepstream_produced_bytes_total")
    check(service.terminate() == 0, "clean: SIGTERM ends it with 0")
    check(consumed == sum(len(workload.encode(event)) for event in made.values()),
          f"clean: the metrics count the bytes of all inputs ({consumed:.0f})")
    check(produced == sum(len(m.value()) for m in cluster.read(f"{run}-results")),
          f"clean: the metrics count the bytes of all results ({produced:.0f})")
    lost, wrong, times = compare(made, run)
    duplicates = sum(times.values()) - len(times)
    check((lost, wrong, duplicates) == (0, 0, 0),
          f"clean: {EVENTS} events, {lost} lost, {wrong} wrong, {duplicates} duplicates")
    check(cluster.count(f"{run}-failures") == cluster.count(f"{run}-dead") == 0, "clean: no failure, no dead letter")
    look_with_kcat(made, f"{run}-results")
    service.start()
    one_more = next(iter(made.values()))
    cluster.produce(f"{run}-in", keyed(workload, [one_more]))
    until("clean: a second run answers the next event", answered({f"{run}-results": EVENTS + 1}), service)
    check(service.terminate() == 0, "clean: the second run ends with 0")
    check(cluster.count(f"{run}-results") == EVENTS + 1, "clean: the second run answered nothing again")


def look_with_kcat(made, topic):
    seen = subprocess.run(["kcat", "-C", "-b", BOOTSTRAP, "-t", topic, "-p", "0", "-o", "beginning", "-c", "1", "-J"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    record = json.loads(seen.stdout)
    result = json.loads(record["payload"])
    headers = dict(zip(record["headers"][::2], record["headers"][1::2]))
    names = {"asl-execution-arn", "asl-execution-name", "asl-dedup-id"}
    check(result == workload.expected(made[result["ts"]]) and record["key"] == result["device"] and names <= set(headers),
          "clean: kcat sees a right result with its key and headers")


def killed(folder, run):
    create_all(run)
    made = fill(f"{run}-in")
    service = serve(folder, run, bench_workflow(run))
    kept = []
    for share in (0.15, 0.45, 0.75):
        if not until("killed: events are answered", answered({f"{run}-results": int(EVENTS * share)}), service):
            break
        service.kill()
        if cluster.count(f"{run}-results") < EVENTS:
            kept.append(cluster.committed(run, f"{run}-in"))
        service.start()
    through = until("killed: all events are answered and committed", all_committed(run, f"{run}-in"), service)
    check(service.terminate() == 0, "killed: SIGTERM ends the last run with 0")
    check(through and len(kept) == 3, f"killed: ended by SIGKILL {len(kept)} times before the end")
    lost, wrong, times = compare(made, run)
    duplicates = sum(times.values()) - len(times)
    check((lost, wrong) == (0, 0), f"killed: {EVENTS} events, {lost} lost, {wrong} wrong, {duplicates} duplicates "
                                   f"({100 * duplicates / EVENTS:.2f} %)")
    needless = 0
    for name, count in times.items():
        _, partition, offset = name.rsplit("/", 2)
        uncommitted = sum(int(offset) >= committed[int(partition)] for committed in kept)
        needless += max(0, count - 1 - uncommitted)
    check(needless == 0, f"killed: {needless} of the duplicates are of events that were committed at the kill")


def handed(folder, run):
    create_all(run)
    made = list(events(workload, min(EVENTS, HANDED_EVENTS_MAX)))

    def feed():
        records = list(keyed(workload, made))
        for at in range(0, len(records), 2_000):
            cluster.produce(f"{run}-in", records[at:at + 2_000])
            time.sleep(0.2)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    first = serve(folder, run, bench_workflow(run))
    if not until("handed: events are answered", answered({f"{run}-results": 1}), first):
        return
    second = serve(folder, run, bench_workflow(run))
    until("handed: the second process has partitions", lambda: (second.get("/readyz") or (0, ""))[0] == 200, second)
    check(feeder.is_alive(), "handed: events still came when the second process had joined")
    check(first.terminate() == 0, "handed: SIGTERM ends the first process with 0")
    check(feeder.is_alive(), "handed: and when the first had left")
    feeder.join()
    through = until("handed: all events are answered and committed", all_committed(run, f"{run}-in"), second)
    check(second.terminate() == 0 and through, "handed: SIGTERM ends the second process with 0")
    lost, wrong, times = compare({event["ts"]: event for event in made}, run)
    duplicates = sum(times.values()) - len(times)
    check((lost, wrong, duplicates) == (0, 0, 0),
          f"handed: {len(made)} events, {lost} lost, {wrong} wrong, {duplicates} duplicates")


def refused(folder, run):
    create_all(run, **{"max.message.bytes": "10000000"})
    small, mark = b'{"ok":true}', [("kind", b"good")]
    bad = [
        ("json", b"{not json", mark),
        ("empty", b"", mark),
        ("empty", None, mark),
        ("utf8", b'{"a":"\xff\xfe"}', mark),
        ("depth", b"[" * 100_000 + b"]" * 100_000, mark),
        ("too-large", b'"' + b"x" * 5_242_880 + b'"', mark),
        ("no-route", small, [("kind", b"other")]),
    ]
    records = []
    for number, (_, value, headers) in enumerate(bad):
        records.append((f"bad-{number}".encode(), value, headers))
        records.append((f"good-{number}".encode(), small, mark))
    cluster.produce(f"{run}-in", records)
    sent = {m.key(): m for m in cluster.read(f"{run}-in")}
    workflow = f'{pass_workflow(folder, run)}\nwhen = {{ header = "kind", equals = "good" }}\n'
    service = serve(folder, run, workflow, '[kafka.producer]\n"message.max.bytes" = "10000000"\n')
    until("refused: all are answered", answered({f"{run}-results": len(bad), f"{run}-dead": len(bad)}), service)
    counted = service.metric("stepstream_dead_letters_total")
    check(counted == len(bad), f"refused: the metrics count {len(bad)} dead letters ({counted:.0f})")
    check(service.terminate() == 0, "refused: SIGTERM ends it with 0")
    letters = {message.key(): message for message in cluster.read(f"{run}-dead")}
    for number, (reason, value, headers) in enumerate(bad):
        key = f"bad-{number}".encode()
        letter = letters.get(key)
        if not check(letter is not None, f"refused: {reason} comes back"):
            continue
        # A null value is a tombstone, not an empty text.
        same = letter.value() == value and set(headers) <= set(letter.headers())
        place = tuple(header(letter, f"asl-{part}") for part in ("topic", "partition", "offset"))
        origin = (f"{run}-in", str(sent[key].partition()), str(sent[key].offset()))
        got = header(letter, "asl-error")
        check(same and got == reason and place == origin, f"refused: {reason} has its bytes, reason and place ({got})")
    check(cluster.count(f"{run}-results") == len(bad), "refused: the events between them are unharmed")


def told(folder, run):
    create_all(run)
    definition = os.path.join(folder, f"{run}.asl.json")
    with open(definition, "w") as file:
        json.dump({"StartAt": "Long", "States": {
            "Long": {"Type": "Choice", "Choices": [{"Variable": "$.long", "BooleanEquals": True, "Next": "Wait"}], "Default": "Done"},
            "Wait": {"Type": "Wait", "Seconds": 250, "Next": "Done"}, "Done": {"Type": "Succeed"}}}, file)
    workflow = f'name = "told"\ndefinition = "{definition}"\n{outputs(run)}'
    service = serve(folder, run, workflow, api="recent_executions_of_events = true")
    cluster.produce(f"{run}-in", [(b"key", json.dumps({"n": n, "long": n == 2}).encode(), None) for n in range(4)])
    until("told: all but one are answered", answered({f"{run}-results": 3}), service)
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:told"
    listed = service.ask("ListExecutions", stateMachineArn=machine)["executions"]
    # Four events of one key, in one partition.
    partition = max(cluster.ends(f"{run}-in").items(), key=lambda end: end[1])[0]
    names = {f"{run}-in-{partition}-{offset}": "RUNNING" if offset == 2 else "SUCCEEDED" for offset in range(4)}
    check({e["name"]: e["status"] for e in listed} == names, f"told: executions of events are listed ({names})")
    arns = {e["name"]: e["executionArn"] for e in listed}
    results = {header(m, "asl-execution-arn"): m.value().decode() for m in cluster.read(f"{run}-results")}
    described = {arn: service.ask("DescribeExecution", executionArn=arn).get("output") for arn in results}
    check(described == results, "told: their ARNs and outputs are those of the results")
    long = arns[f"{run}-in-{partition}-2"]
    types = [e["type"] for e in service.ask("GetExecutionHistory", executionArn=long)["events"]]
    check(types == ["ExecutionStarted", "ChoiceStateEntered", "ChoiceStateExited", "WaitStateEntered"], f"told: the history so far ({types})")
    check("stopDate" in service.ask("StopExecution", executionArn=long, error="Enough", cause="of it"), "told: it is stopped")
    until("told: its outcome is a failure", answered({f"{run}-failures": 1}), service)
    failure = json.loads(cluster.read(f"{run}-failures")[0].value())
    check([failure[m] for m in ("status", "error", "cause")] == ["ABORTED", "Enough", "of it"], f"told: {failure}")
    until("told: all is committed", all_committed(run, f"{run}-in"), service)
    check(service.terminate() == 0, "told: SIGTERM ends it with 0")


def large(folder, run):
    create_all(run, **{"max.message.bytes": "2000"})
    cluster.create(f"{run}-wide")
    small = [(f"small-{number}".encode(), json.dumps({"n": number, "text": "x" * 200}).encode(), None) for number in range(500)]
    huge = [(f"huge-{number}".encode(), b'"' + b"x" * 5_000 + b'"', None) for number in range(3)]
    bad = [(b"bad-0", b"{" + b"x" * 5_000, None)]
    cluster.produce(f"{run}-wide", small + huge + bad)
    workflow = pass_workflow(folder, run).replace(f'["{run}-in"]', f'["{run}-wide"]')
    service = serve(folder, run, workflow, '[kafka.producer]\n"compression.type" = "none"\n')
    until("large: the offsets come to the end", all_committed(run, f"{run}-wide"), service)
    refusals = service.metric("stepstream_produce_errors_total")
    check(refusals > len(huge) + len(bad), f"large: the broker refused batches of small records too ({refusals:.0f})")
    check(service.terminate() == 0, "large: SIGTERM ends it with 0")
    results = [message.key() for message in cluster.read(f"{run}-results")]
    check(sorted(results) == sorted(key for key, _, _ in small), f"large: {len(small)} small events, {len(results)} results")
    letters = {message.key(): message for message in cluster.read(f"{run}-dead")}
    places = {m.key(): (m.topic(), str(m.partition()), str(m.offset())) for m in cluster.read(f"{run}-wide")}
    for key, reason in [*((key, "output-too-large") for key, _, _ in huge), (b"bad-0", "json")]:
        letter = letters.pop(key, None)
        if check(letter is not None, f"large: {key.decode()} comes back"):
            place = tuple(header(letter, f"asl-{part}") for part in ("topic", "partition", "offset"))
            told = header(letter, "asl-error"), header(letter, "asl-value-omitted"), letter.value(), place
            check(told == (reason, "true", None, places[key]), f"large: {key.decode()} has its reason and place ({told})")
    check(not letters, "large: there are no other dead letters")


def pass_workflow(folder, run):
    definition = os.path.join(folder, "pass.asl.json")
    with open(definition, "w") as file:
        json.dump({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}, file)
    return f'name = "pass"\ndefinition = "{definition}"\n{outputs(run)}'


def trouble(folder, run):
    workflow = pass_workflow(folder, run)

    def told(what, service, *texts):
        """The texts come, the process is alive but not ready then, and SIGTERM ends it in order."""
        heard = until(f"trouble: {what} is told", lambda: all(text in service.log() for text in texts), service)
        if heard:
            check(service.runs() and service.get("/readyz")[0] == 503, f"trouble: {what} is told, and tried again")
        return heard

    service = serve(folder, f"{run}-unreachable", workflow, bootstrap="127.0.0.1:1")
    told("an unreachable broker", service, "kafka.bootstrap_servers", "127.0.0.1:1")
    check(service.terminate() == 0, "trouble: SIGTERM ends it with 0 (unreachable broker)")

    def sasl(password):
        return ('[kafka.properties]\n"security.protocol" = "sasl_plaintext"\n"sasl.mechanism" = "PLAIN"\n'
                f'"sasl.username" = "stepstream"\n"sasl.password" = "{password}"\n')

    service = serve(folder, f"{run}-password", workflow, sasl("wr0ng-secret"), SASL_BOOTSTRAP)
    told("a wrong password", service, "kafka.properties", "sasl", "Authentication failed")
    check(service.terminate() == 0, "trouble: SIGTERM ends it with 0 (wrong password)")
    check("wr0ng-secret" not in service.log(), "trouble: the password is not told")

    # What the broker makes by itself has another number of partitions.
    cluster.create(f"{run}-results", f"{run}-failures", f"{run}-dead")
    service = serve(folder, f"{run}-topic", workflow, sasl("right"), SASL_BOOTSTRAP)
    told("a missing topic", service, f"{run}-in", "workflows[pass].topics")
    cluster.create(f"{run}-in")
    cluster.produce(f"{run}-in", [(b"k", b"{}", None)])
    until("trouble: the event is answered once the topic is there", answered({f"{run}-results": 1}), service)
    check(service.terminate() == 0 and cluster.count(f"{run}-results") == 1,
          "trouble: once the topic is there its event is answered once, and SIGTERM ends it with 0")

    service = serve(folder, f"{run}-property", workflow, '[kafka.producer]\n"compresion.type" = "lz4"\n')
    code = service.process.wait(60)
    check(code == 2 and "kafka.producer" in service.log() and "compresion.type" in service.log(),
          f"trouble: an unknown property is named, and ends it with 2 ({code})")


def main():
    stamp = f"e2e-{os.getpid()}-{int(time.time())}"
    with tempfile.TemporaryDirectory() as folder:
        for step in (clean, killed, handed, refused, told, large, trouble):
            if sys.argv[6:] and step.__name__ not in sys.argv[6:]:
                continue
            began = time.monotonic()
            step(folder, f"{stamp}-{step.__name__}")
            print(f"      {step.__name__} took {time.monotonic() - began:.0f} s", flush=True)
    return exit_code("e2e")


if __name__ == "__main__":
    sys.exit(main())
