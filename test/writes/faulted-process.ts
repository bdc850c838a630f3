/**
 * The built command with `write-faults.c` loaded into it: counts its writing calls, and interferes with one.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MAIN, runProcess } from "../support/command/cli.ts";

const SOURCE = fileURLToPath(new URL("./write-faults.c", import.meta.url));

/** What can happen to a call. `EIO+`: the disk is gone from then on. `ENOSPC+`: it is full from then on. */
export const FAULT_MODES = ["kill", "tear", "kill-after", "EIO", "ENOSPC", "EIO+", "ENOSPC+"] as const;
export type FaultMode = (typeof FAULT_MODES)[number];

/** One fault: what happens to which call, counted from 1. */
export interface Fault {
  readonly mode: FaultMode;
  readonly at: number;
}

/** A call that changes something below the folder. */
export interface CountedCall {
  readonly name: string;
  readonly path: string;
}

/** How a process ended, and what it called. */
export interface FaultedEnd {
  /** Null where SIGKILL ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly CountedCall[];
}

/** What to run, with which folder's calls counted. */
export interface FaultedSetting {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly below: string;
  /** A file beside the folder. */
  readonly log: string;
  /** The bytes of stdin; default: nothing. */
  readonly input?: Uint8Array;
  /** Default: the built command. */
  readonly program?: readonly string[];
}

/** Builds the library into a folder. Gives its path, or why there is none. */
export function buildFaults(folder: string): { readonly library: string } | { readonly obstacle: string } {
  if (process.platform !== "linux") return { obstacle: "calls are counted on Linux only" };
  const library = join(folder, "write-faults.so");
  const args = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"];
  const { error, status, stderr } = spawnSync("cc", args, { encoding: "utf8" });
  if (error !== undefined) return { obstacle: "there is no C compiler (cc) to build write-faults.c" };
  // Another C library may lack a call that the source names.
  return status === 0 ? { library } : { obstacle: `cc does not build write-faults.c: ${stderr.trim()}` };
}

/** Runs a command until it ends or the fault ends it. */
export async function runFaulted(
  library: string,
  args: readonly string[],
  setting: FaultedSetting,
  fault?: Fault,
): Promise<FaultedEnd> {
  const { below, cwd, input, log, program = [MAIN] } = setting;
  rmSync(log, { force: true });
  const aim = fault === undefined ? {} : { WRITE_FAULTS_AT: String(fault.at), WRITE_FAULTS_MODE: fault.mode };
  const env = {
    ...setting.env,
    // One thread for Node's asynchronous calls, and no io_uring: the order of calls is always the same.
    UV_THREADPOOL_SIZE: "1",
    UV_USE_IO_URING: "0",
    LD_PRELOAD: library,
    WRITE_FAULTS_BELOW: below,
    WRITE_FAULTS_LOG: log,
    ...aim,
  };
  const end = await runProcess(process.execPath, [...program, ...args], {
    cwd,
    env,
    ...(input === undefined ? {} : { input }),
  });
  return { ...end, calls: readLog(log) };
}

function readLog(log: string): readonly CountedCall[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => {
    const [, number = "", name = "", path = ""] = /^(\S+) (\S+) (.*)$/.exec(line) ?? [];
    if (!/^\d+$/.test(number)) throw new Error(`a call that can't be counted: ${line}`);
    return { name, path };
  });
}
