/**
 * Which files other processes may be writing. A write(2) sets a file's times when it begins, and its last bytes come later: a file
 * that is hashed in between keeps the times that it had.
 *
 * Other users' processes are visible to root only. A process that ends meanwhile is passed over.
 *
 * @module
 */

import { lstatSync, readdirSync, statSync } from "node:fs";
import { unlessRefused } from "../../../system/runtime/machine-reason.ts";

/** Set in the mode of /proc/PID/fd/N if the descriptor can write. */
const CAN_WRITE = 0o200;

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

function processFolders(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => `/proc/${name}`);
}
