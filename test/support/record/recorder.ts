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

const test = new AsyncLocalStorage<{ readonly name: string; calls: number }>();

/** Runs a test. Its calls are recorded under its name, also while other tests of the file run. */
export async function inTest(name: string, runTest: () => Promise<void>): Promise<void> {
  await test.run({ name, calls: 0 }, runTest);
}

/** Makes a call, and appends what it gave to `calls.jsonl`. The folder is listed before a queued call begins. */
export async function recorded(
  args: readonly string[],
  { cwd, kill }: CliSetting,
  call: () => Promise<CliEnd>,
): Promise<CliEnd> {
  const record = process.env["RUNSEAL_RECORD"];
  const caller = test.getStore();
  // A signal ends a call at a moment that no other run meets again.
  if (record === undefined || caller === undefined || kill !== undefined || isShared(cwd))
    return await call();
  caller.calls += 1;
  const key = `${caller.name} #${caller.calls}`;
  const end = await call();
  const folder = testFolderOf(cwd);
  const { lines, digests } = folder === undefined ? { lines: [], digests: [] } : listFolder(folder);
  const masks = new Masks(digests);
  const stderr = spread(end.stderr.replaceAll(/\n {6}(?=\S)/g, " "));
  const kept = {
    key: new Masks().mask(key),
    args: args.map((arg) => masks.mask(arg)),
    exit: end.exitCode,
    stdout: masks.mask(spread(end.stdout)),
    stderr: masks.mask(stderr),
    files: lines,
  };
  appendFileSync(join(record, "calls.jsonl"), `${JSON.stringify(kept)}\n`);
  return end;
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
