/**
 * Foreign files in and beside a folder that is restored into: none of them may change.
 *
 * @module
 */

import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Photo } from "./kill-photo.ts";
import { type KillScenes, targetIn } from "./kill-scenes.ts";
import { writeAt } from "./restore-scene.ts";

/** A target with foreign files, and more of them beside it; and one folder in it that is empty. */
export function existingTarget(scenes: KillScenes): Photo {
  return scenes.photo((folder) => {
    writeExisting(folder);
    mkdirSync(join(targetIn(folder), "data"), { mode: 0o750 });
  });
}

/** The same after an undo: nothing tells it that the folder was there before, and it leaves none empty. */
export function undoneTarget(scenes: KillScenes): Photo {
  return scenes.photo(writeExisting);
}

function writeExisting(folder: string): void {
  writeForeign(folder, targetIn(folder));
  // The restore goes through this link, for it stays inside.
  symlinkSync("other", join(targetIn(folder), "bin"));
}

/** A target with foreign files, and no link on the way of any output: a tree is restored through none. */
export function straightTarget(scenes: KillScenes): Photo {
  return scenes.photo((folder) => writeForeign(folder, targetIn(folder)));
}

/** A target in which `data/x` and `keep/x` are one place. */
export function linkedTarget(scenes: KillScenes): Photo {
  return scenes.photo((folder) => {
    writeForeign(folder, targetIn(folder));
    symlinkSync("keep", join(targetIn(folder), "data"));
  });
}

/** No target, and foreign files beside its place. */
export function missingTarget(scenes: KillScenes): Photo {
  return scenes.photo((folder) => writeForeign(folder, folder));
}

function writeForeign(folder: string, target: string): void {
  writeAt(folder, { "beside.txt": "other user, beside\n" });
  writeAt(target, {
    "keep/own.txt": "other user\n",
    "other/notes.txt": "other user too\n",
    "readonly.txt": "never written to\n",
    "secret.txt": "for one's own eyes\n",
  });
  mkdirSync(join(target, "empty"));
  chmodSync(join(target, "readonly.txt"), 0o444);
  chmodSync(join(target, "secret.txt"), 0o600);
  chmodSync(join(target, "other"), 0o711);
  symlinkSync("nowhere", join(target, "dangling"));
}
