/**
 * A verdict that travels: the statement of an accepted and trusted bundle, signed by the verifier's own key, as a file.
 *
 * @module
 */

import {
  encodeOwn,
  encodeStatement,
  envelopeObject,
  identityOf,
  ok,
  type Result,
  type SignerIdentity,
  type VerdictFacts,
  verdictStatement,
} from "../../../core/internal.ts";
import { signEnvelope } from "../../keys/sign-envelope.ts";
import type { Signer } from "../../keys/signer.ts";
import { digestOf, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { placeExportedFile, refuseExportPlace } from "./export-place.ts";
import type { ExportedFile } from "./export-run.ts";

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
  readonly file: ExportedFile;
  /** Who verified. */
  readonly verifier: SignerIdentity;
}

/**
 * Signs a verdict and writes the envelope. Fails as `refuseExportPlace` does, before a key is opened and again when the file gets its
 * name; as signers do; or with WRITE_FAILED. On a failure no file is there.
 */
export async function attestVerdict(request: AttestRequest): Promise<Result<Attestation, OperationFault>> {
  const { facts, file, signal } = request;
  const refused = refuseExportPlace(file);
  if (refused !== undefined) return refused;
  const opened = await request.openSigner();
  if (!opened.ok) return opened;
  using signer = opened.value;
  const verifier = identityOf(signer.publicKey(), nodeCrypto);
  const payload = encodeStatement(verdictStatement(facts, nodeCrypto));
  const envelope = await signEnvelope(signer, payload, verifier.fingerprint, signal);
  if (!envelope.ok) return envelope;
  const content = Buffer.concat([encodeOwn(envelopeObject(envelope.value)), Buffer.from("\n")]);
  const fault = placeExportedFile(file, content);
  return fault ?? ok({ file: { name: file, content, sha256: digestOf(content) }, verifier });
}
