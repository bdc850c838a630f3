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

import {
  encodeFailedRun,
  type FailedRun,
  NO_FAILED_RUNS,
  readFailedRunList,
} from "../artifacts/failed-runs.ts";
import { parsePublicKey, type SignerIdentity } from "../artifacts/identity.ts";
import type { VerifiedBundle } from "../bundle/verify-bundle.ts";
import { concatBytes, isSameBytes } from "../bytes/bytes.ts";
import type { Crypto } from "../bytes/crypto.ts";
import { verifyStrictly } from "../bytes/ed25519-rule.ts";
import { type HexDigest, isHexDigest, parseHex, toHex } from "../bytes/hex.ts";
import { isUtcSecond } from "../bytes/utc-time.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { encodeOwn } from "../json/canonical-json.ts";
import {
  asCount,
  hasExactly,
  isJsonObject,
  type JsonMember,
  type JsonObject,
  jsonObject,
} from "../json/json-value.ts";
import { parseStrictJson } from "../json/strict-json.ts";

/** The file's name in the project's own folder. */
export const CUT_NAME = "CUT.json";

const DOMAIN_PREFIX = "RUNSEAL-CUT-v1:";

const VERSION = 1;

const MEMBERS = [
  ...["bundle_root", "cut_at", "failed_runs", "forgotten"],
  ...["public_key", "signature", "version"],
];

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

/** Encodes the message for Ed25519, raw bytes. */
export function encodeCutMessage(facts: CutFacts, signer: SignerIdentity): Uint8Array {
  return concatBytes([encodeUtf8(DOMAIN_PREFIX), encodeOwn(jsonObject(membersOf(facts, signer)))]);
}

/** Encodes the file: one line with its line feed. `signature`: 64 raw bytes over `encodeCutMessage`. */
export function encodeCut(facts: CutFacts, signer: SignerIdentity, signature: Uint8Array): Uint8Array {
  const file = jsonObject({ ...membersOf(facts, signer), signature: toHex(signature) });
  return concatBytes([encodeOwn(file), encodeUtf8("\n")]);
}

/** Reads the file. It is, byte for byte, what `encodeCut` gives, and its signature holds; else a fault. */
export function readCut(bytes: Uint8Array, crypto: Crypto): HistoryCut | CutFault {
  const parsed = parseStrictJson(bytes);
  const read = parsed.ok && isJsonObject(parsed.value) ? parseMembers(parsed.value, crypto) : undefined;
  if (read === undefined) return { ok: false, reason: "malformed" };
  const { cut, signature } = read;
  if (!isSameBytes(encodeCut(cut, cut.signer, signature), bytes)) return { ok: false, reason: "malformed" };
  const message = encodeCutMessage(cut, cut.signer);
  return verifyStrictly(cut.signer.publicKey, message, signature, crypto)
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

function membersOf(
  { bundleRoot, cutAt, failedRuns, forgotten }: CutFacts,
  signer: SignerIdentity,
): Readonly<Record<string, JsonMember>> {
  return {
    bundle_root: bundleRoot,
    cut_at: cutAt,
    failed_runs: failedRuns.map(encodeFailedRun),
    forgotten,
    public_key: signer.publicKeyHex,
    version: VERSION,
  };
}

function parseMembers(
  file: JsonObject,
  crypto: Crypto,
): { readonly cut: HistoryCut; readonly signature: Uint8Array } | undefined {
  if (!hasExactly(file, MEMBERS) || asCount(file.get("version")) !== VERSION) return undefined;
  const text = (member: string): string => {
    const value = file.get(member);
    return typeof value === "string" ? value : "";
  };
  const bundleRoot = file.get("bundle_root");
  const cutAt = text("cut_at");
  const failedRuns = readFailedRunList(file.get("failed_runs") ?? null);
  const forgotten = asCount(file.get("forgotten"));
  const signer = parsePublicKey(text("public_key"), crypto);
  const signature = parseHex(text("signature"), 64);
  if (!isHexDigest(bundleRoot) || !isUtcSecond(cutAt) || forgotten === undefined) return undefined;
  if (failedRuns === undefined || failedRuns.some((run) => run.bundleRoot === undefined)) return undefined;
  if (signer === undefined || signature === undefined || forgotten === 0) return undefined;
  return { cut: { bundleRoot, cutAt, failedRuns, forgotten, signer }, signature };
}
