/**
 * Whether a file system can hold a tree, tried in the staging folder before anything is written: symbolic links, hard links of
 * them, and modes.
 *
 * @module
 */

import { type MachineReason, type RestoreFault, restoreFault } from "../../../core/internal.ts";
import { type FileSystem, OPEN_NEW } from "../../files/file-system.ts";
import { errnoOf } from "../../runtime/machine-reason.ts";
import { type Staging, stagedName } from "../journal/staging.ts";

/** What a restore needs of the file system. */
export interface TreeNeeds {
  readonly links: boolean;
  /** Links are put in place by link(2). */
  readonly hardLinks: boolean;
  readonly modes: boolean;
}

/** How many staged names a probe uses, from the first on. A recovery removes what a killed probe left. */
export const PROBED_NAMES = 2;

/** What file systems answer that don't have a kind of entry. */
const UNSUPPORTED = ["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"];

/** Fails with RESTORE_FINALIZE_FAILED. Leaves nothing behind. Throws what the system says otherwise. */
export function probeTree(staging: Staging, needs: TreeNeeds, fs: FileSystem): RestoreFault | undefined {
  try {
    const lacks = needs.links ? probeLinks(staging, needs.hardLinks, fs) : undefined;
    if (lacks !== undefined) return cannot(lacks);
  } finally {
    removeProbes(staging);
  }
  if (!needs.modes) return undefined;
  try {
    return holdsModes(staging, fs) ? undefined : cannot("no-modes");
  } finally {
    removeProbes(staging);
  }
}

function cannot(reason: MachineReason): RestoreFault {
  return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { reason });
}

function removeProbes(staging: Staging): void {
  for (let number = 0; number < PROBED_NAMES; number++) staging.unlink(stagedName(number));
}

function probeLinks(staging: Staging, hardLinks: boolean, fs: FileSystem): MachineReason | undefined {
  const [link, second] = [staging.address(stagedName(0)), staging.address(stagedName(1))];
  if (!isSupported(() => fs.symlinkSync(stagedName(1), link))) return "no-links";
  if (hardLinks && !isSupported(() => fs.linkSync(link, second))) return "no-hard-links";
  // A system whose link(2) follows links would fail above, since the link is dangling.
  return undefined;
}

function isSupported(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (thrown) {
    if (!UNSUPPORTED.includes(errnoOf(thrown) ?? "")) throw thrown;
    return false;
  }
}

function holdsModes(staging: Staging, fs: FileSystem): boolean {
  const fd = fs.openSync(staging.address(stagedName(0)), OPEN_NEW, 0o600);
  try {
    return [0o755, 0o644].every((mode) => {
      fs.fchmodSync(fd, mode);
      return (fs.fstatSync(fd).mode & 0o777) === mode;
    });
  } catch (thrown) {
    if (!UNSUPPORTED.includes(errnoOf(thrown) ?? "")) throw thrown;
    return false;
  } finally {
    fs.closeSync(fd);
  }
}
