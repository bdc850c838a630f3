/**
 * Which files other processes may be writing. A write(2) sets a file's times when it begins, and its last bytes come later: a file
 * that is hashed in between keeps the times that it had. A store through a shared map sets no times while the page is dirty.
 *
 * Other users' processes are visible to root only. A process that ends meanwhile is passed over.
 *
 * @module
 */

import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { unlessRefused } from "../../runtime/machine-reason.ts";

/** Set in the mode of /proc/PID/fd/N if the descriptor can write. */
const CAN_WRITE = 0o200;

/** A line of /proc/PID/maps of a shared and writable map: range, permissions, offset, device, inode (proc(5)). */
const SHARED_MAP = /^\S+ .w.s \S+ \S+ (\d+)/gm;

/** The inodes of the files of a device that visible processes have open for writing, this one included. */
export function findOpenInodes(device: bigint): ReadonlySet<bigint> {
  const found = new Set<bigint>();
  for (const folder of processFolders()) {
    for (const name of unlessRefused(() => readdirSync(`${folder}/fd`)) ?? []) {
      const address = `${folder}/fd/${name}`;
      const link = unlessRefused(() => lstatSync(address));
      if (link === undefined || (link.mode & CAN_WRITE) === 0) continue;
      const stats = unlessRefused(() => statSync(address, { bigint: true }));
      if (stats?.dev === device && stats.isFile()) found.add(stats.ino);
    }
  }
  return found;
}

/** The inodes of the files of any device that visible processes have mapped shared and writable. */
export function findMappedInodes(): ReadonlySet<bigint> {
  const found = new Set<bigint>();
  for (const folder of processFolders()) {
    const maps = unlessRefused(() => readFileSync(`${folder}/maps`, "latin1")) ?? "";
    // Memory without a file has inode 0, which no file has.
    for (const [, inode = "0"] of maps.matchAll(SHARED_MAP)) found.add(BigInt(inode));
  }
  return found;
}

function processFolders(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => `/proc/${name}`);
}
