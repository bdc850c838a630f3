/**
 * Completes an unsigned bundle with what only its signer knows: both links, the runs that failed since, the proof's hash, and, where
 * another process sealed it, that it was signed elsewhere, and when (PROTOCOL 11.1). Every other byte stays.
 *
 * @module
 */

import { computeBundleRoot } from "../../records/artifacts/bundle-root.ts";
import { type FailedRun, failedRunsMembers } from "../../records/artifacts/failed-runs.ts";
import { signedElsewhereMembers } from "../../records/artifacts/signed-elsewhere.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest } from "../../system/bytes/hex.ts";
import { encodeOwn } from "../../system/json/canonical-json.ts";
import { type JsonObject, jsonObject } from "../../system/json/json-value.ts";
import { linkProof } from "../proof/make-proof.ts";
import type { UnsignedBundle } from "./read-unsigned.ts";

/** What the signer adds. */
export interface SignerFacts {
  /** The bundle before it in the signer's history; undefined where the history begins with it. */
  readonly previous: { readonly bundleRoot: HexDigest; readonly proofHash: HexDigest } | undefined;
  /** Runs of the signer's project since that one that failed or were killed, in order of time. */
  readonly failedRuns: readonly FailedRun[];
  /** RFC 3339, UTC, whole seconds; not before the bundle was sealed. Undefined where the process that sealed also signs. */
  readonly signedAt: string | undefined;
}

/** The artifacts that changed, and the root to sign. */
export interface CompletedBundle {
  readonly status: Uint8Array;
  readonly proof: Uint8Array;
  readonly proofHash: HexDigest;
  readonly bundleRoot: HexDigest;
}

/** What a sealer makes without a key. */
export type Completable = Pick<UnsignedBundle, "binding" | "proof" | "status" | "table"> & {
  readonly taskSpec: { readonly bytes: Uint8Array };
};

/** Completes a bundle. Equal inputs give equal bytes. */
export function completeUnsigned(
  unsigned: Completable,
  { failedRuns, previous, signedAt }: SignerFacts,
  crypto: Crypto,
): CompletedBundle {
  const linked = linkProof(unsigned.proof, previous?.proofHash, crypto);
  const proof = encodeOwn(linked.proof);
  const added = jsonObject({
    proof_sha256: digestToHex(crypto.sha256(proof)),
    previous_bundle_root: previous?.bundleRoot,
    ...failedRunsMembers(failedRuns),
    ...(signedAt === undefined ? {} : signedElsewhereMembers(signedAt)),
  });
  const binding: JsonObject = new Map([...unsigned.binding, ...added]);
  const status: JsonObject = new Map([...unsigned.status, ["runseal", binding]]);
  const root = computeBundleRoot(
    { outputHashes: unsigned.table, status, taskSpec: unsigned.taskSpec.bytes },
    crypto,
  );
  if (!root.ok)
    throw new TypeError("a status that runseal writes, or reads in canonical form, holds integers only");
  return { status: encodeOwn(status), proof, proofHash: linked.proofHash, bundleRoot: root.value };
}
