/**
 * OUTPUTS_ROOT.json of a new bundle, signed by the same key: by it one file can be shown to be in the run without
 * the others (PROTOCOL 18).
 *
 * @module
 */

import { encodeOutputsMessage, encodeOutputsRoot, ok, type Result, stateOutputs } from "../../core/index.ts";
import { type Signer, signChecked } from "../keys/signer.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { OperationFault } from "../operation-fault.ts";
import type { BundleContents, SignedArtifacts } from "./bundle-artifacts.ts";

/**
 * States and signs the outputs. `undefined` for a failed run, of which nothing is to be proven, and where a name is
 * one that the tree can't hold. Fails as `signChecked` does.
 */
export async function signOutputsRoot(
  { outcome, outputs, runId, sealedAt }: BundleContents,
  { bundleRoot, signer: identity }: SignedArtifacts,
  signer: Signer,
  signal: AbortSignal | undefined,
): Promise<Result<Uint8Array | undefined, OperationFault>> {
  if (outcome.status === "failure") return ok(undefined);
  const { validatorId } = identity;
  const statement = stateOutputs({ bundleRoot, outputs, runId, sealedAt, validatorId }, nodeCrypto);
  if (!statement.ok) return ok(undefined);
  const signature = await signChecked(signer, encodeOutputsMessage(statement.value), signal);
  if (!signature.ok) return signature;
  return ok(encodeOutputsRoot({ ...statement.value, signature: signature.value }));
}
