/**
 * A verdict that travels: the statement of an accepted and trusted bundle, signed by the verifier's own key, as a file.
 *
 * @module
 */

import {
  encodeOwn,
  encodeStatement,
  envelopeObject,
  IN_TOTO_PAYLOAD_TYPE,
  identityOf,
  type MachineReason,
  ok,
  preAuthEncoding,
  type Result,
  type SignerIdentity,
  type VerdictFacts,
  verdictStatement,
} from "../../core/internal.ts";
import { placeNewFile, refuseTakenName } from "../files/place-new-file.ts";
import { type Signer, signChecked } from "../keys/signer.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";

/** What to attest, who does, and where it goes. */
export interface AttestRequest {
  readonly facts: VerdictFacts;
  readonly file: string;
  /** Called once the verdict is known: for a rejected bundle no passphrase is asked. */
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
  readonly signal?: AbortSignal | undefined;
}

/** An attestation in its file. */
export interface Attestation {
  readonly file: string;
  /** Who verified. */
  readonly verifier: SignerIdentity;
}

/**
 * Signs a verdict and writes the envelope. Fails with ATTESTATION_EXISTS where the name is taken, before a key is opened and again by the
 * system call that gives the file its name; as signers do; or with WRITE_FAILED. On a failure no file is there.
 */
export async function attestVerdict(request: AttestRequest): Promise<Result<Attestation, OperationFault>> {
  const { facts, file, signal } = request;
  const taken = refuseTaken(file);
  if (taken !== undefined) return taken;
  const opened = await request.openSigner();
  if (!opened.ok) return opened;
  using signer = opened.value;
  const verifier = identityOf(signer.publicKey(), nodeCrypto);
  const payload = encodeStatement(verdictStatement(facts, nodeCrypto));
  const payloadType = IN_TOTO_PAYLOAD_TYPE;
  const signature = await signChecked(signer, preAuthEncoding(payloadType, payload), signal);
  if (!signature.ok) return signature;
  const signatures = [{ keyId: verifier.fingerprint, signature: signature.value }];
  const bytes = Buffer.concat([
    encodeOwn(envelopeObject({ payload, payloadType, signatures })),
    Buffer.from("\n"),
  ]);
  return faultOf(file, placeNewFile(file, bytes)) ?? ok({ file, verifier });
}

function refuseTaken(file: string): OperationFault | undefined {
  return faultOf(file, refuseTakenName(file));
}

function faultOf(file: string, reason: MachineReason | undefined): OperationFault | undefined {
  if (reason === undefined) return undefined;
  return reason === "already-there"
    ? operationFault("ATTESTATION_EXISTS", { path: file })
    : operationFault("WRITE_FAILED", { path: file, reason });
}
