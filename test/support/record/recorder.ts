/**
 * Keeps what each call of the command gave, for a comparison with another build (CONTRIBUTING.md). Off unless
 * RUNSEAL_RECORD names a folder.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { appendFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { CliEnd, CliSetting } from "../command/cli.ts";
import { listFolder } from "./listing.ts";
import { Masks, spread } from "./masks.ts";

/** What the verdicts of the library have in common. */
interface Verdict {
  readonly ok: boolean;
  readonly code?: string | null;
  readonly phase?: unknown;
  readonly message?: string;
  readonly details?: object;
}

const test = new AsyncLocalStorage<{ readonly name: string; calls: number }>();

/** Runs a test. Its calls are recorded under its name, also while other tests of the file run. */
export async function inTest(name: string, runTest: () => Promise<void>): Promise<void> {
  await test.run({ name, calls: 0 }, runTest);
}

/** Makes a call of the command, and records what it gave. */
export async function recorded(
  args: readonly string[],
  { cwd, kill }: CliSetting,
  call: () => Promise<CliEnd>,
): Promise<CliEnd> {
  // A signal ends a call at a moment that no other run meets again.
  const keep = kill === undefined ? keeperOf(args, cwd) : undefined;
  const end = await call();
  // In the same step: the next command of this process waits for this one.
  keep?.(end);
  return end;
}

/** Records the verdict of the library on what is in a folder. */
export function recordVerdict(folder: string, { ok, code, phase, message, details }: Verdict): void {
  const stdout = JSON.stringify({ ok, code, phase, message, details });
  keeperOf(["(library)"], folder)?.({ exitCode: ok ? 0 : 1, stdout, stderr: "" });
}

/** Numbers a call of the test that runs now. Gives what appends its end to `calls.jsonl`; undefined if nothing is recorded. */
function keeperOf(args: readonly string[], cwd: string): ((end: CliEnd) => void) | undefined {
  const record = process.env["RUNSEAL_RECORD"];
  const caller = test.getStore();
  if (record === undefined || caller === undefined || isShared(cwd)) return undefined;
  caller.calls += 1;
  const key = new Masks().mask(`${caller.name} #${caller.calls}`);
  return ({ exitCode, stdout, stderr }) => {
    const folder = testFolderOf(cwd);
    const { lines, digests } = folder === undefined ? { lines: [], digests: [] } : listFolder(folder);
    const masks = new Masks(digests);
    const unfolded = stderr.replaceAll(/\n {6}(?=\S)/g, " ");
    const call = {
      key,
      args: args.map((arg) => masks.mask(arg)),
      exit: exitCode,
      stdout: masks.mask(spread(stdout)),
      stderr: masks.mask(spread(unfolded)),
      files: lines,
    };
    appendFileSync(join(record, "calls.jsonl"), `${JSON.stringify(call)}\n`);
  };
}

/** Whether a folder is made once a process, by the test that happens to need it first. */
function isShared(cwd: string): boolean {
  const shared = process.env["RUNSEAL_TEST_FOLDER"];
  return shared !== undefined && `${cwd}${sep}`.startsWith(`${shared}${sep}`);
}

/** The folder of the test that a call ran in: home and project. */
function testFolderOf(cwd: string): string | undefined {
  return /^.*?\/runseal-test-[^/]+/.exec(cwd)?.[0];
}
