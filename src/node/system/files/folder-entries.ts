/**
 * The entries of one folder, and what they are.
 *
 * @module
 */

import type { Dirent, Stats } from "node:fs";
import { decodeUtf8, type EntryKind } from "../../../core/internal.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import type { SpecialKind } from "../runtime/operation-fault.ts";
import type { AnchoredDir } from "./anchored-dir.ts";
import type { AnchoredRoot } from "./anchored-root.ts";
import type { FileSystem } from "./file-system.ts";

/** What a starting point is. */
type StartKind = "file" | "folder" | SpecialKind;

/** The replacement for bytes that are not UTF-8. A name may also contain this character. */
const REPLACED = "\ufffd";

/** An entry of a folder. Its name is bytes if it may not be UTF-8. */
interface Entry extends Typed {
  readonly name: string | Uint8Array;
}

/** The entries of a folder. Throws what the system says. */
export function readFolder({ self }: AnchoredDir, fs: FileSystem): readonly Entry[] {
  const entries = fs.readdirSync(self, { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes(REPLACED))) return entries;
  return fs.readdirSync(self, { encoding: "buffer", withFileTypes: true });
}

/** The names alone, which costs less. Throws what the system says. */
export function readNames({ self }: AnchoredDir, fs: FileSystem): readonly Entry["name"][] {
  const names = fs.readdirSync(self);
  return names.some((name) => name.includes(REPLACED)) ? fs.readdirSync(self, { encoding: "buffer" }) : names;
}

/** A name as text; undefined for one that is not UTF-8. */
export function textOf(name: Entry["name"]): string | undefined {
  return typeof name === "string" ? name : decodeUtf8(name);
}

/** How a name that is not UTF-8 is shown. */
export function latin1(name: Entry["name"]): string {
  return Buffer.from(name).toString("latin1");
}

/** The kind of a starting point, given as components below the root. Throws what the system says. */
export function kindOfStart(
  root: AnchoredRoot,
  components: readonly string[],
  fs: FileSystem,
): StartKind | "missing" {
  const name = components.at(-1);
  if (name === undefined) return "folder";
  try {
    return kindOf(fs.lstatSync(root.folder(components.slice(0, -1)).address(name)));
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT") return "missing";
    if (errno === "ENOTDIR" || errno === "ELOOP")
      return findObstacle(root, components.slice(0, -1), fs)?.isSymbolicLink() === true
        ? "link-on-the-way"
        : "missing";
    throw thrown;
  }
}

/**
 * Looks for the first name on a way through folders, one in the other, at which there is no folder. Gives what lstat says of it:
 * undefined if nothing is there. Gives null if all are folders.
 */
export function findObstacle(
  root: AnchoredRoot,
  folders: readonly string[],
  fs: FileSystem,
): Stats | undefined | null {
  for (const [depth, name] of folders.entries()) {
    const address = root.folder(folders.slice(0, depth)).address(name);
    const found = fs.lstatSync(address, { throwIfNoEntry: false });
    if (found?.isDirectory() !== true) return found;
  }
  return null;
}

/** The methods that the results of lstat and readdir share. */
type Typed = Pick<
  Dirent,
  "isFile" | "isDirectory" | "isSymbolicLink" | "isFIFO" | "isSocket" | "isBlockDevice" | "isCharacterDevice"
>;

/** The kind of an entry, as lstat or readdir gives it; `unknown` for one that Node does not know. */
export function kindOf(entry: Typed): EntryKind | "unknown" {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  if (entry.isSymbolicLink()) return "link";
  if (entry.isFIFO()) return "fifo";
  if (entry.isSocket()) return "socket";
  return entry.isBlockDevice() || entry.isCharacterDevice() ? "device" : "unknown";
}
