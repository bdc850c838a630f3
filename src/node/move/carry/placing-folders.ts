/** The folders of a project's store in which fetched blobs are placed. @module */

import { STORE_COMPONENTS } from "../../../core/internal.ts";
import { removePartialObjects } from "../../records/store/partial-objects.ts";
import type { StoreFolders } from "../../records/store/store-folders.ts";
import { PACKS_COMPONENTS } from "../../records/store/stored-objects.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { makePartialName } from "../../system/files/partial-name.ts";
import { attempt } from "../../system/runtime/machine-reason.ts";

/** The open folders. */
export interface PlacingFolders {
  readonly packs: AnchoredDir;
  readonly objects: AnchoredDir;
  readonly making: AnchoredDir;
  readonly partial: string;
}

/** Opens the folders of the store, which are made if they are missing. Throws what the system says. */
export function openFolders(folders: StoreFolders): PlacingFolders {
  folders.make(STORE_COMPONENTS);
  folders.make(PACKS_COMPONENTS);
  const objects = ownDescriptor(folders, STORE_COMPONENTS);
  removePartialObjects(objects, fs);
  const partial = makePartialName();
  objects.mkdir(partial, 0o700);
  return {
    objects,
    packs: ownDescriptor(folders, PACKS_COMPONENTS),
    making: objects.enter(partial),
    partial,
  };
}

/** A descriptor of its own: those of the folders are closed and exchanged meanwhile. */
function ownDescriptor(folders: StoreFolders, components: readonly string[]): AnchoredDir {
  return folders.enter(components.slice(0, -1)).enter(components.at(-1) ?? "");
}

/** Closes them, and removes the folder in which objects were made, if it is empty. */
export function closeFolders({ making, objects, packs, partial }: PlacingFolders): void {
  making.close();
  attempt(() => objects.rmdir(partial));
  objects.close();
  packs.close();
}
