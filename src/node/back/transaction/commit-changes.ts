/** Makes everything durable, and marks the commit. @module */

import { type RestoreFault, restoreFault } from "../../../core/internal.ts";
import { stillLeadsTo } from "../../system/files/anchored-dir.ts";
import { beginMany } from "../../system/runtime/progress.ts";
import { syncFolderModes, touchedFolders, type WantedMode, writableMode } from "./folder-access.ts";
import { components } from "./journal/places.ts";
import { enterIfThere } from "./journal/reach-folder.ts";
import type { OpenTransaction } from "./open-transaction.ts";

/**
 * Gives folders their modes, and makes them durable with the names in them. Fails if a folder got another mode meanwhile, and if a folder
 * that was made is another one by now: its new mode might open a folder that was closed.
 */
export function settleFolders(open: OpenTransaction): RestoreFault | undefined {
  const { folders, fs, journal, made, request, root, stayed } = open;
  beginMany(request.progress, "commit", request.entries.length);
  for (const [index, { mode, path }] of folders.entries()) {
    const isMade = mode === undefined || made[index]?.isHeld(root.folder(components(path)), fs) === true;
    if (!isMade) return restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED", { path });
  }
  const wanted = new Map<string, WantedMode>();
  for (const { from, kind, place, to } of journal.mode) {
    // The folders of a restore are its own, whatever mode the file system gave them.
    const known = request.act === "restore" ? undefined : [writableMode(from)];
    if (kind === "folder") wanted.set(place, { known, wanted: to });
  }
  const touched = new Set(touchedFolders(journal));
  for (const { mode, place } of journal.rmdir) {
    if (stayed.has(place)) wanted.set(place, { known: [mode, writableMode(mode)], wanted: mode });
    else touched.delete(place);
  }
  // [dirs] Names and modes are durable before the marker says so.
  const stranger = syncFolderModes(
    touched,
    wanted,
    (place) => (stayed.has(place) ? enterIfThere(root, place) : root.folder(components(place))),
    fs,
  );
  return stranger === undefined
    ? undefined
    : open.changed("VERIFY", [{ path: stranger, change: "other-mode" }]);
}

/** Marks the commit. Fails if the root was moved: its files are not where the user expects them. */
export function commit({ fs, locked, request: { path }, root }: OpenTransaction): RestoreFault | undefined {
  if (!stillLeadsTo(path, root.dir, fs)) return restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED");
  locked.commit();
  return undefined;
}
