/**
 * Countersigning a bundle (PROTOCOL 12): vouching for the bundle of another signer, after verifying all of it.
 *
 * @module
 */

import { join } from "node:path";
import {
  addCountersignature,
  COUNTERSIGNATURES_NAME,
  type CountersignatureFinding,
  type CountersignaturesReading,
  encodeCountersigningMessage,
  findCountersignatures,
  formatUtcSecond,
  type HexDigest,
  identityOf,
  MAX_COUNTERSIGNATURES_BYTES,
  matchesDigest,
  type NewCountersignature,
  ok,
  type Result,
  type SignerIdentity,
  type VerifiedBundle,
} from "../../../core/internal.ts";
import { judgeBundle, type VerifyRequest } from "../../judge/verify/verify-bundle-files.ts";
import { type Signer, signChecked } from "../../keys/signer.ts";
import { editBundleFile } from "../../records/bundle/edit-bundle-file.ts";
import type { VerifyFailure } from "../../records/bundle/verify-context.ts";
import { FileEdit } from "../../system/locks/file-edit.ts";
import { throwIfInterrupted } from "../../system/runtime/interruption.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** What to countersign, who does, and when. */
export interface CountersignRequest extends VerifyRequest {
  /** Called once the bundle is accepted: for a rejected one no passphrase is asked. */
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
  /** Seconds since 1970. */
  readonly now: number;
}

/** A signer that the caller refuses. Nothing was signed. */
export interface RefusedSigner<Refusal> {
  readonly ok: false;
  readonly code: "SIGNER_REFUSED";
  readonly message: string;
  readonly refusal: Refusal;
  readonly bundle: VerifiedBundle;
}

/** Refuses the signer of a bundle that is sound. */
export function refusedSigner<Refusal>(refusal: Refusal, bundle: VerifiedBundle): RefusedSigner<Refusal> {
  const message = "the bundle is sound, and the caller refused its signer";
  return { ok: false, code: "SIGNER_REFUSED", message, refusal, bundle };
}

/** A bundle with one countersignature more. */
export interface CountersignedBundle {
  readonly bundle: VerifiedBundle;
  readonly countersigner: SignerIdentity;
  readonly signedAt: string;
  /** How many countersignatures hold now. */
  readonly holding: number;
}

/**
 * Verifies a bundle and all its outputs as they were sealed, from the store where the folder differs unless `from` says otherwise. Then adds a
 * countersignature. Fails as verification does; with
 * COUNTERSIGNER_IS_SIGNER or NOTHING_TO_ADD, for one key is one vote; with COUNTERSIGNATURES_MALFORMED
 * where what is there can't be added to; with SIGNER_REFUSED if the caller refuses the signer. Then nothing has changed.
 */
export async function countersignBundle<Refusal>(
  request: CountersignRequest & {
    /** Says why the signer of an accepted bundle is not to be vouched for; `undefined`: it is. */
    readonly refuseSigner: (bundle: VerifiedBundle) => Refusal | undefined;
  },
): Promise<Result<CountersignedBundle, VerifyFailure | RefusedSigner<Refusal>>> {
  const { bundle: path, from = "either", now, signal } = request;
  const verdict = await judgeBundle({ ...request, from });
  if (!verdict.ok) return verdict;
  const bundle = verdict.value;
  const refusal = request.refuseSigner(bundle);
  if (refusal !== undefined) return refusedSigner(refusal, bundle);
  // The signer may need the terminal.
  request.progress?.end();
  const opened = await request.openSigner();
  if (!opened.ok) return opened;
  using signer = opened.value;
  const countersigner = identityOf(signer.publicKey(), nodeCrypto);
  const { validatorId } = countersigner;
  if (matchesDigest(bundle.signer.validatorId, validatorId, nodeCrypto)) {
    return operationFault("COUNTERSIGNER_IS_SIGNER", { path });
  }
  // Asked before signing too: a person should not have to touch a token for nothing.
  if (hasSigned(bundle.countersignatures, validatorId)) {
    await FileEdit.sweep(join(path, COUNTERSIGNATURES_NAME), signal);
    return operationFault("NOTHING_TO_ADD", { reason: "countersigned", path });
  }
  const signedAt = formatUtcSecond(now);
  const message = encodeCountersigningMessage({ bundleRoot: bundle.bundleRoot, validatorId, signedAt });
  const signature = await signChecked(signer, message, signal);
  if (!signature.ok) return signature;
  throwIfInterrupted(signal);
  const added = { signer: countersigner, signedAt, signature: signature.value };
  const holding = await addTo(path, bundle.bundleRoot, added, signal);
  return holding.ok ? ok({ bundle, countersigner, signedAt, holding: holding.value }) : holding;
}

async function addTo(
  path: string,
  bundleRoot: HexDigest,
  added: NewCountersignature,
  signal: AbortSignal | undefined,
): Promise<Result<number, OperationFault>> {
  const look = (reading: CountersignaturesReading): readonly CountersignatureFinding[] =>
    findCountersignatures(reading, bundleRoot, nodeCrypto);
  const { validatorId } = added.signer;
  const file = { name: COUNTERSIGNATURES_NAME, limit: MAX_COUNTERSIGNATURES_BYTES, signal };
  return await editBundleFile<number>(path, file, (before) => {
    if (before.kind !== "missing" && before.kind !== "bytes")
      return operationFault("COUNTERSIGNATURES_MALFORMED", { path });
    // While the signer was asked, another process may have written there.
    if (hasSigned(look(before), validatorId))
      return operationFault("NOTHING_TO_ADD", { reason: "countersigned", path });
    const bytes = addCountersignature(before, added);
    if (!bytes.ok) return operationFault(bytes.code, { path });
    const after = look({ kind: "bytes", bytes: bytes.value });
    if (!hasSigned(after, validatorId)) throw new Error("a countersignature of our own does not hold");
    return ok({ bytes: bytes.value, value: after.filter(({ kind }) => kind === "holds").length });
  });
}

function hasSigned(findings: readonly CountersignatureFinding[], validatorId: HexDigest): boolean {
  return findings.some(
    (finding) =>
      finding.kind === "holds" && matchesDigest(finding.signer.validatorId, validatorId, nodeCrypto),
  );
}
