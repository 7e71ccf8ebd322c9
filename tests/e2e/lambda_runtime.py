"""Lambda in small, for tests: functions that run under AWS's own runtime client, and the invoke API in front of them.

Each function is a process of `awslambdaric` with a runtime API of its own. What AWS does around it is done here: a function that
takes too long is ended, one that ends by itself is started anew, and both are told to the caller as AWS tells them. Nothing bounds
the size of an answer, as in the emulators that people use.
"""
import base64
import json
import os
import queue
import subprocess
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INVOCATIONS = "/2015-03-31/functions/"
RUNTIME = "/2018-06-01/runtime/"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return whole

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        try:
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            # A client that has read enough closes before all is written.
            self.close_connection = True


def listen(handler, port=0):
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Function:
    """One function: its process, and the runtime API that the process asks for events."""

    def __init__(self, name, handler, folder, timeout_s):
        self.name, self.handler, self.folder, self.timeout_s = name, handler, folder, timeout_s
        self.events, self.ended = queue.Queue(), queue.Queue()
        self.turn = threading.Lock()
        self.process = None
        self.generation = 0
        self.asked = 0

    def invoke(self, payload, context):
        """One invocation at a time, as in one sandbox: (the answer, whether the function failed)."""
        with self.turn:
            self.asked += 1
            if self.process is None or self.process.poll() is not None:
                self.start()
            request = str(uuid.uuid4())
            self.events.put((request, payload, context))
            threading.Thread(target=self.tell_exit, args=(self.process, request), daemon=True).start()
            try:
                while True:
                    of, failed, body = self.ended.get(timeout=self.timeout_s)
                    if of in (request, None):
                        return body, failed
            except queue.Empty:
                self.stop()
                words = f"Error: Task timed out after {self.timeout_s:.2f} seconds"
                return failure(request, "Sandbox.Timedout", words), True

    def tell_exit(self, process, request):
        status = process.wait()
        words = f"Error: Runtime exited with error: exit status {status}"
        self.ended.put((request, True, failure(request, "Runtime.ExitError", words)))

    def start(self):
        self.generation += 1
        self.events, function, generation = queue.Queue(), self, self.generation

        class Runtime(Handler):
            def do_GET(self):
                assert self.path == RUNTIME + "invocation/next", self.path
                request, payload, context = function.events.get()
                if function.generation != generation:
                    return
                headers = {"Lambda-Runtime-Aws-Request-Id": request, "Lambda-Runtime-Deadline-Ms": "9999999999999",
                           "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:us-east-1:123456789012:function:{function.name}",
                           "Content-Type": "application/json"}
                if context:
                    headers["Lambda-Runtime-Client-Context"] = context
                self.answer(200, payload, **headers)

            def do_POST(self):
                body, path = self.body(), self.path.removeprefix(RUNTIME).split("/")
                if path[0] == "init":
                    function.ended.put((None, True, body))
                else:
                    function.ended.put((path[1], path[2] == "error", body))
                self.answer(202, b'{"status":"OK"}')

        server = listen(Runtime)
        environment = {**os.environ, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}", "AWS_REGION": "us-east-1",
                       "AWS_LAMBDA_FUNCTION_NAME": self.name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                       "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "LAMBDA_TASK_ROOT": self.folder, "PYTHONPATH": self.folder}
        self.process = subprocess.Popen([sys.executable, "-m", "awslambdaric", self.handler], env=environment, cwd=self.folder,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def failure(request, error, words):
    return json.dumps({"errorType": error, "errorMessage": f"RequestId: {request} {words}"}).encode()


class Lambda:
    """The invoke API. `throttle` says how many of the next invocations of a function are refused; those of `silent` never answer."""

    def __init__(self, functions):
        self.functions = {function.name: function for function in functions}
        self.throttle = {}
        self.silent = set()
        self.over = threading.Event()
        self.requests = []
        service = self

        class Invoke(Handler):
            def do_POST(self):
                path, _, qualifier = self.path.partition("?Qualifier=")
                name = path.removeprefix(INVOCATIONS).removesuffix("/invocations")
                payload = self.body()
                service.requests.append((name, qualifier, payload, self.headers.get("X-Amz-Invocation-Type")))
                if name in service.silent:
                    service.over.wait()
                    return
                self.invoke(name, qualifier, payload)

            def invoke(self, name, qualifier, payload):
                function, request = service.functions.get(name), str(uuid.uuid4())
                if function is None:
                    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}:{qualifier or '$LATEST'}"
                    return self.refuse(404, request, "ResourceNotFoundException", f"Function not found: {arn}")
                if service.throttle.get(name, 0) > 0:
                    service.throttle[name] -= 1
                    return self.refuse(429, request, "TooManyRequestsException", "Rate Exceeded.")
                if self.headers.get("X-Amz-Invocation-Type") == "Event":
                    threading.Thread(target=function.invoke, args=(payload, None), daemon=True).start()
                    return self.answer(202, x_amzn_RequestId=request)
                body, failed = function.invoke(payload, self.context())
                headers = {"X-Amz-Function-Error": "Unhandled"} if failed else {}
                self.answer(200, body, Content_Type="application/json", x_amzn_RequestId=request,
                            X_Amz_Executed_Version=qualifier or "$LATEST", **headers)

            def context(self):
                written = self.headers.get("X-Amz-Client-Context")
                return written and base64.b64decode(written).decode()

            def refuse(self, status, request, code, message):
                body = json.dumps({"Type": "User", "Message": message}).encode()
                self.answer(status, body, Content_Type="application/json", x_amzn_RequestId=request, x_amzn_ErrorType=code)

        self.server = listen(Invoke)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        self.over.set()
        for function in self.functions.values():
            function.stop()
