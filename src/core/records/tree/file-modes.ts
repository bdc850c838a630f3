/**
 * The modes of files: those that a tree has sealed, and those that were found.
 *
 * @module
 */

import type { SealedTree } from "./output-tree.ts";

/** The bits of a found mode that a tree knows: read, write and execute for owner, group and others. */
export const PERMISSIONS = 0o777;

/** Beside a found mode: whether a link was followed to open the file. */
export const THROUGH_LINK = 0x8000;

const USUAL = 0o644;
const PROGRAM = 0o755;
const OWNER_MAY_EXECUTE = 0o100;

/** The sealed mode of each file, by its index in `files`. The tree must be lawful. */
export function sealedModes({ files, modes }: Pick<SealedTree, "files" | "modes">): Uint16Array {
  const sealed = new Uint16Array(files.length).fill(USUAL);
  for (const { mode, paths } of modes) {
    const bits = Number.parseInt(mode, 8);
    let file = 0;
    for (const path of paths) {
      file = files.seek(path, file);
      sealed[file] = bits;
    }
  }
  return sealed;
}

/** Whether a mode makes a file a program: its owner may execute it. */
export function isProgramMode(mode: number): boolean {
  return (mode & OWNER_MAY_EXECUTE) !== 0;
}

/** How many files of a tree are programs. */
export function countPrograms({ modes }: Pick<SealedTree, "modes">): number {
  const programs = modes.filter(({ mode }) => isProgramMode(Number.parseInt(mode, 8)));
  return programs.reduce((sum, { paths }) => sum + paths.length, 0);
}

/** A found mode as trees of this kind name it: an outputs tree knows programs and other files only. */
export function namedMode(kind: SealedTree["kind"], found: number): number {
  if (kind === "snapshot") return found & PERMISSIONS;
  return isProgramMode(found) ? PROGRAM : USUAL;
}

/** Three octal digits. */
export function writeMode(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}
