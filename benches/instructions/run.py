#!/usr/bin/env python3
"""Instructions of one run of each case, counted by callgrind, beside what is expected.

usage: run.py BINARY [--write]

BINARY is the bench `instructions` as cargo built it. A count does not depend on what else the machine does, only on the compiler,
the C library and the crates: one more than 5 % above its expectation in expected.json fails. `--write` writes the counts down as
what is expected from now on.

A case runs 1,000 times and 3,000 times; the difference is what 2,000 runs take, whatever is made once left out.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

CASES = ["parse", "write", "jsonpath", "jsonpath-all", "jsonata"]
FEW, MANY = 1_000, 3_000
TOLERANCE = 0.05
EXPECTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected.json")


def instructions(binary, case, times):
    with tempfile.NamedTemporaryFile() as counts:
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts.name}", binary, case, str(times)],
            check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return int(re.search(r"^(?:summary|totals): (\d+)$", counts.read().decode(), re.MULTILINE).group(1))


def main():
    binary = sys.argv[1]
    with open(EXPECTED) as file:
        expected = json.load(file)
    measured, wrong = {}, []
    for case in CASES:
        measured[case] = round((instructions(binary, case, MANY) - instructions(binary, case, FEW)) / (MANY - FEW))
        ratio = measured[case] / expected.get(case, measured[case])
        print(f"{case:14} {measured[case]:7} instructions, {ratio:.3f} times what is expected", flush=True)
        if ratio > 1 + TOLERANCE:
            wrong.append(case)
    if "--write" in sys.argv:
        with open(EXPECTED, "w") as file:
            json.dump(measured, file, indent=2)
            file.write("\n")
    elif wrong:
        sys.exit(f"more than {TOLERANCE:.0%} above: {', '.join(wrong)}; if that is meant, run it with --write")


if __name__ == "__main__":
    main()
