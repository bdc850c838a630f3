/**
 * What the system grants this process: cores, and folders that may be held open at once.
 *
 * Cores are what the machine and the affinity give, as Node says, and no more than control groups grant in time: a container
 * with two of 64 cores is otherwise taken for 64. Descriptors are scarce: some systems grant 256.
 *
 * @module
 */

import { closeSync, openSync, readSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { systemName } from "./this-system.ts";

/** Reads a small text file below /proc or /sys, or gives `undefined` where it is not readable. */
export type KernelReader = (path: string) => string | undefined;

/** Longer than any file that is read here. */
const LONGEST = 4096;

/** Where cgroup v2 is mounted on every system in use. */
const CGROUPS = "/sys/fs/cgroup";

/** Paths come sorted, so a few open folders are enough for most trees. Objects of a store lie in 256 folders. */
const MOST_OPEN_FOLDERS = 200;

/** As many as any process can spare. */
export const FEWEST_OPEN_FOLDERS = 4;

/** Trees that may share the limit: several in each of many threads, with as much for files and for Node itself. */
const TREES = 64;

let cores: number | undefined;
let openFolders: number | undefined;

/** The cores available to this process, at least 1. Read once. */
export function availableCores(): number {
  cores ??= Math.min(availableParallelism(), grantedCores(readKernelFile));
  return cores;
}

/** Whole cores that the control groups of this process grant, from its own up to the root; infinite without a limit. */
export function grantedCores(read: KernelReader): number {
  let granted = Number.POSITIVE_INFINITY;
  const own = /^0::(\/.*)$/m.exec(read("/proc/self/cgroup") ?? "")?.[1];
  const names = own === undefined ? [] : own.split("/").filter((name) => name !== "" && name !== "..");
  for (let depth = names.length; depth >= 0; depth--) {
    const text = read(join(CGROUPS, ...names.slice(0, depth), "cpu.max"));
    granted = Math.min(granted, parseQuota(text ?? ""));
  }
  return granted;
}

/** `cpu.max`: microseconds granted in each period, or `max`; then the period. A part of a core counts as one. */
function parseQuota(text: string): number {
  const [, quota = "", period = ""] = /^(\d+) (\d+)\n?$/.exec(text) ?? [];
  const granted = Number(quota) / Number(period);
  return quota !== "" && Number.isFinite(granted)
    ? Math.max(1, Math.floor(granted))
    : Number.POSITIVE_INFINITY;
}

/** Folders that one tree may hold open. Read once, and before descriptors are scarce. */
export function allowedOpenFolders(): number {
  openFolders ??= openFoldersWithin(readKernelFile);
  return openFolders;
}

/**
 * The same by the limit on descriptors that the kernel gives. Linux gives one, unless no descriptor is left to read it with.
 * Elsewhere, assume no limit.
 */
export function openFoldersWithin(read: KernelReader, platform: NodeJS.Platform = systemName): number {
  const limits = read("/proc/self/limits");
  if (limits === undefined && platform === "linux") return FEWEST_OPEN_FOLDERS;
  const [, limit] = /^Max open files +(\d+) /m.exec(limits ?? "") ?? [];
  if (limit === undefined) return MOST_OPEN_FOLDERS;
  return Math.min(MOST_OPEN_FOLDERS, Math.max(FEWEST_OPEN_FOLDERS, Math.floor(Number(limit) / TREES)));
}

/** An unreadable file sets no limit: another system, no cgroup v2, or a group without a limit. */
function readKernelFile(path: string): string | undefined {
  try {
    const fd = openSync(path, "r");
    try {
      const buffer = Buffer.alloc(LONGEST);
      return buffer.toString("utf8", 0, readSync(fd, buffer, 0, LONGEST, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
