/** Signing what in-toto defines, in an envelope of DSSE. @module */

import {
  type DsseEnvelope,
  IN_TOTO_PAYLOAD_TYPE,
  ok,
  preAuthEncoding,
  type Result,
} from "../../core/internal.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import { type Signer, signChecked } from "./signer.ts";

/** Signs a payload of in-toto. `keyId` is a hint for readers. Fails as `signChecked` does. */
export async function signEnvelope(
  signer: Signer,
  payload: Uint8Array,
  keyId: string,
  signal?: AbortSignal,
): Promise<Result<DsseEnvelope, OperationFault>> {
  const payloadType = IN_TOTO_PAYLOAD_TYPE;
  const signature = await signChecked(signer, preAuthEncoding(payloadType, payload), signal);
  if (!signature.ok) return signature;
  return ok({ payload, payloadType, signatures: [{ keyId, signature: signature.value }] });
}
