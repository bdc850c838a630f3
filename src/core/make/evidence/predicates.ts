/**
 * The predicates of statements about a run: what is claimed of its subjects.
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import { type JsonObject, jsonObject, jsonObjectOf } from "../../system/json/json-value.ts";
import type { RunBuildParameters, ScratchProofDigest, SealPredicate } from "./predicate-types.ts";
import type { RecordedRun, RunEvidence } from "./run-evidence.ts";

/** A predicate with the URI of its type. */
export interface Predicate {
  readonly predicateType: string;
  readonly predicate: JsonObject;
}

/** https://github.com/in-toto/attestation/blob/main/spec/predicates/link.md */
export const LINK_PREDICATE_TYPE = "https://in-toto.io/attestation/link/v0.3";

/** https://slsa.dev/spec/v1.0/provenance */
export const SLSA_PREDICATE_TYPE = "https://slsa.dev/provenance/v1";

/** A seal without a command. The URI is that of the predicate's JSON schema. */
export const SEAL_PREDICATE_TYPE = "https://unpkg.com/runseal/schemas/seal-predicate-v1.json";

/** How `runseal run` builds. The URI is that of the JSON schema of `externalParameters`. */
const BUILD_TYPE = "https://unpkg.com/runseal/schemas/run-build-v1.json";

/** runseal, wherever it runs: the builder of SLSA Build L1, about which nothing more is claimed. */
const BUILDER_ID = "https://www.npmjs.com/package/runseal";

/** The name of a run's step. */
export const RUN_STEP = "run";

/** The name of the step of a seal without a command. */
export const SEAL_STEP = "seal";

/** The link of a run, or the predicate of a seal without a command. */
export function predicateOf(evidence: RunEvidence): Predicate {
  const { run } = evidence;
  if (run === undefined) return { predicateType: SEAL_PREDICATE_TYPE, predicate: sealedFacts(evidence) };
  return {
    predicateType: LINK_PREDICATE_TYPE,
    predicate: jsonObject({
      name: RUN_STEP,
      command: run.command,
      materials: materialsOf(run),
      byproducts: byproductsOf(evidence),
      environment: run.environment,
    }),
  };
}

/** Provenance that claims Build L1 and no more; `undefined` for a seal without a command, which nothing was built by. */
export function slsaPredicate(evidence: RunEvidence): Predicate | undefined {
  const { run, runId, scratchProof, sealedAt } = evidence;
  if (run === undefined) return undefined;
  const buildDefinition = jsonObject({
    buildType: BUILD_TYPE,
    externalParameters: jsonObjectOf<RunBuildParameters>({
      command: run.command,
      environment: run.environment,
      expectedOutputs: run.expectedOutputs,
      workingFolder: run.workingFolder,
    }),
    resolvedDependencies: materialsOf(run),
  });
  const runDetails = jsonObject({
    builder: jsonObject({ id: BUILDER_ID, version: run.versions }),
    byproducts: [digested("PROOF.json", scratchProof.digest)],
    metadata: jsonObject({ invocationId: runId, startedOn: run.createdAt, finishedOn: sealedAt }),
  });
  return { predicateType: SLSA_PREDICATE_TYPE, predicate: jsonObject({ buildDefinition, runDetails }) };
}

/** What a run left beside its outputs. Only a run whose command ended with 0 is accepted by a verifier. */
export function byproductsOf(evidence: RunEvidence): JsonObject {
  return jsonObject({ "return-value": 0, runseal: sealedFacts(evidence) });
}

/** What is known of every sealed bundle. */
function sealedFacts({
  bundleRoot,
  outputs,
  runId,
  scratchProof,
  sealedAt,
  sealer,
  signedAt,
}: RunEvidence): JsonObject {
  const { condition, digest } = scratchProof;
  return jsonObjectOf<SealPredicate>({
    bundleRoot,
    files: outputs.length,
    runId,
    scratchProof: jsonObjectOf<ScratchProofDigest>({ condition, sha256: digest }),
    sealedAt,
    sealer: sealer.validatorId,
    // The bundle's signer did not see the command, and says so.
    signedAt,
    signedElsewhere: signedAt === undefined ? undefined : true,
  });
}

function materialsOf({ inputs }: RecordedRun): readonly JsonObject[] {
  return inputs.map(({ digest, path }) => digested(path, digest));
}

function digested(name: string, sha256: HexDigest): JsonObject {
  return jsonObject({ digest: jsonObject({ sha256 }), name });
}
