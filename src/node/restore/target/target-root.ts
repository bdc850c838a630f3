/**
 * PREFLIGHT, steps 4 to 6: the folder to restore into, and the paths below it (PROTOCOL 13.3).
 *
 * @module
 */

import { basename, dirname, isAbsolute } from "node:path";
import {
  checkRestorePath,
  inPathOrder,
  type OutputClaims,
  ok,
  type RestoreFault,
  type Result,
  restoreFault,
  targetPath,
} from "../../../core/internal.ts";
import { AnchoredDir, checkWritable } from "../../files/anchored-dir.ts";
import { AnchoredRoot, type Location, MAX_LINKS } from "../../files/anchored-root.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { NeighbourWalk } from "../../files/neighbour-walk.ts";
import { isTaken, type SourceWalk } from "../../files/read-source.ts";
import { errnoOf, machineReason, reasonOf } from "../../runtime/machine-reason.ts";
import { isLawful } from "../journal/journal.ts";
import type { NewPlace } from "./new-root.ts";

/** The folder to restore into. */
export type Target =
  /** An existing folder. `path` is the caller's. */
  | { readonly kind: "existing"; readonly root: AnchoredRoot; readonly path: string }
  /** A folder that the restore makes. */
  | ({ readonly kind: "new"; readonly path: string } & NewPlace);

/** Opens the target, step 4. With `mkdir` a missing root is not a fault, if its parent exists. */
export function openTarget(
  path: string | null | undefined,
  mkdir: boolean,
  fs: FileSystem,
): Result<Target, RestoreFault> {
  if (path === null || path === undefined || path === "") return fault("RESTORE_TARGET_MISSING");
  if (!isAbsolute(path)) return fault("RESTORE_TARGET_NOT_ABSOLUTE");
  // No folder has such a name, and Node's error for it is not a system error.
  if (path.includes("\0")) return fault("RESTORE_TARGET_NOT_EXIST");
  const root = openFolder(path, fs, (dir) => AnchoredRoot.adopt(dir, path, fs));
  if (root.ok) return ok({ kind: "existing", root: root.value, path });
  if (root.code !== "RESTORE_TARGET_NOT_EXIST" || !mkdir) return root;
  // Not resolved: only the system knows what `..` means after a link.
  const [parentPath, name] = [dirname(path), basename(path)];
  const parent = openFolder(parentPath, fs, (dir) => dir);
  if (!parent.ok) return parent;
  if (isFree(parent.value, name)) return ok({ kind: "new", path, parent: parent.value, parentPath, name });
  // A dangling link: a new folder under its name is not what the caller asked for.
  parent.value.close();
  return root;
}

/** Whether a folder can be made under a name: the name is free, and the system allows it. */
function isFree(parent: AnchoredDir, name: string): boolean {
  if (name === "." || name === "..") return false;
  try {
    return !parent.has(name);
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return false;
  }
}

/** Closes what `openTarget` opened. */
export function closeTarget(target: Target): void {
  if (target.kind === "existing") target.root.close();
  else target.parent.close();
}

function openFolder<Opened>(
  path: string,
  fs: FileSystem,
  adopt: (dir: AnchoredDir) => Opened,
): Result<Opened, RestoreFault> {
  try {
    const dir = AnchoredDir.open(path, fs);
    try {
      checkWritable(dir, fs);
      return ok(adopt(dir));
    } catch (thrown) {
      dir.close();
      throw thrown;
    }
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ELOOP" || errno === "ENAMETOOLONG")
      return fault("RESTORE_TARGET_NOT_EXIST");
    if (errno === "ENOTDIR") return fault("RESTORE_TARGET_NOT_DIRECTORY");
    return restoreFault("PREFLIGHT", "RESTORE_TARGET_NOT_WRITABLE", { reason });
  }
}

function fault(code: RestoreFault["code"]): RestoreFault {
  return restoreFault("PREFLIGHT", code);
}

/** The claims of one bundle, and its folder below the root; empty for the root itself. */
export interface ClaimedRun {
  readonly folder: string;
  readonly claims: OutputClaims;
}

/**
 * Checks every path, step 5: bundles in the caller's order, their paths in byte order; the law of paths first, then
 * links that leave the target. Throws what the system says.
 */
export function checkPaths(
  runs: readonly ClaimedRun[],
  target: Target,
  fs: FileSystem,
): RestoreFault | undefined {
  const walk = target.kind === "existing" ? new NeighbourWalk(target.root) : undefined;
  for (const run of runs) {
    const where = run.folder === "" ? {} : { run_id: run.folder };
    if (run.folder !== "" && !isLawful(run.folder)) {
      return restoreFault("PREFLIGHT", "RESTORE_PATH_TRAVERSAL_DETECTED", { path: run.folder, ...where });
    }
    for (const claim of inPathOrder(run.claims)) {
      const unlawful = checkRestorePath(claim);
      if (unlawful !== undefined) return { ...unlawful, details: { ...unlawful.details, ...where } };
      const path = targetPath(run, claim.path);
      if (walk !== undefined && leadsOutside(walk, path, fs)) {
        return restoreFault("PREFLIGHT", "RESTORE_SYMLINK_ESCAPE_DETECTED", { path, ...where });
      }
    }
  }
  return undefined;
}

/** Step 6: the name of a run's folder is free, by lstat. Throws what the system says. */
export function checkRunFolders(runs: readonly ClaimedRun[], target: Target): RestoreFault | undefined {
  const hasName = namesIn(target);
  const taken = runs.find(({ folder }) => hasName(folder));
  if (taken === undefined) return undefined;
  return restoreFault("PREFLIGHT", "RESTORE_CHAIN_TARGET_DIR_EXISTS", { run_id: taken.folder });
}

/** Whether a link on the way to a path, or at its end, leads out of the root or in a circle. */
function leadsOutside(root: SourceWalk, path: string, fs: FileSystem): boolean {
  let location: Location = root.locate(path);
  // A circle at the end of the path. Circles on the way are `outside` already.
  for (let links = 0; links <= MAX_LINKS; links++) {
    if (location.kind !== "entry") return location.kind === "outside";
    const stats = fs.lstatSync(location.dir.address(location.name), { throwIfNoEntry: false });
    if (stats?.isSymbolicLink() !== true) return false;
    location = root.follow(location);
  }
  return true;
}

/**
 * Gives a function that says whether a path in the target is taken, by lstat: also by a dangling link (PROTOCOL 13.5). It
 * throws what the system says.
 */
export function namesIn(target: Target): (path: string) => boolean {
  if (target.kind === "new") return () => false;
  const walk = new NeighbourWalk(target.root);
  return (path) => isTaken(walk, path);
}
