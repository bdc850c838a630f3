/**
 * Sets and prints the seeds of a test run, before the first test file, and makes the folder that all test files share.
 * RUNSEAL_SEED repeats the samples of another commit.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { makeFolder, removeTree } from "../files/tree.ts";
import { PROPERTY_SEED } from "./properties.ts";

/** Called once by vitest for each of its projects. */
export function setup(): (() => void) | undefined {
  if (process.env["RUNSEAL_TEST_FOLDER"] !== undefined) return undefined;
  process.env["RUNSEAL_SEED"] ??= String(seedOfCommit() ?? seedOfDay());
  console.log(`seeds: RUNSEAL_SEED=${process.env["RUNSEAL_SEED"]}, properties ${PROPERTY_SEED}`);
  // Test files may share a process, and none of them knows whether it is the last one there. So what they make once a
  // process is removed here.
  const folder = makeFolder(existsSync("/dev/shm") ? "/dev/shm" : undefined);
  process.env["RUNSEAL_TEST_FOLDER"] = folder;
  return () => removeTree(folder);
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
