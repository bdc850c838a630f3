/** Gives something in staging its name back, by link(2), which replaces nothing. @module */

import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { isFileAt } from "../../system/files/made-entry.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import type { EndingTransaction } from "./ending-transaction.ts";
import { folderOf, nameOf } from "./journal/places.ts";
import { enterIfThere } from "./journal/reach-folder.ts";

/** Whether something has its name again; or what is in the way: its folder is missing, or another process has the name. */
export type GivenBack = "in-place" | "no-folder" | "occupied";

/** Gives what became of it. Throws what the system says. */
export function giveBack(
  { root, staging: { dir } }: EndingTransaction,
  name: string,
  place: string,
): GivenBack {
  const held = dir.stats(name);
  if (held === undefined) return "in-place";
  const folder = enterIfThere(root, folderOf(place));
  if (folder === undefined) return "no-folder";
  const to = nameOf(place);
  if (isFileAt(folder, to, held)) return "in-place";
  if (folder.has(to)) return "occupied";
  const isGiven = held.isDirectory()
    ? renameBack(dir, name, folder, to)
    : linkBack(dir, name, folder, to, held.uid);
  if (isGiven) return "in-place";
  return folder.has(to) ? "occupied" : "no-folder";
}

/** Gives whether the name was free. */
function linkBack(dir: AnchoredDir, name: string, folder: AnchoredDir, to: string, owner: bigint): boolean {
  try {
    dir.link(name, folder, to);
    return true;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "EEXIST" || errno === "ENOENT") return false;
    if (errno !== "EPERM" || owner === BigInt(process.geteuid?.() ?? 0)) throw thrown;
    // A file of another user may not be linked (fs.protected_hardlinks).
    return renameBack(dir, name, folder, to);
  }
}

/** For what has no hard links: folders, and files of other users. A folder replaces at most an empty folder. */
function renameBack(dir: AnchoredDir, name: string, folder: AnchoredDir, to: string): boolean {
  try {
    dir.rename(name, folder, to);
    return true;
  } catch (thrown) {
    if (!["ENOTEMPTY", "EEXIST", "ENOTDIR", "ENOENT"].includes(errnoOf(thrown) ?? "")) throw thrown;
    return false;
  }
}
