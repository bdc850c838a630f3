/**
 * Removing all that is in a folder, by descriptor: no path is resolved twice, no link is followed, and no
 * tree is too deep. `fs.rm` in its place can be led outside (SECURITY 1).
 *
 * @module
 */

import type { AnchoredRoot } from "./anchored-root.ts";
import type { FileSystem } from "./file-system.ts";

/** Removes everything in a folder, not the folder itself. Throws what the system says. */
export function emptyFolder(root: AnchoredRoot, fs: FileSystem): void {
  const pending: { readonly folder: readonly string[]; readonly isEmpty: boolean }[] = [
    { folder: [], isEmpty: false },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { folder, isEmpty } = next;
    if (isEmpty) {
      fs.rmdirSync(root.folder(folder.slice(0, -1)).address(folder.at(-1) ?? ""));
      continue;
    }
    if (folder.length > 0) pending.push({ folder, isEmpty: true });
    const dir = root.folder(folder);
    for (const name of fs.readdirSync(dir.self)) {
      const address = dir.address(name);
      if (fs.lstatSync(address).isDirectory()) pending.push({ folder: [...folder, name], isEmpty: false });
      else fs.unlinkSync(address);
    }
  }
}
