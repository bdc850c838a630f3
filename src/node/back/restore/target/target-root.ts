/**
 * PREFLIGHT, steps 4 to 6: the folder to restore into, and the paths below it (PROTOCOL 13.3).
 *
 * @module
 */

import { realpathSync } from "node:fs";
import { basename, dirname, isAbsolute } from "node:path";
import {
  checkRestorePath,
  checkTreePath,
  findNameBreach,
  inPathOrder,
  itemAt,
  makeListing,
  mergePaths,
  type NameBreach,
  type OutputClaim,
  type OutputClaims,
  type OutputTree,
  ok,
  type RestoreFault,
  type Result,
  restoreFault,
  type TargetKind,
  targetPath,
} from "../../../../core/internal.ts";
import { AnchoredDir, canAnchor, checkWritable } from "../../../system/files/anchored-dir.ts";
import { AnchoredRoot, type Location, MAX_LINKS } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { NeighbourWalk } from "../../../system/files/neighbour-walk.ts";
import type { SourceWalk } from "../../../system/files/read-source.ts";
import { findSharedFolder, showsPermissions } from "../../../system/files/shared-above.ts";
import { errnoOf, machineReason, reasonOf } from "../../../system/runtime/machine-reason.ts";
import { isWindows } from "../../../system/runtime/this-system.ts";
import { isLawful } from "../../transaction/journal/lawful-places.ts";
import { nameOf } from "../../transaction/journal/places.ts";
import type { NewPlace } from "./new-root.ts";
import { StraightWalk } from "./straight-walk.ts";

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
  const root = openFolder(path, fs, (dir) => AnchoredRoot.adopt(dir, path));
  if (root.ok) return ok({ kind: "existing", root: root.value, path });
  if (root.code !== "RESTORE_TARGET_NOT_EXIST" || !mkdir) return root;
  const name = basename(path);
  // Not resolved: only the system knows what `..` means after a link.
  const opened = openParent(dirname(path), fs);
  if (!opened.ok) return opened;
  const { parent, parentPath } = opened.value;
  if (isFree(parent, name)) return ok({ kind: "new", path, parent, parentPath, name });
  // A dangling link: a new folder under its name is not what the caller asked for.
  parent.close();
  return root;
}

/** The folder that is to hold a new root. */
export type ParentFolder = Pick<NewPlace, "parent" | "parentPath">;

/**
 * Opens the folder that is to hold a new root. Where folders can't be held by descriptor, it is reached by its real path; fails with
 * RESTORE_PARENT_SHARED where another user could exchange what is on that path.
 */
