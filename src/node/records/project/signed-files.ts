/**
 * CUT.json and DROPPED.json in a project's own folder (PROTOCOL 18).
 *
 * @module
 */

import {
  identityOf,
  isSigned,
  type Result,
  type Signed,
  type SignedFault,
  type SignedFile,
} from "../../../core/internal.ts";
import { type Signer, signChecked } from "../../keys/signer.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { readRegularFile } from "../../system/files/read-source.ts";
import { writeRecord } from "../../system/files/record-file.ts";
import { takeBreath } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { HeldProject } from "./held-project.ts";

/** Reads a signed file of a project by its own folder; `undefined` if there is none. Throws what the system says. */
export function readSignedFile<Facts extends object>(
  own: AnchoredDir,
  { maxBytes, name, read }: SignedFile<Facts>,
): Signed<Facts> | SignedFault | undefined {
  const reading = readRegularFile(own, name, maxBytes, fs);
  if (reading.kind === "missing") return undefined;
  return reading.kind === "bytes" ? read(reading.bytes, nodeCrypto) : { ok: false, reason: "malformed" };
}

/** Says why a reader would refuse a statement that is about to be signed; gives nothing if all is well. */
export interface Admitting<Statement, Refusal> {
  readonly admit: (statement: Statement) => Promise<Refusal | undefined>;
}

/** Who signs. */
interface SignRequest<Facts, Refusal> extends Admitting<Signed<Facts>, Refusal> {
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Signs facts, and puts the file in the place of the one before, in one step and durably. Fails as the signer does; as the caller refuses
 * the signer; and with WRITE_FAILED, before it writes also where the file would be too long to be read. Throws an Interruption before it
 * writes.
 */
export async function signFile<Facts extends object, Refusal>(
  { folder, shown }: HeldProject,
  { encode, encodeMessage, maxBytes, name, read }: SignedFile<Facts>,
  facts: Facts,
  { admit, openSigner, signal }: SignRequest<Facts, Refusal>,
): Promise<OperationFault | Refusal | undefined> {
  const opened = await openSigner();
  if (!opened.ok) return opened;
  using signer = opened.value;
  const identity = identityOf(signer.publicKey(), nodeCrypto);
  const refusal = await admit({ ...facts, signer: identity });
  if (refusal !== undefined) return refusal;
  const signature = await signChecked(signer, encodeMessage(facts, identity), signal);
  if (!signature.ok) return signature;
  const bytes = encode(facts, identity, signature.value);
  const path = `${shown}/${name}`;
  if (bytes.length > maxBytes || !isSigned(read(bytes, nodeCrypto)))
    return operationFault("WRITE_FAILED", { path });
  // The last chance to stop: from here on bundles or bytes go.
  await takeBreath(signal);
  try {
    // [signed-file] Before the first bundle or byte goes: what is missing without a statement is a gap.
    writeRecord(folder, name, bytes, 0o644);
    return undefined;
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path, reason: reasonOf(thrown) });
  }
}
