import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SessionProcesses } from "../../../src/node/run/left-processes.ts";

const OWN = process.pid;
/** The shell that started runseal. */
const SHELL = OWN + 1;
const SESSION = 70;

/** Number, parent, and what differs from a process of the session that began early. */
type Fake = readonly [
  pid: number,
  parent: number,
  over?: Partial<Record<"state" | "session" | "started", unknown>>,
];

const BEFORE: readonly Fake[] = [
  [OWN, SHELL],
  [SHELL, 1],
  [OWN + 2, 1],
  [OWN + 3, SHELL],
];

/** Reads a made-up /proc. */
function look(fakes: readonly Fake[]): SessionProcesses {
  const proc = mkdtempSync(join(tmpdir(), "runseal-proc-"));
  try {
    writeFileSync(join(proc, "uptime"), "1 1\n");
    for (const [pid, parent, { session = SESSION, started = 100, state = "S" } = {}] of fakes) {
      mkdirSync(join(proc, String(pid)));
      const rest = [state, parent, pid, session, ...Array.from({ length: 15 }, () => 0), started, 0];
      writeFileSync(join(proc, String(pid), "stat"), `${pid} (a ) S 1) ${rest.join(" ")}\n`);
    }
    const seen = SessionProcesses.look(proc);
    if (seen === undefined) throw new TypeError("the own process is there");
    return seen;
  } finally {
    rmSync(proc, { recursive: true });
  }
}

describe("processes that a command left running", () => {
  it.each<readonly [string, readonly Fake[], number]>([
    ["nothing", [], 0],
    ["a process that init adopted", [[OWN + 9, 1]], 1],
    ["a process that another session's adopter adopted", [[OWN + 9, 5]], 1],
    [
      "a process and its child",
      [
        [OWN + 8, 1],
        [OWN + 9, OWN + 8],
      ],
      2,
    ],
    ["a process with the number of an ended one", [[OWN + 2, 1, { started: 200 }]], 1],
    [
      "what the shell started meanwhile",
      [
        [OWN + 8, SHELL],
        [OWN + 9, OWN + 8],
      ],
      0,
    ],
    ["a child of runseal's own", [[OWN + 9, OWN]], 0],
    ["a process that has ended", [[OWN + 9, 1, { state: "Z" }]], 0],
    ["a process of another session", [[OWN + 9, 1, { session: 71 }]], 0],
    ["a process that came from outside of the container", [[OWN + 9, 0]], 0],
  ])("of %s are counted", (_what, added, count) => {
    const before = look(BEFORE);
    const numbers = added.map(([pid]) => pid);
    const after = look([...BEFORE.filter(([pid]) => !numbers.includes(pid)), ...added]);
    expect(after.leftSince(before)).toHaveLength(count);
  });

  it("are not counted where the system has no /proc", () => {
    expect(SessionProcesses.look("/nowhere")).toBeUndefined();
  });
});
