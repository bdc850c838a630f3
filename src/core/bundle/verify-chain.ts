/**
 * Verifying a chain: bundles in the order in which their runs happened (PROTOCOL 9). All or nothing.
 *
 * @module
 */

import { computeChainRoot } from "../artifacts/chain-root.ts";
import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import type { HexDigest } from "../bytes/hex.ts";
import { DEFAULT_LIMITS } from "../bytes/limits.ts";
import { ok, type Result } from "../bytes/result.ts";
import { compareUtf8 } from "../bytes/utf8.ts";
import { type Rejection, reject } from "../codes/verdict.ts";
import { type ChainNote, findNotes, type NotedFacts, notedFacts } from "./chain-notes.ts";
import { type DroppedBundle, FoldedFacts } from "./folded-bundle.ts";
import type { VerifiedBundle } from "./judge.ts";

/** A bundle of a chain. In a project's history, bytes of some may have been dropped. */
export type ChainBundle = VerifiedBundle | DroppedBundle;

/** Whether the bytes of a bundle were dropped. */
export function isDropped(bundle: ChainBundle): bundle is DroppedBundle {
  return !("outputs" in bundle);
}

/** A chain that holds. */
export interface VerifiedChain<Bundle extends ChainBundle = VerifiedBundle> {
  readonly bundles: readonly Bundle[];
  readonly chainRoot: HexDigest;
  /** What was noticed but is not judged. */
  readonly notes: readonly ChainNote[];
}

/** What comes before any bundle is opened. Fails with CHAIN_EMPTY or CHAIN_DUPLICATE_RUN. */
export function checkRunIds(
  runIds: readonly string[],
  limit: number = DEFAULT_LIMITS.runs,
): Rejection | undefined {
  if (runIds.length === 0) return reject("chain", "CHAIN_EMPTY");
  if (runIds.length > limit) return reject("chain", "ARTIFACT_MALFORMED", {}, { limit, unit: "runs" });
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const runId of runIds) (seen.has(runId) ? repeated : seen).add(runId);
  if (repeated.size === 0) return undefined;
  return reject("chain", "CHAIN_DUPLICATE_RUN", { duplicates: [...repeated].sort(compareUtf8) });
}

/**
 * Concludes from bundles that were each accepted, in order. Fails with CHAIN_ROOT_MISMATCH where the
 * chain root isn't the expected one (64 lowercase hex; anything else equals nothing), or where a bundle
 * does not name the one before it. `cutRoot` is the root of a bundle that may be the first although it names another one: a signed cut
 * names it (PROTOCOL 18).
 */
export function concludeChain<Bundle extends ChainBundle>(
  bundles: readonly Bundle[],
  expectedRoot: string | undefined,
  crypto: Crypto,
  cutRoot?: HexDigest,
): Result<VerifiedChain<Bundle>, Rejection> {
  const chainRoot = judgeChain(bundles, expectedRoot, crypto, cutRoot);
  return chainRoot.ok
    ? ok({ bundles, chainRoot: chainRoot.value, notes: findNotes<ChainBundle>(bundles, notedOf, outputsOf) })
    : chainRoot;
}

/** What holds a chain together: all that is looked at of a bundle here. */
export type LinkedBundle = Pick<VerifiedBundle, "runId" | "bundleRoot" | "binding">;

/** The same of bundles that are not verified in full yet, as in the middle of a restore (PROTOCOL 13.3, step 2). */
export function judgeChain(
  bundles: readonly LinkedBundle[],
  expectedRoot: string | undefined,
  crypto: Crypto,
  cutRoot?: HexDigest,
): Result<HexDigest, Rejection> {
  const chainRoot = computeChainRoot(bundles, crypto);
  if (expectedRoot !== undefined && !matchesDigest(chainRoot, expectedRoot, crypto)) {
    return reject("chain", "CHAIN_ROOT_MISMATCH");
  }
  return checkLinks(bundles, crypto, cutRoot) ?? ok(chainRoot);
}

/**
 * Each link must name the bundle root before it; once there is a link, a later bundle without one is a
 * broken link. A first bundle with a link is the rest of a chain whose beginning was removed. If it were
 * accepted, a shortened history would look like a short one.
 */
function checkLinks(
  bundles: readonly LinkedBundle[],
  crypto: Crypto,
  cutRoot: HexDigest | undefined,
): Rejection | undefined {
  let linked = false;
  for (const [index, bundle] of bundles.entries()) {
    const link = bundle.binding?.previousBundleRoot;
    const before = bundles[index - 1];
    const run_id = bundle.runId;
    const isCut = before === undefined && matchesDigest(bundle.bundleRoot, cutRoot, crypto);
    if (before === undefined && link !== undefined && !isCut) {
      return reject("chain", "CHAIN_ROOT_MISMATCH", { run_id }, "first-has-link");
    }
    linked ||= link !== undefined;
    const names = before === undefined || matchesDigest(before.bundleRoot, link, crypto);
    if (linked && !names) return reject("chain", "CHAIN_ROOT_MISMATCH", { run_id });
  }
  return undefined;
}

function notedOf(bundle: ChainBundle): NotedFacts {
  if (isDropped(bundle) || bundle instanceof FoldedFacts) return bundle.noted;
  return notedFacts(bundle.taskSpec, bundle.outputHashes);
}

function outputsOf(bundle: ChainBundle): Iterable<{ readonly path: string }> {
  return isDropped(bundle) ? bundle.claims : bundle.outputs;
}
