/**
 * A verdict as a statement: a Simple Verification Result of in-toto, version 0.2
 * (https://github.com/in-toto/attestation/blob/main/spec/predicates/svr.md).
 *
 * A bundle root contains no signer, so the statement names the root, the validator id and the digest of SIGNATURE.json: together they are
 * the bundle that was verified.
 *
 * @module
 */

import type { TrustPolicy } from "../../judge/trust/trust-decision.ts";
import type { VouchedMoment } from "../../judge/trust/trusted-time.ts";
import type { SignerIdentity } from "../../records/artifacts/identity.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { type JsonObject, jsonObject, jsonObjectOf } from "../../system/json/json-value.ts";
import { policyDigests } from "./policy-digests.ts";
import type { VerdictExtension, VerdictTime } from "./predicate-types.ts";
import { ROOT_SUBJECT, type Statement } from "./statement.ts";

/** The type of the predicate. */
export const VERDICT_PREDICATE_TYPE = "https://in-toto.io/attestation/svr/v0.2";

/**
 * The member of the predicate for what is runseal's own. The framework lets producers add members whose names are URIs; this one is that
 * of the member's JSON schema.
 */
const EXTENSION = "https://unpkg.com/runseal/schemas/verdict-v1.json";

/** The verifier: which rules were applied depends on its version. */
const VERIFIER = "https://www.npmjs.com/package/runseal/v/";

/** What was verified. Only an accepted bundle of a trusted signer has such facts. */
export interface VerdictFacts {
  readonly bundleRoot: HexDigest;
  /** Undefined for an unbound bundle, whose folder may have any name. */
  readonly runId: string | undefined;
  readonly signer: SignerIdentity;
  /** SHA-256 of SIGNATURE.json and of OUTPUT_HASHES.json as stored. */
  readonly signatureDigest: HexDigest;
  readonly outputHashesDigest: HexDigest;
  readonly files: number;
  readonly bytes: number;
  /** Where the outputs were read. */
  readonly source: keyof typeof READ_PROPERTIES;
  /** Whether links, empty folders and executable bits below the root were compared with the tree. */
  readonly isTreeCompared: boolean;
  /** Whether nothing else was in the sealed folders. */
  readonly isExact: boolean;
  /** Whether the signer did not witness the run (PROTOCOL 11.1). */
  readonly signedElsewhere: boolean;
  /** By which the signer is trusted. */
  readonly policy: TrustPolicy;
  /** The time by which the policy judged, of a timestamp; undefined where it went by the signer's. */
  readonly time: VouchedMoment | undefined;
  /** When it was verified, by the verifier's clock: RFC 3339, UTC, whole seconds. */
  readonly verifiedAt: string;
  /** runseal's version. */
  readonly version: string;
}

/** Makes the statement of an accepted and trusted verdict. */
export function verdictStatement(facts: VerdictFacts, crypto: Crypto): Statement {
  const { bundleRoot, outputHashesDigest, signatureDigest } = facts;
  return {
    subjects: [
      { name: ROOT_SUBJECT, sha256: bundleRoot },
      { name: "SIGNATURE.json", sha256: signatureDigest },
      { name: "OUTPUT_HASHES.json", sha256: outputHashesDigest },
    ],
    predicateType: VERDICT_PREDICATE_TYPE,
    predicate: jsonObject({
      properties: propertiesOf(facts),
      timeCreated: facts.verifiedAt,
      verifier: verifierObject(facts, crypto),
      [EXTENSION]: ownObject(facts),
    }),
  };
}

/** Where outputs were read, as a property. */
const READ_PROPERTIES = {
  root: "RUNSEAL_OUTPUTS_READ_AT_ROOT",
  store: "RUNSEAL_OUTPUTS_READ_IN_STORE",
  archive: "RUNSEAL_OUTPUTS_READ_IN_ARCHIVE",
  registry: "RUNSEAL_OUTPUTS_READ_IN_REGISTRY",
} as const;

/** Properties that hold, never ones that don't: a consumer looks for a name. */
function propertiesOf({ isExact, isTreeCompared, signedElsewhere, source }: VerdictFacts): readonly string[] {
  return [
    "RUNSEAL_BUNDLE_ACCEPTED",
    "RUNSEAL_SIGNER_TRUSTED",
    READ_PROPERTIES[source],
    ...(isTreeCompared ? ["RUNSEAL_TREE_COMPARED"] : []),
    ...(isExact ? ["RUNSEAL_NOTHING_UNSEALED"] : []),
    ...(signedElsewhere ? [] : ["RUNSEAL_SIGNED_BY_SEALER"]),
  ];
}

function verifierObject({ policy, version }: VerdictFacts, crypto: Crypto): JsonObject {
  return jsonObject({
    id: VERIFIER + version,
    policies: policyDigests(policy, crypto).map(({ name, sha256 }) =>
      jsonObject({ digest: jsonObject({ sha256 }), name }),
    ),
  });
}

function ownObject(facts: VerdictFacts): JsonObject {
  return jsonObjectOf<VerdictExtension>({
    bundleRoot: facts.bundleRoot,
    bytes: facts.bytes,
    files: facts.files,
    requireTimestamp: facts.policy.requireTimestamp === true ? true : undefined,
    runId: facts.runId,
    runsealVersion: facts.version,
    signatureSha256: facts.signatureDigest,
    time: facts.time && timeObject(facts.time),
    validatorId: facts.signer.validatorId,
    verdict: "accepted",
  });
}

function timeObject({ authority, before, certificate, not_after }: VouchedMoment): JsonObject {
  return jsonObjectOf<VerdictTime>({ authority, before, certificate, notAfter: not_after });
}
