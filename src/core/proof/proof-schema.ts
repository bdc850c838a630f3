/**
 * Parses PROOF.json strictly (PROTOCOL 10): exactly the members of the format, each of its form. A verdict on a
 * bundle requires far less (section 8, phase 7).
 *
 * A proof of this form may still make false claims: `checkProofDocument` recomputes them.
 *
 * @module
 */

import type { Crypto } from "../bytes/crypto.ts";
import { type HexDigest, isHexDigest } from "../bytes/hex.ts";
import { type Fault, ok, type Result } from "../bytes/result.ts";
import { compareUtf8 } from "../bytes/utf8.ts";
import { hasExactly, isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import {
  checked,
  DIGEST,
  type Kind,
  MALFORMED,
  named,
  object,
  optional,
  readAs,
  text,
} from "../json/record.ts";
import { parseMembershipProof } from "./membership.ts";
import { isManifestEntry } from "./merkle.ts";
import { readProofSignature } from "./proof-signature.ts";
import { type FileManifest, parseRestoration, type Restoration } from "./restoration.ts";

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

/**
 * Parses a proof. Fails with PROOF_INVALID: another version, an empty run id, domains that are not sorted and
 * distinct, an entry that can't be a leaf, uppercase hex, a `previous_proof_hash` of null, a result that
 * contradicts itself. Accepts any text as `timestamp`.
 */
export function parseProof(value: JsonValue | undefined, crypto: Crypto): Result<Proof, ProofSchemaFault> {
  if (!isJsonObject(value)) return invalid(undefined);
  const absent = REQUIRED.find((field) => !value.has(field));
  if (absent !== undefined) return invalid(absent);
  if (!hasExactly(value, REQUIRED, OPTIONAL)) return invalid(undefined);
  const runId = value.get("run_id");
  const timestamp = value.get("timestamp");
  const domains = parseDomains(value.get("catalytic_domains"));
  const before = readAs(STATE, value.get("pre_state"));
  const after = readAs(STATE, value.get("post_state"));
  const restoration = parseRestoration(value.get("restoration_result"));
  const proofHash = value.get("proof_hash");
  const previousProofHash = value.get("previous_proof_hash");
  if (value.get("proof_version") !== "1.0.0") return invalid("proof_version");
  if (typeof runId !== "string" || runId === "") return invalid("run_id");
  if (typeof timestamp !== "string") return invalid("timestamp");
  if (domains === undefined) return invalid("catalytic_domains");
  if (before === undefined) return invalid("pre_state");
  if (after === undefined) return invalid("post_state");
  if (restoration === undefined) return invalid("restoration_result");
  if (!isHexDigest(proofHash)) return invalid("proof_hash");
  if (previousProofHash !== undefined && !isHexDigest(previousProofHash))
    return invalid("previous_proof_hash");
  const malformed = findMalformedOption(value, crypto);
  if (malformed !== undefined) return invalid(malformed);
  return ok({ runId, timestamp, domains, before, after, restoration, proofHash, previousProofHash });
}

const REFERENCES = object({
  ledgerHash: DIGEST,
  jobspecHash: DIGEST,
  validatorId: optional(object({ validatorSemver: text(), validatorBuildId: text() })),
});

/** Finds a malformed member among those that runseal does not use. */
function findMalformedOption(proof: JsonObject, crypto: Crypto): ProofField | undefined {
  const references = proof.get("referenced_artifacts");
  if (references !== undefined && readAs(REFERENCES, references) === undefined) return "referenced_artifacts";
  const signature = proof.get("signature");
  const isSignature = signature === undefined || readProofSignature(signature, crypto) !== undefined;
  return isSignature ? undefined : "signature";
}

function parseDomains(value: JsonValue | undefined): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const domains: string[] = [];
  for (const domain of value) {
    if (typeof domain !== "string" || domain === "") return undefined;
    const before = domains.at(-1);
    if (before !== undefined && compareUtf8(before, domain) >= 0) return undefined;
    domains.push(domain);
  }
  return domains;
}

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

function invalid(field: ProofField | undefined): ProofSchemaFault {
  return { ok: false, code: "PROOF_INVALID", field };
}
