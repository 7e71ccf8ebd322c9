"""Who is measured: how each is built, started and told where to read and write.

A peer that cannot be had here (no tool, no binary of the user's) says why; it is then left out, or refused if it was asked for.
"""
import os
import shutil
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(HERE, "..", "..")
BUILT = os.path.join(PACKAGE, "target", "peers")
WORKLOAD = os.path.join(HERE, "workload")


class Missing(Exception):
    """Why a peer cannot be measured here."""


class Run:
    """One run: the broker, the topics, the group, where to begin, and a folder for its files."""

    def __init__(self, bootstrap, topic, out, count, folder, start="earliest"):
        self.bootstrap, self.topic, self.out, self.count = bootstrap, topic, out, count
        self.folder, self.start, self.group = folder, start, f"{out}-group"
        self.logs, self.port = f"{out}-logs", free_port()

    def file(self, name):
        return os.path.join(self.folder, f"{self.out}-{name}")

    def environment(self, **more):
        return {"BOOTSTRAP": self.bootstrap, "IN": self.topic, "OUT": self.out, "GROUP": self.group,
                "START": self.start, **more}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Limit:
    """Bare librdkafka: reads, perhaps parses and writes the JSON, produces, commits behind acknowledgements."""
    peer, has_latency, log_records = "limit", False, None

    def __init__(self, variant, json, keyed=True):
        self.variant, self.json, self.keyed = variant, json, keyed

    def build(self):
        self.binary = os.environ.get("STEPSTREAM_LIMIT") or cargo(os.path.join(HERE, "limit"), "limit")

    def version(self):
        return "rdkafka 0.39" + (", sonic-rs 0.5" if self.json == "sonic" else "")

    def command(self, run):
        return [self.binary, "pass", f"n={run.count}", f"topic={run.topic}", f"out={run.out}", f"json={self.json}", "api=batch",
                "papi=base", f"bs={run.bootstrap}", f"group={run.group}", "p.compression.type=none", "c.fetch.queue.backoff.ms=5"], {}

    def right(self, event, result):
        return event == result


class Workflow:
    """Someone who runs the workload's workflow."""
    has_latency, keyed, log_records = True, True, None

    def right(self, event, result):
        return self.expected(event) == result


class Stepstream(Workflow):
    """`stepstream serve`, as it ships."""
    peer = "stepstream"

    def __init__(self, variant, language="JSONPath", level="OFF", record="execution", keyed=True, order="none"):
        self.variant, self.level, self.keyed, self.order, self.record = variant, level, keyed, order, record
        self.definition = os.path.join(WORKLOAD, "iot.asl.json" if language == "JSONPath" else "iot.jsonata.asl.json")
        # ExecutionStarted, entered and exited of five states, ExecutionSucceeded.
        self.log_records = {"OFF": None, "ERROR": 0, "ALL": 1 if record == "execution" else 12}[level]

    def build(self):
        self.binary = os.environ.get("STEPSTREAM_BIN") or os.path.join(PACKAGE, "target", "release", "stepstream")
        if not os.path.exists(self.binary):
            raise Missing("cargo build --release makes its binary; STEPSTREAM_BIN may name another")

    def version(self):
        return subprocess.check_output([self.binary, "--version"], text=True).split()[-1]

    def command(self, run):
        log = "" if self.level == "OFF" else f"""
[workflows.log]
topic = "{run.logs}"
level = "{self.level}"
include_execution_data = true
record = "{self.record}"
"""
        with open(run.file("serve.toml"), "w") as file:
            file.write(f"""[server]
listen = "127.0.0.1:{run.port}"

[api]
enabled = false

[kafka]
bootstrap_servers = "{run.bootstrap}"
group = "{run.group}"

[kafka.consumer]
"auto.offset.reset" = "{run.start}"

[kafka.producer]
"compression.type" = "none"

[[workflows]]
name = "iot"
definition = "{self.definition}"
topics = ["{run.topic}"]
order = "{self.order}"
results = "{run.out}"
failures = "{run.out}-failures"
dead_letters = "{run.out}-dead"
{log}""")
        return [self.binary, "serve", "--config", run.file("serve.toml")], {}


