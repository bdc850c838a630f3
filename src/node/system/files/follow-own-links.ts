/**
 * The file that a link leads to, for a command that replaces the file and keeps the link.
 *
 * @module
 */

import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { MAX_LINKS } from "./anchored-root.ts";

/**
 * Follows the links at the end of a path, and gives the path of the file that they lead to, or of the missing file if
 * the path is not a link. `undefined` for a dangling link or a circle. Also for a link that belongs
 * neither to this user, nor to root, nor to the owner of the file behind it. Otherwise the owner of a folder could have root edit
 * one of root's own files. Throws what the system says.
 */
export function followOwnLinks(path: string): string | undefined {
  const owners = new Set<number>();
  let address = join(realpathSync.native(dirname(path)), basename(path));
  for (let links = 0; links <= MAX_LINKS; links++) {
    const stats = lstatSync(address, { throwIfNoEntry: false });
    if (stats === undefined) return links === 0 ? address : undefined;
    if (!stats.isSymbolicLink()) return mayFollow(owners, stats.uid) ? address : undefined;
    owners.add(stats.uid);
    const target = resolve(dirname(address), readlinkSync(address));
    address = join(realpathSync.native(dirname(target)), basename(target));
  }
  return undefined;
}

function mayFollow(links: ReadonlySet<number>, file: number): boolean {
  const own = process.geteuid?.();
  return [...links].every((link) => own === undefined || link === own || link === 0 || link === file);
}
