/**
 * A verdict that travels: the statement of an accepted and trusted bundle, signed by the verifier's own key, as a file.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import {
  encodeOwn,
  encodeStatement,
  envelopeObject,
  IN_TOTO_PAYLOAD_TYPE,
  identityOf,
  ok,
  preAuthEncoding,
  type Result,
  type SignerIdentity,
  type VerdictFacts,
  verdictStatement,
} from "../../core/internal.ts";
import { createFile, syncFolderOf } from "../files/durable-file.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { type Signer, signChecked } from "../keys/signer.ts";
import { attempt, machineReason, reasonOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";

/** The verdict is for every reader, as artifacts are. */
const FILE_MODE = 0o644;

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
  return writeNew(file, bytes) ?? ok({ file, verifier });
}

function refuseTaken(file: string): OperationFault | undefined {
  try {
    const found = fs.lstatSync(file, { throwIfNoEntry: false });
    return found && operationFault("ATTESTATION_EXISTS", { path: file });
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: file, reason: reasonOf(thrown) });
  }
}

/** Writes and syncs the file beside its place, then links it there: link(2) replaces nothing, and a reader never sees half of it. */
function writeNew(file: string, bytes: Uint8Array): OperationFault | undefined {
  const beside = `${file}.${randomBytes(8).toString("hex")}.new`;
  try {
    createFile(beside, bytes, FILE_MODE, fs);
    try {
      linkOrCreate(beside, file, bytes);
    } finally {
      attempt(() => fs.unlinkSync(beside));
    }
    syncFolderOf(file);
    return undefined;
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return reason === "already-there"
      ? operationFault("ATTESTATION_EXISTS", { path: file })
      : operationFault("WRITE_FAILED", { path: file, reason });
  }
}

/** On a file system without hard links, the file is created under its name: exclusively, but a kill can leave a part of it. */
function linkOrCreate(beside: string, file: string, bytes: Uint8Array): void {
  try {
    fs.linkSync(beside, file);
  } catch (thrown) {
    if (machineReason(thrown) !== "no-hard-links") throw thrown;
    createFile(file, bytes, FILE_MODE, fs);
  }
}
