/**
 * Whether a project has sealed other runs since a bundle of its line: then its folder has moved on.
 *
 * @module
 */

import { type HexDigest, matchesDigest } from "../../core/internal.ts";
import { openRoot } from "../files/anchored-root.ts";
import { readHead } from "../project/head.ts";
import { OWN_FOLDER, ownFolderOf } from "../project/project-names.ts";
import { isInLine } from "../project/walk-line.ts";
import { machineReason } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";

/** The id of the newest run, if it follows a bundle in the line of the project; `undefined` if it does not, or nothing tells. */
export function findLaterRun(root: string, bundleRoot: HexDigest): string | undefined {
  const project = openRoot(root);
  if (!project.ok) return undefined;
  try {
    const folder = project.value.dir.enter(OWN_FOLDER);
    try {
      const head = readHead(folder, ownFolderOf(root));
      if (!head.ok || head.value === undefined) return undefined;
      if (matchesDigest(bundleRoot, head.value.bundleRoot, nodeCrypto)) return undefined;
      return isInLine(folder, bundleRoot, head.value) ? head.value.runId : undefined;
    } finally {
      folder.close();
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return undefined;
  } finally {
    project.value.close();
  }
}
