/**
 * OUTPUTS_ROOT.json of a new bundle, signed by the same key: by it one file can be shown to be in the run without
 * the others (PROTOCOL 18).
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
} from "../../core/internal.ts";
import { type Signer, signChecked } from "../keys/signer.ts";
import { waitUnlessInterrupted } from "../runtime/interruption.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { BundleContents, SignedArtifacts } from "./bundle-artifacts.ts";

/** The root of the tree of the outputs as soon as it is known. */
export type OutputsRoot = Promise<HexDigest>;

/**
 * States and signs the outputs. `undefined` for a failed run, of which nothing is to be proven, and where a name is
 * one that the tree can't hold (`C:x`, whose second character is a colon). Fails as `signChecked` does.
 *
 * @param grown the root, where somebody else grows the tree.
 */
export async function signOutputsRoot(
  { outcome, outputs, runId, sealedAt }: BundleContents,
  { bundleRoot, signer: identity }: SignedArtifacts,
  signer: Signer,
  signal: AbortSignal | undefined,
  grown: OutputsRoot | undefined,
): Promise<Result<Uint8Array | undefined, OperationFault>> {
  if (outcome.status === "failure") return ok(undefined);
  const { validatorId } = identity;
  const root = grown
    ? ok(await waitUnlessInterrupted(grown, signal))
    : computeManifestRoot(outputs, nodeCrypto);
  if (!root.ok) return ok(undefined);
  const statement = { bundleRoot, outputsRoot: root.value, runId, sealedAt, validatorId };
  const signature = await signChecked(signer, encodeOutputsMessage(statement), signal);
  if (!signature.ok) return signature;
  return ok(encodeOutputsRoot({ ...statement, signature: signature.value }));
}
