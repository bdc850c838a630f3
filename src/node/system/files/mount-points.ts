/**
 * Where something is mounted below a folder. A bind mount of the same file system has the st_dev of the folder: only the kernel's table
 * of mounts shows it.
 *
 * @module
 */

import { readFileSync, readlinkSync } from "node:fs";
import { unlessRefused } from "../runtime/machine-reason.ts";
import type { AnchoredDir } from "./anchored-dir.ts";

/** The table escapes blanks, line feeds, `#` and backslashes in paths as three octal digits (proc_pid_mountinfo(5)). */
const ESCAPED = /\\([0-7]{3})/g;

/**
 * The paths below an open folder at which this process has something mounted, files too; nothing of what is within such a mount.
 * Empty on a system without /proc/self/mountinfo.
 */
export function readMountPoints(folder: AnchoredDir): ReadonlySet<string> {
  const points = new Set<string>();
  unlessRefused(() => {
    const [, own] = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${folder.fd}`, "latin1")) ?? [];
    const above = readlinkSync(`/proc/self/fd/${folder.fd}`, "latin1").replace(/\/?$/, "/");
    for (const line of readFileSync("/proc/self/mountinfo", "latin1").split("\n")) {
      const [, parent, , , point = ""] = line.split(" ");
      const path = point.replace(ESCAPED, (_all, digits: string) => String.fromCharCode(parseInt(digits, 8)));
      // Another parent: a mount on another mount, or on one that the folder hides.
      if (parent === own && path.startsWith(above))
        points.add(Buffer.from(path.slice(above.length), "latin1").toString());
    }
  });
  return points;
}
