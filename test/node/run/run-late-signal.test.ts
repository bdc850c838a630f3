import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type CommandSignal, RunSignals } from "../../../src/node/run/command-signals.ts";
import { runCommand } from "../../../src/node/run/run-command.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";

/** Whether a process exists, zombies included. */
function isThere(pidFile: string): boolean {
  if (!existsSync(pidFile)) return true;
  try {
    return process.kill(Number(readFileSync(pidFile, "utf8")), 0);
  } catch {
    return false;
  }
}

it("a signal sent to all that is heard of only after the command's end interrupted the command all the same", async () => {
  const folder = makeFolder();
  const pidFile = join(folder, "pid");
  let clock: NodeJS.Timeout | undefined;
  // The parent learns first that a process has ended: this listener comes after it.
  using signals = new RunSignals((listener: (signal: CommandSignal) => boolean) => {
    clock = setInterval(() => {
      if (!isThere(pidFile)) listener("SIGINT");
    }, 1);
    return () => clearInterval(clock);
  });
  const end = await runCommand({
    command: ["sh", "-c", `echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; kill -INT $$`],
    cwd: folder,
    environment: process.env,
    signals,
  });
  removeTree(folder);
  expect(end).toEqual({
    ok: true,
    value: { exitCode: 130, signal: "SIGINT", interruptedBy: "SIGINT" },
  });
});
