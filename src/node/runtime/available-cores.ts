/**
 * How many cores this process may use: what the machine and its affinity give (as Node says), and no more than
 * what control groups grant in time. A container with two of 64 cores is otherwise taken for 64.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type KernelReader, readKernelFile } from "./kernel-file.ts";

/** Where cgroup v2 is mounted on every system in use. */
const CGROUPS = "/sys/fs/cgroup";

let known: number | undefined;

/** The cores available to this process, at least 1. Asked once. */
export function availableCores(): number {
  known ??= Math.min(availableParallelism(), grantedCores(readKernelFile));
  return known;
}

/** Whole cores that the control groups of this process grant, from its own up to the root; infinite where none limits it. */
export function grantedCores(read: KernelReader): number {
  let cores = Number.POSITIVE_INFINITY;
  const own = /^0::(\/.*)$/m.exec(read("/proc/self/cgroup") ?? "")?.[1];
  const names = own === undefined ? [] : own.split("/").filter((name) => name !== "" && name !== "..");
  for (let depth = names.length; depth >= 0; depth--) {
    const text = read(join(CGROUPS, ...names.slice(0, depth), "cpu.max"));
    cores = Math.min(cores, parseQuota(text ?? ""));
  }
  return cores;
}

/** `cpu.max`: microseconds granted in each period, or `max`; then the period. A part of a core counts as one. */
function parseQuota(text: string): number {
  const [, quota = "", period = ""] = /^(\d+) (\d+)\n?$/.exec(text) ?? [];
  const cores = Number(quota) / Number(period);
  return quota !== "" && Number.isFinite(cores) ? Math.max(1, Math.floor(cores)) : Number.POSITIVE_INFINITY;
}
