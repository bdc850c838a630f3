/**
 * A folder of bundles in a project that is held, for the writing of one.
 *
 * @module
 */

import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import type { BundleFolder } from "../bundle/bundle-writer.ts";
import type { HeldProject } from "./held-project.ts";
import { PARTIAL_NAME } from "./project-names.ts";

/**
 * A folder of that name in the project's own, by the open folder, never through a link: a cloned project may have one that leads
 * elsewhere. `shown` is its path as the caller named it.
 */
export function heldFolder(
  { folder: own, home }: Pick<HeldProject, "folder" | "home">,
  { name, shown }: { readonly name: string; readonly shown: string },
): BundleFolder {
  return {
    shown,
    address: own.address(name),
    partialName: PARTIAL_NAME,
    open: () => own.enter(name),
    // Always both: a killed command may have made either of them and synced neither.
    syncNames: () => {
      fs.fsyncSync(own.fd);
      fs.fsyncSync(home.dir.fd);
    },
  };
}
