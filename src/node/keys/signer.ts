/**
 * The port that all signers implement: a seed from a key file (`secret-key-signer.ts`), an ssh-agent
 * (`ssh-agent.ts`), a program (`exec-signer.ts`). Callers use `signChecked`, never `sign` itself.
 *
 * @module
 */

import { type Result, verifyStrictly } from "../../core/internal.ts";
import { nodeCrypto } from "../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";

/** A way by which another process of the same user can sign with the same key: a key file without a passphrase, or an agent. */
export type SharedAccess = "plain-file" | "agent";

/** A key that can sign, wherever it is. */
export interface Signer extends Disposable {
  /** Undefined if the signer knows of no such way. */
  readonly sharedAccess?: SharedAccess | undefined;
  /** 32 raw bytes, known before anything is signed. */
  publicKey(): Uint8Array;
  /**
   * Asks for an Ed25519 signature (RFC 8032) over exactly these bytes. The result is not to be
   * trusted until `signChecked` has verified it. Throws an Interruption once the signal has fired.
   */
  sign(message: Uint8Array, signal?: AbortSignal): Promise<Result<Uint8Array, OperationFault>>;
}

/**
 * Signs, and lets no signature out that the core's own rule would refuse: an agent may hold another key under
 * the same name, a program may sign a digest instead of the message, memory may be faulty. Fails with
 * SIGNER_FAILED, or with what the signer says.
 */
export async function signChecked(
  signer: Signer,
  message: Uint8Array,
  signal?: AbortSignal,
): Promise<Result<Uint8Array, OperationFault>> {
  const signature = await signer.sign(message, signal);
  if (!signature.ok) return signature;
  const isRight = verifyStrictly(signer.publicKey(), message, signature.value, nodeCrypto);
  return isRight ? signature : operationFault("SIGNER_FAILED", { reason: "signature-wrong" });
}
