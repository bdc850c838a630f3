/**
 * Countersigning a bundle (PROTOCOL 12): vouching for what somebody else sealed, after looking at all of it.
 *
 * @module
 */

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
  matchesDigest,
  type NewCountersignature,
  ok,
  type Result,
  type SignerIdentity,
  type VerifiedBundle,
} from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { machineReason } from "../files/machine-reason.ts";
import { readCountersignatures } from "../files/open-bundle.ts";
import { replaceFile } from "../files/replace-file.ts";
import { throwIfInterrupted } from "../interruption.ts";
import { type Signer, signChecked } from "../keys/signer.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import { type VerifyFailure, type VerifyRequest, verifyBundle } from "../verify/verify-bundle-files.ts";

/** What to countersign, who does, and when. */
export interface CountersignRequest extends VerifyRequest {
  /** Asked once the bundle is accepted: nobody types a passphrase for one that isn't. */
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
  /** Seconds since 1970. */
  readonly now: number;
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
 * Verifies a bundle and all its outputs, then adds a countersignature. Fails as verification does; with
 * COUNTERSIGNER_IS_SIGNER or ALREADY_COUNTERSIGNED, for one key is one vote; with COUNTERSIGNATURES_MALFORMED
 * where what is there can't be added to. Then nothing has changed.
 */
export async function countersignBundle(
  request: CountersignRequest,
): Promise<Result<CountersignedBundle, VerifyFailure>> {
  const { bundle: path, now, signal } = request;
  const verdict = await verifyBundle(request);
  if (!verdict.ok) return verdict;
  const bundle = verdict.value;
  // Whoever signs may want the terminal.
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
  if (hasSigned(bundle.countersignatures, validatorId))
    return operationFault("ALREADY_COUNTERSIGNED", { path });
  const signedAt = formatUtcSecond(now);
  const message = encodeCountersigningMessage({ bundleRoot: bundle.bundleRoot, validatorId, signedAt });
  const signature = await signChecked(signer, message, signal);
  if (!signature.ok) return signature;
  throwIfInterrupted(signal);
  const added = { signer: countersigner, signedAt, signature: signature.value };
  const holding = addTo(path, bundle.bundleRoot, added);
  return holding.ok ? ok({ bundle, countersigner, signedAt, holding: holding.value }) : holding;
}

function addTo(
  path: string,
  bundleRoot: HexDigest,
  added: NewCountersignature,
): Result<number, OperationFault> {
  try {
    const dir = AnchoredDir.open(path, fs);
    try {
      return replaceIn(dir, path, bundleRoot, added);
    } finally {
      dir.close();
    }
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    publishCause(thrown);
    return operationFault("WRITE_FAILED", { path, reason });
  }
}

function replaceIn(
  dir: AnchoredDir,
  path: string,
  bundleRoot: HexDigest,
  added: NewCountersignature,
): Result<number, OperationFault> {
  const look = (reading: CountersignaturesReading): readonly CountersignatureFinding[] =>
    findCountersignatures(reading, bundleRoot, nodeCrypto);
  const { validatorId } = added.signer;
  const before = readCountersignatures(dir, fs);
  // While the signer was asked, somebody else may have written there.
  if (hasSigned(look(before), validatorId)) return operationFault("ALREADY_COUNTERSIGNED", { path });
  const bytes = addCountersignature(before, added);
  if (!bytes.ok) return operationFault(bytes.code, { path });
  const after = look({ kind: "bytes", bytes: bytes.value });
  if (!hasSigned(after, validatorId)) throw new Error("a countersignature of our own does not hold");
  const address = dir.address(COUNTERSIGNATURES_NAME);
  const stats = fs.lstatSync(address, { throwIfNoEntry: false });
  const mode = stats === undefined ? 0o644 : stats.mode & 0o777;
  // Two who countersign at the same moment must not lose one of the two.
  const isCurrent = (): boolean => isSameReading(readCountersignatures(dir, fs), before);
  if (!replaceFile(address, bytes.value, mode, { isCurrent })) {
    return operationFault("CHANGED_WHILE_READ", { path: `${path}/${COUNTERSIGNATURES_NAME}` });
  }
  return ok(after.filter(({ kind }) => kind === "holds").length);
}

function isSameReading(now: CountersignaturesReading, before: CountersignaturesReading): boolean {
  if (now.kind !== "bytes" || before.kind !== "bytes") return now.kind === before.kind;
  return Buffer.compare(now.bytes, before.bytes) === 0;
}

function hasSigned(findings: readonly CountersignatureFinding[], validatorId: HexDigest): boolean {
  return findings.some(
    (finding) =>
      finding.kind === "holds" && matchesDigest(finding.signer.validatorId, validatorId, nodeCrypto),
  );
}
