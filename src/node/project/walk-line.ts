/**
 * Walking the line of a project backwards, for what depends on a run having been in it.
 *
 * What a bundle claims of its root costs nothing to write: a folder with the head's root and a link to any other one
 * would make that other one part of the line. So the way goes only through bundles whose root is recomputed.
 *
 * @module
 */

import {
  DigestIndex,
  type HexDigest,
  isHexDigest,
  isJsonObject,
  judgeCandidate,
  matchesDigest,
} from "../../core/index.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { openBundle } from "../files/open-bundle.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { verifyContext } from "../verify/verify-bundle-files.ts";
import { openRuns, readRunLinks } from "./run-links.ts";

/**
 * Whether one bundle is another, or before it. `folder` is the project's own. Each bundle on the way is read once, so
 * the time is in proportion to them. Throws what the system says.
 */
export function isInLine(folder: AnchoredDir, wanted: HexDigest, from: HexDigest): boolean {
  const runs = openRuns(folder);
  if (runs === undefined) return matchesDigest(wanted, from, nodeCrypto);
  try {
    const claimed = new DigestIndex<string>(nodeCrypto);
    for (const { bundleRoot, runId } of readRunLinks(folder)) {
      if (bundleRoot !== undefined) claimed.add(bundleRoot, runId);
    }
    const seen = new Set<string>();
    for (let root: HexDigest | undefined = from; root !== undefined; ) {
      if (matchesDigest(wanted, root, nodeCrypto)) return true;
      const bearers = claimed.at(root).filter((runId) => !seen.has(runId));
      for (const runId of bearers) seen.add(runId);
      root = previousOf(runs, root, bearers);
    }
    return false;
  } finally {
    runs.close();
  }
}

/** What the bundle of a root names before it, by the first of those that claim the root and have it. */
function previousOf(runs: AnchoredDir, root: HexDigest, bearers: readonly string[]): HexDigest | undefined {
  for (const runId of bearers) {
    const opened = openBundle(runs.address(runId));
    const judged = opened.ok ? judgeCandidate(opened.value, verifyContext()) : opened;
    if (!judged.ok || !matchesDigest(root, judged.value.bundleRoot, nodeCrypto)) continue;
    const binding = judged.value.status.get("runseal");
    const previous = isJsonObject(binding) ? binding.get("previous_bundle_root") : undefined;
    return isHexDigest(previous) ? previous : undefined;
  }
  return undefined;
}
