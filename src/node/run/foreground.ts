/**
 * Whether a terminal sends its Ctrl-C to this process, and so to the command too, which is in the same process
 * group. Then the command has got it already, and must not get it a second time.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { isatty } from "node:tty";
import { unlessRefused } from "../system/runtime/machine-reason.ts";

/** Whether this process is in the foreground of a terminal. */
export function isInForeground(): boolean {
  const line = unlessRefused(() => readFileSync("/proc/self/stat", "latin1"));
  // Without /proc: a process that reads or writes a terminal is most likely in its foreground.
  return line === undefined ? isatty(0) || isatty(2) : isForegroundStat(line);
}

/** The same, for a line of /proc/PID/stat: the terminal's foreground group is the process's own (proc(5)). */
export function isForegroundStat(line: string): boolean {
  // The second field is a name in brackets, which may itself hold spaces and brackets.
  const [, , group, , terminal, foreground] = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return terminal !== "0" && group === foreground;
}
