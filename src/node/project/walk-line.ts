/**
 * Walks the line of a project backwards, to find out whether a run is in it.
 *
 * An attacker can write any root into a bundle: a folder with the head's root and a link to any other bundle would make
 * that bundle part of the line. So the walk recomputes the root of every bundle on the way.
 *
 * @module
 */

import {
  DigestIndex,
  type HexDigest,
  isHexDigest,
  judgeCandidate,
  matchesDigest,
} from "../../core/internal.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { verifyContext } from "../bundle/verify-context.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { ProjectHead } from "./head.ts";
import { openRuns, previousRootIn, readRunLinks } from "./run-links.ts";

/**
 * Whether a bundle is the one of a head, or before it. `folder` is the project's own. The bundle right before it is found
 * by the head's name, independent of the number of runs; for others, all bundles are read once. Throws what the system says.
 */
export function isInLine(folder: AnchoredDir, wanted: HexDigest, head: ProjectHead): boolean {
  if (matchesDigest(wanted, head.bundleRoot, nodeCrypto)) return true;
  using runs = openRuns(folder);
  if (runs === undefined) return false;
  const previous = previousOf(runs, head.bundleRoot, [head.runId]);
  if (previous !== undefined && matchesDigest(wanted, previous, nodeCrypto)) return true;
  return isOnTheWay(folder, runs, wanted, previous ?? head.bundleRoot);
}

function isOnTheWay(folder: AnchoredDir, runs: AnchoredDir, wanted: HexDigest, from: HexDigest): boolean {
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
}

/** What the bundle of a root names before it, by the first of those that claim the root and have it. */
function previousOf(runs: AnchoredDir, root: HexDigest, bearers: readonly string[]): HexDigest | undefined {
  for (const runId of bearers) {
    const opened = openBundle(runs.address(runId));
    const judged = opened.ok ? judgeCandidate(opened.value, verifyContext()) : opened;
    if (!judged.ok || !matchesDigest(root, judged.value.bundleRoot, nodeCrypto)) continue;
    const previous = previousRootIn(judged.value.status);
    return isHexDigest(previous) ? previous : undefined;
  }
  return undefined;
}
