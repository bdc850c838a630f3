/**
 * What the journal of a revert says of folders and modes, from the plan and from what is on the disk: found just before the
 * journal is written.
 *
 * @module
 */

import { compareUtf8, ok, type RestoreFault, type Result, type RevertPlan } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { hasPermissions, writableMode } from "../restore/journal/folder-access.ts";
import { components, folderOf } from "../restore/journal/places.ts";
import {
  type FolderPlace,
  MODE_BITS,
  type ModeChange,
  OWNER_BITS,
  PERMISSION_BITS,
  type RevertRecord,
  stickyMode,
} from "../restore/journal/revert-record.ts";
import { changedFault } from "./judge-moved.ts";

/**
 * Makes the record of a revert. The modes of a plan come first, in their order, then those of folders that have to be made
 * writable, then those of new folders. Fails if a folder does not have the mode that the plan says. Throws what the system says.
 */
export function recordRevert(
  plan: RevertPlan,
  root: AnchoredRoot,
  fs: FileSystem,
): Result<RevertRecord, RestoreFault> {
  const modeOf = (path: string): number => fs.fstatSync(root.folder(components(path)).fd).mode & MODE_BITS;
  const gone: FolderPlace[] = [];
  for (const { mode, path } of plan.gone) {
    const found = modeOf(path);
    if (!hasPermissions(found, mode)) return changedFault("EXECUTE", path, "other-mode");
    gone.push({ place: path, mode: found });
  }
  for (const { from, kind, path } of plan.modes) {
    const isSame = kind === "file" || hasPermissions(modeOf(path), from);
    if (!isSame) return changedFault("EXECUTE", path, "other-mode");
  }
  const modes = plan.modes.map(({ from, kind, path, to }) => {
    const isOpened = kind === "folder" && from !== to;
    return { place: path, kind, from, to: isOpened ? stickyMode(to, modeOf(path)) : to };
  });
  for (const path of workedIn(plan)) {
    const mode = modeOf(path) & PERMISSION_BITS;
    if (writableMode(mode) !== mode) modes.push({ place: path, kind: "folder", from: mode, to: mode });
  }
  return ok({ moves: plan.moves.map(({ path }) => path), gone, modes: [...modes, ...newModes(plan)] });
}

/** New folders are filled with the mode that only lets the owner in, and get another one last. */
function newModes({ folders }: RevertPlan): readonly ModeChange[] {
  return folders.flatMap(({ mode, path }): ModeChange[] =>
    mode === OWNER_BITS
      ? []
      : [{ place: path, kind: "folder", from: OWNER_BITS, to: stickyMode(mode, OWNER_BITS) }],
  );
}

/** Folders that something leaves or enters, that stay, and for which the plan says no mode. */
function workedIn({ folders, gone, modes, moves, puts }: RevertPlan): readonly string[] {
  const places = new Set([...moves, ...gone, ...folders, ...puts].map(({ path }) => folderOf(path)));
  for (const { path } of [...gone, ...folders]) places.delete(path);
  for (const { kind, path } of modes) if (kind === "folder") places.delete(path);
  // The root itself was found writable when it was opened, and keeps its mode.
  places.delete("");
  return [...places].sort(compareUtf8);
}