class KafkaStreams(Workflow):
    """The workflow by hand in Java: two stream threads, Jackson trees, at least once."""
    peer, variant = "kafka-streams", "Java by hand"

    def build(self):
        need("mvn", "java")
        self.folder = os.path.join(BUILT, "kafka-streams")
        if not os.path.isdir(os.path.join(self.folder, "target", "lib")):
            shutil.copytree(os.path.join(HERE, "kafka-streams"), self.folder, dirs_exist_ok=True)
            built(["mvn", "-q", "-B", "package", "dependency:copy-dependencies", "-DincludeScope=runtime",
                   "-DoutputDirectory=target/lib"], self.folder)

    def version(self):
        jars = os.listdir(os.path.join(self.folder, "target", "lib"))
        streams = next(jar for jar in jars if jar.startswith("kafka-streams-"))
        java = subprocess.run(["java", "-version"], stderr=subprocess.PIPE, text=True, check=True).stderr.split('"')[1]
        return f"{streams[len('kafka-streams-'):-len('.jar')]}, Java {java}"

    def command(self, run):
        path = os.path.join(self.folder, "target")
        linger = "100" if run.start == "earliest" else "0"
        return ["java", "-Xms256m", "-Xmx512m", "-cp", f"{path}/classes:{path}/lib/*", f"-Djava.io.tmpdir={run.folder}",
                "bench.IotStreams", run.bootstrap, run.topic, run.out, run.group, run.start, "2", linger], {}


class Quix(Workflow):
    """The workflow by hand in Python with orjson."""
    peer, variant = "quix", "Python by hand"

    def build(self):
        self.python = os.environ.get("QUIX_PYTHON")
        if self.python is None:
            folder = os.path.join(BUILT, "quix")
            self.python = os.path.join(folder, "bin", "python")
            if not os.path.exists(os.path.join(folder, "complete")):
                built([sys.executable, "-m", "venv", folder], HERE)
                built([self.python, "-m", "pip", "install", "--quiet", "quixstreams==3.28.1", "orjson"], HERE)
                open(os.path.join(folder, "complete"), "w").close()

    def version(self):
        ask = "import importlib.metadata as m; print(m.version('quixstreams'))"
        return subprocess.check_output([self.python, "-c", ask], text=True).strip()

    def command(self, run):
        return [self.python, os.path.join(HERE, "quix", "iot.py")], run.environment()


class Connect(Workflow):
    """A binary of the user's own, named by a variable: none is built here."""

    def __init__(self, peer, variable, words, more, at_low_rate):
        self.peer, self.variant, self.variable, self.words = peer, "Bloblang", variable, words
        self.more, self.at_low_rate = more, at_low_rate

    def build(self):
        self.binary = os.environ.get(self.variable)
        if not self.binary:
            raise Missing(f"{self.variable} names no binary")

    def version(self):
        said = subprocess.run([self.binary, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        return said.split("\n")[0].replace("Version:", "").strip()

    def command(self, run):
        more = {"GOMAXPROCS": "2", **(self.more if run.start == "earliest" else self.at_low_rate)}
        config = os.path.join(HERE, "connect", f"{self.peer}.yaml")
        return [self.binary, *self.words, config], run.environment(**more)


class Interpreter(Workflow):
    """aws-local-stepfunctions: another interpreter of the same definition, in its process, without Kafka."""
    peer, variant, package = "aws-local-stepfunctions", "no Kafka", "aws-local-stepfunctions@3.0.0"

    def build(self):
        need("node", "npm")
        self.folder = os.path.join(BUILT, "node")
        if not os.path.isdir(os.path.join(self.folder, "node_modules", "aws-local-stepfunctions")):
            os.makedirs(self.folder, exist_ok=True)
            built(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", self.folder, self.package], HERE)

    def version(self):
        node = subprocess.check_output(["node", "--version"], text=True).strip()
        return f"{self.package.split('@')[1]}, Node {node}"

    def command(self, events, results, count):
        return (["node", os.path.join(HERE, "node", "run.cjs"), os.path.join(WORKLOAD, "iot.asl.json"), events, results,
                 str(count), "8"], {"NODE_PATH": os.path.join(self.folder, "node_modules")})


def cargo(folder, name):
    need("cargo")
    target = os.path.join(BUILT, name)
    built(["cargo", "build", "--quiet", "--release", "--target-dir", target], folder)
    return os.path.join(target, "release", name)


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            raise Missing(f"there is no {tool}")


def built(command, folder):
    try:
        subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Missing(str(error)) from error


def everyone():
    """In the order in which they take turns."""
    return [
        Limit("bare", "none"),
        Limit("bare, no keys", "none", keyed=False),
        Limit("sonic-rs", "sonic"),
        Stepstream("JSONPath"),
        Stepstream("JSONPath, no keys", keyed=False),
        Stepstream("JSONPath, in order by key", order="key"),
        Stepstream("JSONata", language="JSONata"),
        Stepstream("JSONPath, logs ERROR", level="ERROR"),
        Stepstream("JSONPath, logs ALL, a record an execution", level="ALL"),
        Stepstream("JSONPath, logs ALL, a record an entry", level="ALL", record="entry"),
        KafkaStreams(),
        Quix(),
        Interpreter(),
        Connect("bento", "BENTO_BIN", ["-c"], {}, {"BATCH": "20", "BATCH_PERIOD": "1ms"}),
        Connect("redpanda-connect", "RPCONNECT_BIN", ["run"], {"YIELD": "256KB"}, {}),
    ]
