/**
 * Killing a real process: strace sends SIGKILL as the victim enters a system call, before it does anything
 * (SECURITY 3).
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Order } from "./kill-orders.ts";

const VICTIM = fileURLToPath(new URL("../../faults/kill-victim.mjs", import.meta.url));

/** The calls that change something, those that Node makes and their relatives; openat(2) where it may create. */
const CALLS = [
  "mkdir",
  "mkdirat",
  "link",
  "linkat",
  "symlink",
  "symlinkat",
  "unlink",
  "unlinkat",
  "rename",
  "renameat",
  "renameat2",
  "rmdir",
  "fsync",
  "fdatasync",
  "chmod",
  "fchmod",
  "fchmodat",
  "pwrite64",
  "truncate",
  "ftruncate",
  "openat",
  "bind",
] as const;

/** Only the main thread is traced: it makes all of runseal's calls, and makes them in their order. */
const ENVIRONMENT = { PATH: process.env["PATH"] ?? "", UV_THREADPOOL_SIZE: "1", UV_USE_IO_URING: "0" };

/** One call at which a victim can be killed. */
export interface KillPoint {
  readonly name: string;
  /** Which of the calls of this name, from 1. */
  readonly when: number;
  /** Which of all that change something, from 0. */
  readonly at: number;
}

/** The process to kill: what it does in a fresh folder, and a file for strace to write to. */
export interface Victim {
  readonly order: Order;
  readonly log: string;
}

/** Why no process can be killed here; undefined where one can. */
export function killObstacle(): string | undefined {
  if (process.platform !== "linux") return "no strace but on Linux";
  const args = ["-qq", "-o", "/dev/null", "-e", "inject=chdir:signal=KILL", "true"];
  const { error, status, stderr } = spawnSync("strace", args, { encoding: "utf8" });
  if (error !== undefined) return "strace is not installed";
  return status === 0 ? undefined : `strace can't trace here: ${stderr.trim()}`;
}

/** Lets a victim finish, and lists the calls at which it could have been killed. */
export async function listKillPoints({ log, order }: Victim): Promise<readonly KillPoint[]> {
  const { code, signal } = await trace([], order, log);
  if (code !== 0 && code !== 3) throw new Error(`the victim was to end by itself, not by ${code ?? signal}`);
  return readLog(log).points;
}

/**
 * Kills a victim at one call. Where it died at another one, gives the point to try next: Node opens a file more
 * or less as it starts, and `when` counts these too.
 */
export async function killAt(point: KillPoint, { log, order }: Victim): Promise<KillPoint | undefined> {
  await trace(["-e", `inject=${point.name}:signal=KILL:when=${point.when}`], order, log);
  const { isKilled, points } = readLog(log);
  const there = points[point.at];
  const isThere = there?.name === point.name;
  if (isKilled && isThere && points.length === point.at + 1) return undefined;
  return { ...point, when: isThere ? there.when : point.when + 1 };
}

function trace(
  options: readonly string[],
  order: Order,
  log: string,
): Promise<{ readonly code: number | null; readonly signal: string | null }> {
  const args = ["-qq", "-o", log, "-e", `trace=${CALLS.join()}`, ...options];
  const child = spawn("strace", [...args, process.execPath, VICTIM, JSON.stringify(order)], {
    env: ENVIRONMENT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
}

/** Reads what strace wrote. */
function readLog(log: string): { readonly points: readonly KillPoint[]; readonly isKilled: boolean } {
  const text = readFileSync(log, "utf8");
  const counts = new Map<string, number>();
  const points: KillPoint[] = [];
  for (const line of text.split("\n")) {
    const name = /^(\w+)\(/.exec(line)?.[1];
    if (name === undefined) continue;
    const when = (counts.get(name) ?? 0) + 1;
    counts.set(name, when);
    if (name !== "openat" || line.includes("O_CREAT")) points.push({ name, when, at: points.length });
  }
  return { points, isKilled: text.includes("+++ killed by SIGKILL") };
}
