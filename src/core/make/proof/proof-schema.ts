/**
 * Parses PROOF.json strictly (PROTOCOL 10): exactly the members of the format, each of its form. A verdict on a
 * bundle requires far less (section 8, phase 7).
 *
 * A proof of this form may still make false claims: `checkProofDocument` recomputes them.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";
import { compareUtf8 } from "../../system/bytes/utf8.ts";
import { hasExactly, isJsonObject, type JsonObject, type JsonValue } from "../../system/json/json-value.ts";
import {
  checked,
  DIGEST,
  type Kind,
  list,
  MALFORMED,
  named,
  object,
  oneOf,
  optional,
  readAs,
  text,
  where,
} from "../../system/json/record.ts";
import { parseMembershipProof } from "./membership.ts";
import { isManifestEntry } from "./merkle.ts";
import { readProofSignature } from "./proof-signature.ts";
import { type FileManifest, parseRestoration, type Restoration, restorationObject } from "./restoration.ts";

const REQUIRED = [
  "proof_version",
  "run_id",
  "timestamp",
  "catalytic_domains",
  "pre_state",
  "post_state",
  "restoration_result",
  "proof_hash",
] as const;
const OPTIONAL = ["previous_proof_hash", "referenced_artifacts", "signature"] as const;

/** The name of a member of a proof. */
export type ProofField = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number];

/** A proof that is not of the format. */
export interface ProofSchemaFault extends Fault<"PROOF_INVALID"> {
  /** The first member that is missing or malformed; undefined if there is an unknown member. */
  readonly field: ProofField | undefined;
}

/** A state of the scratch folders, as a proof declares it. */
export interface ProofState {
  readonly root: HexDigest;
  readonly manifest: FileManifest;
  /** Membership proofs by path; undefined if the state has none. */
  readonly membershipProofs: JsonObject | undefined;
}

/** A proof of the format's form. */
export interface Proof {
  readonly runId: string;
  readonly timestamp: string;
  readonly domains: readonly string[];
  readonly before: ProofState;
  readonly after: ProofState;
  readonly restoration: Restoration;
  readonly proofHash: HexDigest;
  readonly previousProofHash: HexDigest | undefined;
}

const REFERENCES = object({
  ledgerHash: DIGEST,
  jobspecHash: DIGEST,
  validatorId: optional(object({ validatorSemver: text(), validatorBuildId: text() })),
});

const DOMAINS = where(list(text((domain) => domain !== "")), (domains) => {
  const isAfter = (domain: string, at: number): boolean =>
    at === 0 || compareUtf8(domains[at - 1] ?? "", domain) < 0;
  return domains.length > 0 && domains.every(isAfter);
});

function parseManifest(value: JsonValue | undefined): FileManifest | typeof MALFORMED {
  if (!isJsonObject(value)) return MALFORMED;
  const manifest = new Map<string, HexDigest>();
  for (const [path, digest] of value) {
    if (!isHexDigest(digest) || !isManifestEntry({ path, digest })) return MALFORMED;
    manifest.set(path, digest);
  }
  return manifest;
}

function areMembershipProofs(value: JsonValue | undefined): value is JsonObject {
  if (!isJsonObject(value)) return false;
  return [...value.values()].every((proof) => typeof parseMembershipProof(proof) !== "string");
}

const MANIFEST: Kind<FileManifest> = { read: parseManifest, write: (manifest) => manifest };

const STATE = object<ProofState>({
  root: named("domain_root_hash", DIGEST),
  manifest: named("file_manifest", MANIFEST),
  membershipProofs: optional(checked(areMembershipProofs)),
});

const RESTORATION: Kind<Restoration> = {
  read: (json) => parseRestoration(json) ?? MALFORMED,
  write: restorationObject,
};

const PROOF = object({
  proofVersion: oneOf(["1.0.0"]),
  runId: text((id) => id !== ""),
  timestamp: text(),
  domains: named("catalytic_domains", DOMAINS),
  before: named("pre_state", STATE),
  after: named("post_state", STATE),
  restoration: named("restoration_result", RESTORATION),
  proofHash: DIGEST,
  previousProofHash: optional(DIGEST),
  referencedArtifacts: optional(REFERENCES),
  signature: optional(checked((json): json is JsonObject => isJsonObject(json))),
});

/**
 * Parses a proof. Fails with PROOF_INVALID: another version, an empty run id, domains that are not sorted and
 * distinct, an entry that can't be a leaf, uppercase hex, a `previous_proof_hash` of null, a result that
 * contradicts itself. Accepts any text as `timestamp`.
 */
export function parseProof(value: JsonValue | undefined, crypto: Crypto): Result<Proof, ProofSchemaFault> {
  if (!isJsonObject(value)) return invalid(undefined);
  const absent = REQUIRED.find((field) => !value.has(field));
  if (absent !== undefined) return invalid(absent);
  const read = readAs(PROOF, value);
  // What is not malformed, and not read, has an unknown member.
  if (read === undefined)
    return invalid(hasExactly(value, REQUIRED, OPTIONAL) ? fieldOf(PROOF.breach(value)) : undefined);
  const { proofVersion: _version, referencedArtifacts: _references, signature, ...proof } = read;
  return signature === undefined || readProofSignature(signature, crypto) !== undefined
    ? ok(proof)
    : invalid("signature");
}

function fieldOf(member: string | undefined): ProofField | undefined {
  return [...REQUIRED, ...OPTIONAL].find((field) => field === member);
}

function invalid(field: ProofField | undefined): ProofSchemaFault {
  return { ok: false, code: "PROOF_INVALID", field };
}
