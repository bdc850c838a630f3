/**
 * Verifying a chain: bundles in the order in which their runs happened (PROTOCOL 9). All or nothing.
 *
 * @module
 */

import type { Binding } from "../../records/artifacts/binding.ts";
import { computeChainRoot } from "../../records/artifacts/chain-root.ts";
import type { SignerIdentity } from "../../records/artifacts/identity.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { type HexDigest, ownDigest } from "../../system/bytes/hex.ts";
import { DEFAULT_LIMITS } from "../../system/bytes/limits.ts";
import { ok, type Result } from "../../system/bytes/result.ts";
import { compareUtf8, copyText } from "../../system/bytes/utf8.ts";
import { type Rejection, reject } from "../../system/codes/verdict.ts";
import { isJsonObject } from "../../system/json/json-value.ts";
import type { BundleFacts } from "./bundle-facts.ts";
import { type ChainNote, NoteFinder } from "./chain-notes.ts";
import { type DroppedBundle, isVerified, type VerifiedBundle } from "./judge.ts";

/** What is kept of a bundle of a chain: a chain may have 100,000. Its documents are let go. */
export interface ChainBundle
  extends Pick<
    BundleFacts,
    "runId" | "bundleRoot" | "signer" | "binding" | "countersignatures" | "timestamps"
  > {
  /** How many files it claims. */
  readonly files: number;
  /** Bytes of all files; undefined if some were dropped from the store of its project: the others are as sealed. */
  readonly bytes: number | undefined;
  /** Whether its task names a command. */
  readonly hasCommand: boolean;
}

/** A chain that holds. */
export interface VerifiedChain {
  readonly bundles: readonly ChainBundle[];
  readonly chainRoot: HexDigest;
  /** What was noticed but is not judged. */
  readonly notes: readonly ChainNote[];
}

/** What comes before any bundle is opened. Fails with CHAIN_EMPTY or CHAIN_DUPLICATE_RUN. */
export function checkRunIds(
  runIds: readonly string[],
  limit: number = DEFAULT_LIMITS.runs,
): Rejection | undefined {
  if (runIds.length === 0) return reject("chain", "CHAIN_EMPTY", {});
  if (runIds.length > limit) return reject("chain", "ARTIFACT_MALFORMED", {}, { limit, unit: "runs" });
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const runId of runIds) (seen.has(runId) ? repeated : seen).add(runId);
  if (repeated.size === 0) return undefined;
  return reject("chain", "CHAIN_DUPLICATE_RUN", { duplicates: [...repeated].sort(compareUtf8) });
}

/** A chain under judgement: takes bundles that were each accepted, in order. */
export class BundleChain {
  readonly #bundles: ChainBundle[] = [];
  readonly #notes: NoteFinder;
  readonly #signers = new Map<string, SignerIdentity>();

  /** @param inputs all that its bundles name as inputs, if that is known before: then fewer paths of outputs are kept. */
  constructor(inputs?: ReadonlySet<string>) {
    this.#notes = new NoteFinder(inputs);
  }

  /** Adds the next bundle, and gives what is kept of it. One of which only some outputs were looked at is one whose bytes were dropped. */
  add(bundle: VerifiedBundle | DroppedBundle): ChainBundle {
    const { binding, bundleRoot, bytes, countersignatures, runId, timestamps } = bundle;
    const hashes = bundle.outputHashes.get("hashes");
    // Most bundles of a chain are signed by few.
    const signer = this.#signers.get(bundle.signer.publicKeyHex) ?? bundle.signer;
    this.#signers.set(signer.publicKeyHex, signer);
    this.#notes.add(bundle);
    const kept: ChainBundle = {
      runId,
      bundleRoot,
      signer,
      binding: binding && ownBinding(binding),
      countersignatures,
      timestamps,
      files: isJsonObject(hashes) ? hashes.size : 0,
      bytes: isVerified(bundle) ? bytes : undefined,
      hasCommand: bundle.taskSpec.has("command"),
    };
    this.#bundles.push(kept);
    return kept;
  }

  /**
   * Concludes. Fails with CHAIN_ROOT_MISMATCH where the chain root isn't the expected one (64 lowercase hex; anything else equals
   * nothing), or where a bundle does not name the one before it. `cutRoot` is the root of a bundle that may be the first although it
   * names another one: a signed cut names it (PROTOCOL 18).
   */
  conclude(
    expectedRoot: string | undefined,
    crypto: Crypto,
    cutRoot?: HexDigest,
  ): Result<VerifiedChain, Rejection> {
    const chainRoot = judgeChain(this.#bundles, expectedRoot, crypto, cutRoot);
    if (!chainRoot.ok) return chainRoot;
    return ok({ bundles: this.#bundles, chainRoot: chainRoot.value, notes: this.#notes.notes });
  }
}

/** A copy that keeps no document alive. */
function ownBinding({ failedRuns, previousBundleRoot, sealedAt, signedAt }: Binding): Binding {
  return {
    sealedAt: copyText(sealedAt),
    signedAt: signedAt && copyText(signedAt),
    previousBundleRoot: ownDigest(previousBundleRoot),
    failedRuns,
  };
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
    return reject("chain", "CHAIN_ROOT_MISMATCH", {});
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
