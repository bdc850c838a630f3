/**
 * OUTPUTS_ROOT.json of a new bundle, signed by the same key: it lets a proof show that one file is in the run without the
 * other files (PROTOCOL 18).
 *
 * @module
 */

import {
  computeManifestRoot,
  encodeOutputsMessage,
  encodeOutputsRoot,
  type HexDigest,
  ok,
  type Result,
} from "../../../core/internal.ts";
import { type Signer, signChecked } from "../../keys/signer.ts";
import { waitUnlessInterrupted } from "../../system/runtime/interruption.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { SignedArtifacts } from "./bundle-artifacts.ts";
import type { BundleContents } from "./bundle-contents.ts";

/** The Merkle root of the outputs, as soon as it is known. */
export type OutputsRoot = Promise<HexDigest>;

/**
 * States and signs the outputs. `undefined` for a failed run and for one without files, for which no proofs are made, and if the Merkle tree can't
 * contain a name (`C:x`, whose second character is a colon). Fails as `signChecked` does.
 *
 * @param computed the root, if another thread computes it.
 */
export async function signOutputsRoot(
  { given, outcome, outputs, runId, sealedAt: sealed }: BundleContents,
  { bundleRoot, signer: identity }: SignedArtifacts,
  signer: Signer,
  signal: AbortSignal | undefined,
  computed: OutputsRoot | undefined,
): Promise<Result<Uint8Array | undefined, OperationFault>> {
  if (outcome.status === "failure" || outputs.length === 0) return ok(undefined);
  const { validatorId } = identity;
  const root = computed
    ? ok(await waitUnlessInterrupted(computed, signal))
    : computeManifestRoot(outputs, nodeCrypto);
  if (!root.ok) return ok(undefined);
  // The signer's own time, also for what was sealed elsewhere: trust in the key is judged at it.
  const sealedAt = given?.signedAt ?? sealed;
  const statement = { bundleRoot, outputsRoot: root.value, runId, sealedAt, validatorId };
  const signature = await signChecked(signer, encodeOutputsMessage(statement), signal);
  if (!signature.ok) return signature;
  return ok(encodeOutputsRoot({ ...statement, signature: signature.value }));
}
