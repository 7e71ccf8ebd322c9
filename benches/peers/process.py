"""Processes that are measured: their CPU time, their peak of memory, their orderly end."""
import atexit
import os
import signal
import subprocess
import threading
import time

LOOK_EVERY_S = 0.05
END_MAX_S = 60
TICK = os.sysconf("SC_CLK_TCK")


class Measured:
    """A process with its descendants. CPU is user and system time as the kernel accounts it; the peak is the sum of their VmHWM."""

    def __init__(self, command, log_path, environment=None):
        self.log_path = log_path
        self.peak_kib, self.cpu_seen_s, self.code = 0, 0.0, None
        self.began = time.monotonic()
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=dict(os.environ, **(environment or {})), start_new_session=True)
        # A run that ends in an exception leaves nothing running.
        atexit.register(lambda: self.code is None and self.process.kill())
        self.looking = threading.Thread(target=self._look, daemon=True)
        self.looking.start()

    def _look(self):
        while self.code is None:
            self.peak_kib = max(self.peak_kib, sum(map(peak_kib, tree(self.process.pid))))
            time.sleep(LOOK_EVERY_S)

    def runs(self):
        # Not waited for: `end` wants the kernel's account.
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def cpu_s(self):
        """So far."""
        return sum(map(cpu_s, tree(self.process.pid)))

    def end(self):
        """Asks it to end if it runs; CPU seconds of its whole life, and the exit code."""
        if self.runs():
            self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + END_MAX_S
        while self.runs() and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY_S)
        if self.runs():
            self.process.kill()
        _, status, used = os.wait4(self.process.pid, 0)
        self.code = self.process.returncode = os.waitstatus_to_exitcode(status)
        self.looking.join()
        return used.ru_utime + used.ru_stime, self.code

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()


def tree(pid):
    pids = [pid]
    for parent in pids:
        try:
            for thread in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{thread}/children") as file:
                    pids += map(int, file.read().split())
        except (FileNotFoundError, ProcessLookupError):
            pass
    return pids


def cpu_s(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def peak_kib(pid):
    try:
        with open(f"/proc/{pid}/status") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("VmHWM")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0