export function openParent(path: string, fs: FileSystem): Result<ParentFolder, RestoreFault> {
  if (canAnchor()) {
    const parent = openFolder(path, fs, (dir) => dir);
    return parent.ok ? ok({ parent: parent.value, parentPath: path }) : parent;
  }
  const opened = openFolder(path, fs, (dir) => {
    const parentPath = realpathSync.native(path);
    const shared = showsPermissions() ? findSharedFolder(parentPath, fs) : undefined;
    return { parent: new AnchoredDir(dir.fd, parentPath, fs), parentPath, shared };
  });
  if (!opened.ok || opened.value.shared === undefined) return opened;
  opened.value.parent.close();
  return restoreFault("PREFLIGHT", "RESTORE_PARENT_SHARED", { path: opened.value.shared });
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

/** The claims and the tree of one bundle, and its folder below the root; empty for the root itself. */
export interface ClaimedRun {
  readonly folder: string;
  readonly claims: OutputClaims;
  /** Undefined for a plain bundle. */
  readonly tree: OutputTree | undefined;
}

/** What is restored to a path. Its path is relative to the folder of the run. */
type Wanted =
  | { readonly kind: "file"; readonly path: string; readonly claim: OutputClaim }
  | { readonly kind: "link-or-folder"; readonly path: string };

/**
 * Checks every path, step 5: bundles in the caller's order, their paths in byte order; the law of paths first, then
 * links in the target. Throws what the system says.
 */
export function checkPaths(
  runs: readonly ClaimedRun[],
  target: Target,
  fs: FileSystem,
): RestoreFault | undefined {
  for (const run of runs) {
    const where = run.folder === "" ? {} : { run_id: run.folder };
    if (run.folder !== "" && !isLawful(run.folder)) {
      return restoreFault("PREFLIGHT", "RESTORE_PATH_TRAVERSAL_DETECTED", { path: run.folder, ...where });
    }
    const findLink = linkFinder(run, target, fs);
    for (const wanted of wantedOf(run)) {
      const unlawful = wanted.kind === "file" ? checkRestorePath(wanted.claim) : checkTreePath(wanted.path);
      if (unlawful !== undefined) return { ...unlawful, details: { ...unlawful.details, ...where } };
      const unstorable = isWindows && isOtherOnWindows(targetPath(run, wanted.path));
      if (unstorable) {
        const details = { path: wanted.path, reason: "no-such-name", ...where } as const;
        return restoreFault("PREFLIGHT", "RESTORE_FINALIZE_FAILED", details);
      }
      const path = targetPath(run, wanted.path);
      const found = findLink(path, wanted.kind);
      if (found !== undefined) {
        const details = { path, ...(found === "on-the-way" ? LINK_ON_THE_WAY : {}), ...where };
        return restoreFault("PREFLIGHT", "RESTORE_SYMLINK_ESCAPE_DETECTED", details);
      }
    }
  }
  return undefined;
}

const OTHER_ON_WINDOWS: readonly (NameBreach | undefined)[] = [
  "backslash",
  "control",
  "dos-name",
  "drive",
  "reserved",
  "trailing",
  "win-char",
];

/** Whether Windows takes a path for that of another file, of a device, or of none. */
function isOtherOnWindows(path: string): boolean {
  return OTHER_ON_WINDOWS.includes(findNameBreach(path));
}

const LINK_ON_THE_WAY = { reason: "link-on-the-way" } as const;

function* wantedOf({ claims, tree }: ClaimedRun): Generator<Wanted> {
  const files = inPathOrder(claims);
  if (tree === undefined) {
    for (const claim of files) yield { kind: "file", path: claim.path, claim };
    return;
  }
  const paths = makeListing(files.length, (index) => itemAt(files, index).path);
  let file = 0;
  for (const { list, path } of mergePaths([paths, tree.links.paths, tree.emptyFolders])) {
    yield list === 0
      ? { kind: "file", path, claim: itemAt(files, file++) }
      : { kind: "link-or-folder", path };
  }
}

/** Finds a link in the target that a path must not meet. */
type LinkFinder = (path: string, kind: Wanted["kind"]) => "on-the-way" | "outside" | undefined;

/** For a plain bundle, a link that stays inside is followed. For a bundle with a tree, no link is. */
function linkFinder({ tree }: ClaimedRun, target: Target, fs: FileSystem): LinkFinder {
  if (target.kind === "new") return () => undefined;
  const { root } = target;
  if (tree === undefined) {
    const walk = new NeighbourWalk(root);
    return (path) => (leadsOutside(walk, path) ? "outside" : undefined);
  }
  const straight = new StraightWalk(root, fs);
  return (path, kind) => {
    const folder = straight.holderOf(path);
    if (folder === "link") return "on-the-way";
    if (kind === "link-or-folder" || typeof folder === "string") return undefined;
    const isLink = folder.lstat(nameOf(path))?.isSymbolicLink();
    if (isLink !== true) return undefined;
    // The other walk may close the folder.
    straight.forget();
    return leadsOutside(root, path) ? "outside" : undefined;
  };
}

/** Step 6: the name of a run's folder is free, by lstat. Throws what the system says. */
export function checkRunFolders(runs: readonly ClaimedRun[], target: Target): RestoreFault | undefined {
  if (target.kind === "new") return undefined;
  const { dir } = target.root;
  const taken = runs.find(({ folder }) => dir.has(folder));
  if (taken === undefined) return undefined;
  return restoreFault("PREFLIGHT", "RESTORE_CHAIN_TARGET_DIR_EXISTS", { run_id: taken.folder });
}

/** Whether a link on the way to a path, or at its end, leads out of the root or in a circle. */
function leadsOutside(root: SourceWalk, path: string): boolean {
  let location: Location = root.locate(path);
  // A circle at the end of the path. Circles on the way are `outside` already.
  for (let links = 0; links <= MAX_LINKS; links++) {
    if (location.kind !== "entry") return location.kind === "outside";
    const stats = location.dir.lstat(location.name);
    if (stats?.isSymbolicLink() !== true) return false;
    location = root.follow(location);
  }
  return true;
}

/**
 * Gives a function that says what stands at a path in the target, by lstat: a dangling link counts (PROTOCOL 13.5). It throws
 * what the system says.
 */
export function kindsIn(target: Target): (path: string) => TargetKind {
  if (target.kind === "new") return () => "nothing";
  const walk = new NeighbourWalk(target.root);
  return (path) => {
    const location = walk.locate(path);
    if (location.kind !== "entry") return "nothing";
    const found = location.dir.lstat(location.name);
    if (found === undefined) return "nothing";
    return found.isDirectory() ? "folder" : "other";
  };
}
