/**
 * Walks the history of a project backwards.
 *
 * An attacker can write any root into a bundle: a folder with the head's root and a link to any other bundle would make
 * that bundle part of the history. So the walk recomputes the root of every bundle on the way.
 *
 * @module
 */

import {
  DigestIndex,
  type HexDigest,
  isHexDigest,
  type JsonObject,
  judgeHere,
  matchesDigest,
  RESTORE,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { verifyContext } from "../bundle/verify-context.ts";
import type { ProjectHead } from "./head-file.ts";
import { newestRuns, openRuns, previousRootIn, readLinks } from "./run-links.ts";

/** A place in the history: a root that the head, or the run after it, names. */
export interface HistoryStep {
  readonly root: HexDigest;
  /** The run with that root; undefined where none is there. Throws what the system says. */
  readonly open: () => WalkedRun | undefined;
}

/** A run of the history. */
export interface WalkedRun {
  readonly runId: string;
  readonly taskSpec: JsonObject;
  readonly previous: HexDigest | undefined;
}

/**
 * Whether a bundle is the one of a head, or before it. `folder` is the project's own. The bundle right before it is found
 * by the head's name; for others, bundles are read from the newest on. Throws what the system says.
 */
export function isInHistory(folder: AnchoredDir, wanted: HexDigest, head: ProjectHead): boolean {
  for (const { root } of walkBack(folder, head)) if (matchesDigest(wanted, root, nodeCrypto)) return true;
  return false;
}

/** The history from a head backwards, as far as its bundles are there. `folder` is the project's own. Throws what the system says. */
export function* walkBack(folder: AnchoredDir, head: ProjectHead): Generator<HistoryStep> {
  using runs = openRuns(folder);
  const claimed = new DigestIndex<string>(nodeCrypto);
  let unread: IterableIterator<string> | undefined;
  const find = (root: HexDigest, named: readonly string[]): WalkedRun | undefined => {
    if (runs === undefined) return undefined;
    const found = findRun(runs, root, [...named, ...claimed.at(root)]);
    if (found !== undefined) return found;
    unread ??= newestRuns(runs).values();
    for (const runId of unread) {
      const { bundleRoot } = readLinks(runs, runId);
      if (bundleRoot === undefined) continue;
      claimed.add(bundleRoot, runId);
      const run = matchesDigest(root, bundleRoot, nodeCrypto) ? findRun(runs, root, [runId]) : undefined;
      if (run !== undefined) return run;
    }
    return undefined;
  };
  let named = [head.runId];
  for (let root: HexDigest | undefined = head.bundleRoot; root !== undefined; named = []) {
    const at = { root, named };
    let found: { readonly run: WalkedRun | undefined } | undefined;
    const open = (): WalkedRun | undefined => {
      found ??= { run: find(at.root, at.named) };
      return found.run;
    };
    yield { root, open };
    root = open()?.previous;
  }
}

/** The first of those that claim a root and have it. */
function findRun(runs: AnchoredDir, root: HexDigest, bearers: readonly string[]): WalkedRun | undefined {
  for (const runId of bearers) {
    const opened = openBundle(runs.address(runId));
    const judged = opened.ok ? judgeHere(opened.value, verifyContext(), RESTORE) : opened;
    if (!judged.ok || !matchesDigest(root, judged.value.bundleRoot, nodeCrypto)) continue;
    const { status, taskSpec } = judged.value;
    const previous = previousRootIn(status);
    return { runId, taskSpec, previous: isHexDigest(previous) ? previous : undefined };
  }
  return undefined;
}
