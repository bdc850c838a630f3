/**
 * Which processes a command left running: those of this session or process group that began with it, and that no other program there
 * started. What such a process writes after the command's end is in no snapshot of the run.
 *
 * Linux only. A process that has made a session of its own is not seen.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { attempt, unlessRefused } from "../system/runtime/machine-reason.ts";

/** A process that was left running. */
export interface LeftProcess {
  readonly pid: number;
  /** The name of its program, at most 15 bytes of it; a process may change it. */
  readonly name: string;
}

/** A process, as a line of /proc/PID/stat has it (proc(5)). */
interface SeenProcess extends LeftProcess {
  readonly parent: number;
  readonly group: string;
  readonly session: string;
  /** Clock ticks: tells two processes of one number apart. */
  readonly started: string;
}

/** States of a process that has ended. */
const ENDED = ["Z", "X"];

/** The process that takes over those whose parent has ended. */
const INIT = 1;

/** The processes of this session and group, by number and start. */
export class SessionProcesses {
  readonly #all: ReadonlyMap<number, SeenProcess>;

  private constructor(all: ReadonlyMap<number, SeenProcess>) {
    this.#all = all;
  }

  /** Lists them; undefined where the system has no /proc that shows this process. */
  static look(proc = "/proc"): SessionProcesses | undefined {
    const own = readProcess(proc, process.pid);
    if (own === undefined) return undefined;
    const all = new Map<number, SeenProcess>();
    for (const name of namesIn(proc)) {
      if (!/^[1-9]\d*$/.test(name)) continue;
      const seen = readProcess(proc, Number(name));
      if (seen !== undefined && (seen.session === own.session || seen.group === own.group))
        all.set(seen.pid, seen);
    }
    return new SessionProcesses(all);
  }

  /** The processes that are here and were not in `before`, and that come from a command that has ended. */
  leftSince(before: SessionProcesses): readonly LeftProcess[] {
    const isNew = ({ pid, started }: SeenProcess): boolean => before.#all.get(pid)?.started !== started;
    const isOrphan = (seen: SeenProcess): boolean => {
      // A parent without a number is in another container, and did not adopt it.
      if (seen.pid === process.pid || seen.parent === 0 || !isNew(seen)) return false;
      const parent = this.#all.get(seen.parent);
      // A parent that is not of this session adopted it. Any other one that is not new has started it itself.
      return seen.parent === INIT || parent === undefined || isOrphan(parent);
    };
    return [...this.#all.values()].filter(isOrphan).map(({ name, pid }) => ({ pid, name }));
  }
}

function namesIn(proc: string): readonly string[] {
  const names: string[] = [];
  attempt(() => names.push(...readdirSync(proc)));
  return names;
}

/** Undefined for a process that has ended. */
function readProcess(proc: string, pid: number): SeenProcess | undefined {
  const line = unlessRefused(() => readFileSync(`${proc}/${pid}/stat`, "utf8"));
  if (line === undefined) return undefined;
  // The second field is a name in brackets, which may itself hold spaces and brackets.
  const end = line.lastIndexOf(")");
  const name = line.slice(line.indexOf("(") + 1, end);
  const fields = line.slice(end + 2).split(" ");
  const [state = "", parent, group = "", session = ""] = fields;
  const started = fields[19] ?? "";
  return ENDED.includes(state) ? undefined : { pid, name, parent: Number(parent), group, session, started };
}
