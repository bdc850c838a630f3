/**
 * Makes the intent durable: from the journal on, a recovery takes back. Of folders and modes it says what is on the disk just before.
 *
 * @module
 */

import {
  type ChangedTarget,
  compareUtf8,
  itemAt,
  makeListing,
  type RestoreFault,
  restoreFault,
} from "../../../core/internal.ts";
import { hasPermissions, writableMode } from "./folder-access.ts";
import { type Journal, NO_CHANGES } from "./journal/journal.ts";
import { writeJournal } from "./journal/journal-file.ts";
import {
  type FolderPlace,
  MODE_BITS,
  type ModeChange,
  OWNER_BITS,
  PERMISSION_BITS,
  stickyMode,
} from "./journal/journal-kinds.ts";
import { components, folderOf, placeOf as placeOfPath } from "./journal/places.ts";
import { enterIfThere } from "./journal/reach-folder.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import { placeOf } from "./transaction-plan.ts";

/** Gives the mode of a folder, of all bits. */
type ModeOf = (path: string) => number;

/** Writes the journal. Fails if a folder is missing, or has another mode than the plan says. Throws what the system says. */
export function declarePlan(open: OpenTransaction): RestoreFault | undefined {
  const { folders, fs, moved, plan, request, root, staging } = open;
  const { act, entries, key, origin } = request;
  const modeOf: ModeOf = (path) => fs.fstatSync(root.folder(components(path)).fd).mode & MODE_BITS;
  const changed = changedFolders(open, modeOf);
  if (changed.length > 0) return open.changed("EXECUTE", changed);
  const journal: Journal = {
    ...NO_CHANGES,
    act,
    origin,
    aside: makeListing(plan.moves.length, (index) => placeOf(itemAt(plan.moves, index))),
    rmdir: [...plan.gone.map(({ path }) => ({ place: path, mode: modeOf(path) })), ...emptiedFolders(open)],
    mode: modesOf(open, modeOf),
    mkdir: folders.map(({ path }) => path),
    put: makeListing(entries.length, (index) => placeOfPath(entries.path(index), moved)),
    digests: makeListing(entries.length, (index) => entries.digest(index)),
    passing: entries.passing,
  };
  open.declare(journal);
  if (!writeJournal(staging, journal, key, fs)) return restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR");
  // [root-after-staging] If the staging folder were lost, everything that was set aside in it would be lost with it.
  fs.fsyncSync(root.dir.fd);
  return undefined;
}

/** The folders that are missing by now, or have another mode than the plan says. */
function changedFolders(open: OpenTransaction, modeOf: ModeOf): readonly ChangedTarget[] {
  const { plan, root } = open;
  const folders = plan.modes.filter(({ kind }) => kind === "folder");
  const expected = [...plan.gone, ...folders.map(({ from, path }) => ({ path, mode: from }))];
  const isMissing = (path: string): boolean => enterIfThere(root, path) === undefined;
  const missing = [...expected.map(({ path }) => path), ...workedIn(open)].filter(isMissing);
  if (missing.length > 0) return missing.map((path) => ({ path, change: "missing" }));
  const others = expected.filter(({ mode, path }) => !hasPermissions(modeOf(path), mode));
  return others.map(({ path }) => ({ path, change: "other-mode" }));
}

/** The folders that are taken out if they are empty: those that are there, and this user's. */
function emptiedFolders({ fs, plan, root }: OpenTransaction): readonly FolderPlace[] {
  return plan.emptied.flatMap((place) => {
    const dir = enterIfThere(root, place);
    if (dir === undefined) return [];
    const { mode, uid } = fs.fstatSync(dir.fd);
    return uid === (process.geteuid?.() ?? 0) ? [{ place, mode: mode & MODE_BITS }] : [];
  });
}

/** Those of the plan in their order, then those of folders that have to be made writable, then those of new folders. */
function modesOf(open: OpenTransaction, modeOf: ModeOf): readonly ModeChange[] {
  const { folders, plan } = open;
  const planned = plan.modes.map(({ from, kind, path, to }): ModeChange => {
    const isOpened = kind === "folder" && from !== to;
    return { place: path, kind, from, to: isOpened ? stickyMode(to, modeOf(path)) : to };
  });
  const opened = workedIn(open).flatMap((path): readonly ModeChange[] => {
    const mode = modeOf(path) & PERMISSION_BITS;
    return writableMode(mode) === mode ? [] : [{ place: path, kind: "folder", from: mode, to: mode }];
  });
  // New folders are filled with the mode that only lets the owner in, and get another one last.
  const made = folders.flatMap(({ mode, path }): readonly ModeChange[] => {
    if (mode === undefined || mode === OWNER_BITS) return [];
    return [{ place: path, kind: "folder", from: OWNER_BITS, to: stickyMode(mode, OWNER_BITS) }];
  });
  return [...planned, ...opened, ...made];
}

/** Folders that something leaves or enters, that stay, and for which the plan says no mode. A restore opens no closed folder. */
function workedIn({ folders, plan, request }: OpenTransaction): readonly string[] {
  if (request.act === "restore") return [];
  const { emptied, gone, modes, moves } = plan;
  const { entries } = request;
  const places = new Set([...gone, ...folders].map(({ path }) => folderOf(path)));
  for (let index = 0; index < entries.length; index++) places.add(folderOf(entries.path(index)));
  for (let index = 0; index < moves.length; index++) places.add(folderOf(placeOf(itemAt(moves, index))));
  for (const { path } of [...gone, ...folders]) places.delete(path);
  // A folder that stays gets its mode back all the same.
  for (const path of emptied) places.delete(path);
  for (const { kind, path } of modes) if (kind === "folder") places.delete(path);
  // The root itself was found writable when it was opened, and keeps its mode.
  places.delete("");
  return [...places].sort(compareUtf8);
}
