/**
 * Sets and prints the seeds of a test run, before the first test file, and makes the folder that all test files share.
 * RUNSEAL_SEED repeats the samples of another commit.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { makeFolder, removeTree } from "../files/tree.ts";
import { PROPERTY_SEED } from "./properties.ts";

const MEMORY = "/dev/shm";

/** Called once by vitest for each of its projects. */
export function setup(): (() => void) | undefined {
  if (process.env["RUNSEAL_TEST_FOLDER"] !== undefined) return undefined;
  process.env["RUNSEAL_SEED"] ??= String(seedOfCommit() ?? seedOfDay());
  console.log(`seeds: RUNSEAL_SEED=${process.env["RUNSEAL_SEED"]}, properties ${PROPERTY_SEED}`);
  // Test files may share a process, and none of them knows whether it is the last one there. So what they make once a
  // process is removed here.
  const memory = existsSync(MEMORY) ? MEMORY : undefined;
  const folder = makeFolder(memory);
  process.env["RUNSEAL_TEST_FOLDER"] = folder;
  // Else half of the time of `npm test` is waiting for a disk. CI tests on the disk.
  if (process.env["RUNSEAL_RING"] === "bounded" && hasRoom(folder)) process.env["RUNSEAL_TEST_DISK"] = memory;
  return () => removeTree(folder);
}

/** Whether a file system has room for what the tests make. */
function hasRoom(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= 2 * 1024 ** 3;
}

/** The first 32 bits of the commit's name; undefined where there is no git. */
function seedOfCommit(): number | undefined {
  const { status, stdout } = spawnSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" });
  return status === 0 ? Number.parseInt(stdout.slice(0, 8), 16) : undefined;
}

/** A day of the calendar as a number, such as 20261130. */
function seedOfDay(): number {
  return Number(new Date().toISOString().slice(0, 10).replaceAll("-", ""));
}
