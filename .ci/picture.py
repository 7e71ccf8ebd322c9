#!/usr/bin/env python3
"""Draws what a command leaves on a terminal as an SVG: the README's picture is made by

    .ci/picture.py config/demo.svg target/release/stepstream demo --rate 5000 --seconds 6

The command runs in a real terminal of 100 columns; what it draws over is gone, as it is on the screen.
"""
import html
import os
import pty
import re
import subprocess
import sys

COLUMNS = 100
CELL_WIDTH, LINE_HEIGHT, MARGIN = 8.4, 19, 16


def screen(text):
    """The lines that stand in the end, without colours."""
    lines, row, column = [""], 0, 0
    for token in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|[^\x1b]", text):
        if token.startswith("\x1b["):
            count = int(token[2:-1].split(";")[0] or 1) if token[-1] in "AJK" else 1
            if token[-1] == "A":
                row = max(0, row - count)
            elif token[-1] == "J":
                lines[row] = lines[row][:column]
                del lines[row + 1:]
            elif token[-1] == "K":
                lines[row] = lines[row][:column]
        elif token == "\r":
            column = 0
        elif token == "\n":
            row += 1
            while len(lines) <= row:
                lines.append("")
        else:
            line = lines[row].ljust(column)
            lines[row] = line[:column] + token + line[column + 1:]
            column += 1
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def captured(command):
    ours, theirs = pty.openpty()
    os.environ.update(COLUMNS=str(COLUMNS), TERM="xterm")
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    chunks = []
    try:
        while chunk := os.read(ours, 65536):
            chunks.append(chunk)
    except OSError:  # the terminal's other end is closed
        pass
    if process.wait() != 0:
        sys.exit(b"".join(chunks).decode())
    return b"".join(chunks).decode()


def svg(prompt, lines):
    lines = [f"$ {prompt}", *lines]
    width = MARGIN * 2 + CELL_WIDTH * max(len(line) for line in lines)
    height = MARGIN * 2 + LINE_HEIGHT * len(lines)
    texts = "".join(
        f'<text x="{MARGIN}" y="{MARGIN + LINE_HEIGHT * number + 14}">{html.escape(line)}</text>\n'
        for number, line in enumerate(lines) if line.strip())
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
            f'viewBox="0 0 {width:.0f} {height}">\n<rect width="100%" height="100%" rx="8" fill="#16181d"/>\n'
            '<g fill="#d8dee9" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" '
            f'xml:space="preserve">\n{texts}</g>\n</svg>\n')


if __name__ == "__main__":
    target, command = sys.argv[1], sys.argv[2:]
    shown = " ".join([os.path.basename(command[0]), *command[1:]])
    with open(target, "w") as file:
        file.write(svg(shown, screen(captured(command))))
