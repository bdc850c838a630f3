/**
 * Runs `sign-and-stop.mjs` to the point where it stands still, and looks at its memory there.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Copy, scanMemory, type Traces } from "./memory-scan.ts";

const SCRIPT = fileURLToPath(new URL("./sign-and-stop.mjs", import.meta.url));
const DIST = fileURLToPath(new URL("../../../dist", import.meta.url));

/** What to run. */
export interface Signing {
  /** One of the ways of `sign-and-stop.mjs`, and its arguments. */
  readonly way: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The exit code that the program would end with. */
  readonly exitCode?: number;
  /** A file for its descriptor 4, relative to `cwd`. */
  readonly input?: string;
  /** Options for node. */
  readonly node?: readonly string[];
  /** What runs instead of node; it gets node and the arguments. */
  readonly under?: readonly string[];
}

/** Runs a signing, stops the whole process where it stands still, and finds every trace in it. */
export async function scanAfter(signing: Signing, traces: () => Traces): Promise<readonly Copy[]> {
  const { way, args, cwd, env, exitCode = 0, input, node = [], under = [] } = signing;
  const file = input === undefined ? undefined : openSync(join(cwd, input), "r");
  const [program = "", ...rest] = [...under, process.execPath, ...node, SCRIPT, DIST, way, ...args];
  const child = spawn(program, rest, {
    cwd,
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe", file ?? "ignore"],
  });
  if (file !== undefined) closeSync(file);
  let pid: number | undefined;
  try {
    const stands = await standsStill(child);
    pid = stands.pid;
    if (stands.exitCode !== exitCode) throw new Error(`exit code ${stands.exitCode}: ${stands.output}`);
    process.kill(pid, "SIGSTOP");
    return scanMemory(pid, traces());
  } finally {
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    child.kill("SIGKILL");
  }
}

interface Stand {
  readonly exitCode: number;
  /** Of the process itself, which may not be the one that was started. */
  readonly pid: number;
  readonly output: string;
}

/** Waits for the word that everything is done. */
function standsStill(child: ChildProcess): Promise<Stand> {
  let output = "";
  let word = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += String(chunk);
    });
  }
  return new Promise((resolve, reject) => {
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      word += String(chunk);
      const [, exitCode, pid] = /^(\d+) (\d+)\n$/.exec(word) ?? [];
      if (pid !== undefined) resolve({ exitCode: Number(exitCode), pid: Number(pid), output });
    });
    child.on("error", reject);
    child.on("exit", () => reject(new Error(`it ended before it stood still: ${output}`)));
  });
}
