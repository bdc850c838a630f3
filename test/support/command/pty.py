"""Runs a program with a terminal of its own, types what a person would, and says how it ended.

Reads one JSON object from stdin: argv, cwd, env, steps, `input`, a file
for descriptor 7, `columns`, for a terminal so wide that stderr is too, and `screen`, if stdout is too. A step waits until its text stands on the terminal and
then types; `signal` sends a signal instead, `hangup` closes the terminal. Prints one JSON object: exit code,
stdout, stderr, what stood on the terminal, and whether it echoed while asked and afterwards.
"""

import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time

HANGS_S = 40

order = json.load(sys.stdin)
master, slave = os.openpty()


def make_controlling():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    if "input" in order:
        os.dup2(os.open(os.path.join(order["cwd"], order["input"]), os.O_RDONLY), 7)


def echoes():
    return bool(termios.tcgetattr(slave)[3] & termios.ECHO)


columns = order.get("columns")
if columns is not None:
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

# Before the child runs: on a busy machine it turns the echo off before this process goes on.
before = echoes()
child = subprocess.Popen(
    order["argv"],
    cwd=order["cwd"],
    env=order["env"],
    stdin=subprocess.DEVNULL,
    stdout=slave if order.get("screen") else subprocess.PIPE,
    stderr=subprocess.PIPE if columns is None else slave,
    preexec_fn=make_controlling,
    close_fds=False,
)
shown = ""
out = None if child.stdout is None else child.stdout.fileno()
err = None if child.stderr is None else child.stderr.fileno()
streams = {out: "", err: ""}
steps = list(order["steps"])
echoed_while_asked = []
seen = 0
hung = False
deadline = time.monotonic() + HANGS_S

open_fds = {master, out, err} - {None}
while open_fds - {master} or child.poll() is None:
    if time.monotonic() > deadline:
        hung = True
        child.kill()
        break
    for fd in select.select(list(open_fds), [], [], 0.05)[0]:
        try:
            data = os.read(fd, 65536).decode("utf8", "replace")
        except OSError:
            data = ""
        if data == "":
            open_fds.discard(fd)
        elif fd == master:
            shown += data
        else:
            streams[fd] += data
    if steps and steps[0]["expect"] in shown[seen:]:
        step = steps.pop(0)
        seen = shown.index(step["expect"], seen) + len(step["expect"])
        echoed_while_asked.append(echoes())
        if "signal" in step:
            child.send_signal(getattr(signal, step["signal"]))
        elif step.get("hangup"):
            os.close(slave)
            os.close(master)
            open_fds.discard(master)
            slave = master = None
        else:
            os.write(master, step["type"].encode())

child.wait()
# What was written just before the end, and not read yet.
while master is not None and select.select([master], [], [], 0)[0]:
    shown += os.read(master, 65536).decode("utf8", "replace")
print(
    json.dumps(
        {
            "exitCode": child.returncode,
            "stdout": streams[out],
            "stderr": streams[err],
            "terminal": shown,
            "hung": hung,
            "unasked": len(steps),
            "echoedWhileAsked": echoed_while_asked,
            "echoesAsBefore": master is None or echoes() == before,
        }
    )
)
