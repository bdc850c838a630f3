/**
 * In which order a command makes names durable, renames, removes and starts programs.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Project } from "./cli.ts";

const TRACED = "trace=fsync,rename,renameat2,unlink,execve";

/** Runs a command under strace. Gives `sync <path>`, and `rename`, `remove` or `start` with the last name of the new path. */
export async function durableCalls(project: Project, args: readonly string[]): Promise<readonly string[]> {
  const log = join(project.folder, "strace.log");
  const under = ["strace", "-f", "-qq", "-y", "-s", "4096", "-o", log, "-e", TRACED];
  await project.run(args, { under });
  return readFileSync(log, "utf8").split("\n").flatMap(callOf);
}

function callOf(line: string): readonly string[] {
  const synced = /fsync\(\d+<([^>]*)>\) += 0/.exec(line)?.[1];
  if (synced !== undefined) return [`sync ${synced}`];
  const named = (pattern: RegExp, word: string): readonly string[] => {
    const path = pattern.exec(line)?.[1];
    return path === undefined ? [] : [`${word} ${basename(path)}`];
  };
  return [
    ...named(/rename.*"([^"]*)"(?:, 0)?\) += 0/, "rename"),
    ...named(/unlink\("([^"]*)"\) += 0/, "remove"),
    ...named(/execve\("([^"]*)".* = 0/, "start"),
  ];
}
