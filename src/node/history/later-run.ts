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
  const opened = openRoot(root);
  if (!opened.ok) return undefined;
  using project = opened.value;
  try {
    using folder = project.dir.enter(OWN_FOLDER);
    const head = readHead(folder, ownFolderOf(root));
    if (!head.ok || head.value === undefined) return undefined;
    if (matchesDigest(bundleRoot, head.value.bundleRoot, nodeCrypto)) return undefined;
    return isInLine(folder, bundleRoot, head.value) ? head.value.runId : undefined;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return undefined;
  }
}
