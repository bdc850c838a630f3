/**
 * CUT.json: the bundle at which the line of a project begins after older ones were forgotten (PROTOCOL 18). Canonical JSON and a line
 * feed:
 *
 *     {"bundle_root":"…","cut_at":"2026-11-25T01:02:03Z","failed_runs":[{"bundle_root":"…","run_id":"…"}],
 *      "forgotten":12,"public_key":"…","signature":"…","version":1}
 *
 * A removed bundle leaves a gap, and a gap is what an attacker leaves. So the one who forgets signs where the line begins, and a reader
 * trusts that signer as the signer of a bundle. The signed message is a domain prefix of its own, then the canonical form of all
 * members but `signature`: no other signature of the key can be passed off as one over a cut.
 *
 * @module
 */

import { FAILED_RUNS, type FailedRun, NO_FAILED_RUNS } from "../artifacts/failed-runs.ts";
import { parsePublicKey, type SignerIdentity } from "../artifacts/identity.ts";
import type { VerifiedBundle } from "../bundle/judge.ts";
import { concatBytes } from "../bytes/bytes.ts";
import type { Crypto } from "../bytes/crypto.ts";
import { verifyStrictly } from "../bytes/ed25519-rule.ts";
import type { HexDigest } from "../bytes/hex.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { encodeOwn } from "../json/canonical-json.ts";
import {
  count,
  DIGEST,
  type Fields,
  hexBytes,
  MOMENT,
  object,
  recordFile,
  text,
  where,
} from "../json/record.ts";

/** The file's name in the project's own folder. */
export const CUT_NAME = "CUT.json";

const DOMAIN_PREFIX = "RUNSEAL-CUT-v1:";

const VERSION = 1;

/** What a signer vouches for. */
export interface CutFacts {
  /** The root of the bundle at which the line now begins. */
  readonly bundleRoot: HexDigest;
  /** RFC 3339, UTC, whole seconds: the signer's own word. */
  readonly cutAt: string;
  /** Forgotten runs that the bundles which stay list as failed. Each has a root. */
  readonly failedRuns: readonly FailedRun[];
  /** How many bundles were forgotten since the line began, in all cuts together. */
  readonly forgotten: number;
}

/** A cut whose signature holds. */
export interface HistoryCut extends CutFacts {
  readonly signer: SignerIdentity;
}

/** A CUT.json that does not hold: the line is read as if there were none. */
export interface CutFault {
  readonly ok: false;
  readonly reason: "malformed" | "signature";
}

/** What is signed. */
interface CutMembers extends CutFacts {
  /** 64 hex. */
  readonly publicKey: string;
}

const MEMBERS: Fields<CutMembers> = {
  bundleRoot: DIGEST,
  cutAt: MOMENT,
  failedRuns: where(FAILED_RUNS, (runs) => runs.every((run) => run.bundleRoot !== undefined)),
  forgotten: where(count(), (runs) => runs > 0),
  publicKey: text(),
};

const SIGNED = object<CutMembers>(MEMBERS, { version: VERSION });

const FILE = recordFile<CutMembers & { readonly signature: Uint8Array }>(VERSION, {
  ...MEMBERS,
  signature: hexBytes(64),
});

/** Encodes the message for Ed25519, raw bytes. */
export function encodeCutMessage(facts: CutFacts, { publicKeyHex }: SignerIdentity): Uint8Array {
  const signed = SIGNED.write({ ...facts, publicKey: publicKeyHex });
  return concatBytes([encodeUtf8(DOMAIN_PREFIX), encodeOwn(signed)]);
}

/** Encodes the file: one line with its line feed. `signature`: 64 raw bytes over `encodeCutMessage`. */
export function encodeCut(
  facts: CutFacts,
  { publicKeyHex }: SignerIdentity,
  signature: Uint8Array,
): Uint8Array {
  return FILE.encode({ ...facts, publicKey: publicKeyHex, signature });
}

/** Reads the file. It is, byte for byte, what `encodeCut` gives, and its signature holds; else a fault. */
export function readCut(bytes: Uint8Array, crypto: Crypto): HistoryCut | CutFault {
  const file = FILE.parse(bytes);
  const signer = file && parsePublicKey(file.publicKey, crypto);
  if (file === undefined || signer === undefined) return { ok: false, reason: "malformed" };
  const { bundleRoot, cutAt, failedRuns, forgotten, signature } = file;
  const cut = { bundleRoot, cutAt, failedRuns, forgotten, signer };
  return verifyStrictly(signer.publicKey, encodeCutMessage(cut, signer), signature, crypto)
    ? cut
    : { ok: false, reason: "signature" };
}

/** What a trust policy needs to decide about the signer of a cut, as about the signer of a bundle (PROTOCOL 12). */
export function signedCut({
  cutAt,
  signer,
}: HistoryCut): Pick<VerifiedBundle, "signer" | "binding" | "countersignatures" | "timestamps"> {
  const binding = { sealedAt: cutAt, previousBundleRoot: undefined, failedRuns: NO_FAILED_RUNS };
  return { signer, binding, countersignatures: [], timestamps: undefined };
}

/** Whether a CUT.json holds. */
export function isCut(cut: HistoryCut | CutFault | undefined): cut is HistoryCut {
  return cut !== undefined && !("ok" in cut);
}
