"""Types an unfinished command line into an interactive shell, presses Tab, and says which words stand there then.

Reads one JSON object from stdin: argv of the shell, cwd, env, `setup`, a line that the shell runs first, and `lines`, each typed, completed
with one Tab, and then run as the arguments of a function that shows them. So a shell that would expand a completed word expands it here. Prints a JSON list: the
words of each line.
"""

import sys

# The folder of this script has a pty.py of its own.
sys.path.pop(0)

import fcntl
import json
import os
import pty
import select
import struct
import termios
import time

HANGS_S = 40

order = json.load(sys.stdin)
pid, master = pty.fork()
if pid == 0:
    os.chdir(order["cwd"])
    os.execvpe(order["argv"][0], order["argv"], order["env"])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))

shown = ""
deadline = time.monotonic() + HANGS_S


def read_until(text):
    global shown
    while text not in shown:
        if time.monotonic() > deadline:
            sys.exit(f"no {text!r} in {shown!r}")
        if select.select([master], [], [], 0.1)[0]:
            shown += os.read(master, 65536).decode("utf8", "replace")
    before, _, shown = shown.partition(text)
    return before


def write(text):
    os.write(master, text.encode())


# The marks are written in two parts, so that the echo of what is typed is not one of them.
write("show() { printf '%s%s' WOR DS; printf '\\002%s' \"$@\"; printf '%s%s' END ED; }; ")
write(order["setup"] + "; printf '%s%s' RE ADY\r")
read_until("READY")
words = []
for line in order["lines"]:
    # Ctrl-A goes to the start of the line, so that the function of `setup` shows the words as the shell takes them.
    write(line + "\t\x01show \x05\r")
    read_until("WORDS")
    words.append(read_until("ENDED").split("\x02")[1:])
os.close(master)
print(json.dumps(words))
