/**
 * Whether a file system can hold a tree, tried in the staging folder before anything is written: symbolic links, hard links of
 * them, and modes.
 *
 * @module
 */

import { type MachineReason, type RestoreFault, restoreFault } from "../../../../core/internal.ts";
import { type FileSystem, OPEN_NEW, OPEN_SOURCE } from "../../../system/files/file-system.ts";
import { showsPermissions } from "../../../system/files/shared-above.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { isWindows } from "../../../system/runtime/this-system.ts";
import { type Staging, stagedName } from "./staging.ts";

/** What a restore needs of the file system. */
export interface TreeNeeds {
  readonly links: boolean;
  /** Links are put in place by link(2). */
  readonly hardLinks: boolean;
  readonly modes: boolean;
  /** A file or folder that its owner may not read. */
  readonly unreadable?: string | undefined;
}

/** What file systems answer that don't have a kind of entry. */
const UNSUPPORTED = ["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"];

/** Fails with RESTORE_FINALIZE_FAILED. Leaves nothing behind; a recovery removes what a killed probe left. Throws what the system says otherwise. */
export function probeTree(staging: Staging, needs: TreeNeeds, fs: FileSystem): RestoreFault | undefined {
  const lacks =
    (needs.links ? probeLinks(staging, needs.hardLinks) : undefined) ??
    (needs.modes ? probeModes(staging, fs) : undefined);
  const { unreadable: path } = needs;
  if (lacks !== undefined) return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { reason: lacks });
  if (path === undefined || readsAll(staging, fs)) return undefined;
  return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { path, reason: "no-reader" });
}

/** Whether this process may read what its owner may not: a restore reads everything that it has put in place again. */
function readsAll(staging: Staging, fs: FileSystem): boolean {
  const name = stagedName(0);
  try {
    fs.closeSync(staging.dir.open(name, OPEN_NEW, 0o200));
    return isSupported(() => fs.closeSync(staging.dir.open(name, OPEN_SOURCE)), ["EACCES"]);
  } finally {
    staging.unlink(name);
  }
}

function probeLinks(staging: Staging, hardLinks: boolean): MachineReason | undefined {
  // Windows stores other targets than it is given: with backslashes, and with the kind of what they lead to.
  if (isWindows) return "no-links";
  const { dir } = staging;
  const [link, second] = [stagedName(0), stagedName(1)];
  try {
    if (!isSupported(() => dir.symlink(second, link))) return "no-links";
    // Where link(2) follows links, it fails: the link leads to itself then, or nowhere.
    if (hardLinks && !isSupported(() => dir.link(link, dir, second))) return "no-hard-links";
    return undefined;
  } finally {
    staging.unlink(link);
    if (hardLinks) staging.unlink(second);
  }
}

function isSupported(act: () => void, refusals: readonly string[] = UNSUPPORTED): boolean {
  try {
    act();
    return true;
  } catch (thrown) {
    if (!refusals.includes(errnoOf(thrown) ?? "")) throw thrown;
    return false;
  }
}

function probeModes(staging: Staging, fs: FileSystem): MachineReason | undefined {
  if (!showsPermissions()) return "no-modes";
  try {
    const fd = staging.dir.open(stagedName(0), OPEN_NEW, 0o600);
    try {
      const isHeld = [0o755, 0o644].every(
        (mode) => isSupported(() => fs.fchmodSync(fd, mode)) && hasMode(fd, mode, fs),
      );
      return isHeld ? undefined : "no-modes";
    } finally {
      fs.closeSync(fd);
    }
  } finally {
    staging.unlink(stagedName(0));
  }
}

function hasMode(fd: number, mode: number, fs: FileSystem): boolean {
  return (fs.fstatSync(fd).mode & 0o777) === mode;
}
