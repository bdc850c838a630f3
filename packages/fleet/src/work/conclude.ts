/** The last task of a run: its verdict, by what was found of all its ranges. @module */

import type { DividedRun, OperationFault } from "runseal";
import { ARTIFACT_NAMES, type OutputClaims, partsOf } from "runseal/core";
import { artifactsDigest, digestOfDigests } from "../audit/artifacts.ts";
import { joinFindings } from "../audit/fact.ts";
import { verdictJson } from "../audit/verdict.ts";
import type { KeptVerdict } from "../database/functions.ts";
import type { Task, Workplace } from "./task.ts";

/** Concludes phases 9 to 11 from the facts of all ranges. */
export const concludeRun: Task = async (place, run, { key }) => {
  const { functions } = place;
  const outputs = run.outputs();
  const facts = await functions.factsOf(key);
  const findings = outputs.ok ? joinFindings(outputs.value.claims, facts) : undefined;
  if (findings === undefined) {
    await functions.park(key, "FACT_MALFORMED", {});
    return undefined;
  }
  const verdict = await concluded(place, run, findings);
  if ("ok" in verdict) return verdict;
  await functions.conclude(key, verdict);
  return undefined;
};

/** The verdict on a run as it is kept, or why there is none. Throws where it can't be signed. */
export async function concluded(
  { attest, version }: Workplace,
  run: DividedRun,
  findings: Parameters<DividedRun["conclude"]>[0],
): Promise<KeptVerdict | OperationFault> {
  const found = await run.conclude(findings);
  if (!found.ok) return found;
  const verdict = verdictJson(found.value, run.origin);
  if ("ok" in verdict) return verdict;
  const { judged, verdict: accepted } = found.value;
  const links =
    accepted.ok && judged !== undefined
      ? { previous: accepted.value.binding?.previousBundleRoot, parts: partsIn(judged.claims) }
      : undefined;
  const isAttested = accepted.ok && found.value.policy !== undefined && verdict.code === "OK";
  const attestation = isAttested ? await attest(found.value) : undefined;
  return { ...verdict, artifacts: artifactsDigest(run.files), version, attestation, links };
}

/** The bundles that are whole among the outputs of a run. Any run may have an output of an artifact's name. */
export function partsIn(claims: OutputClaims): readonly Uint8Array[] {
  return partsOf(claims)
    .filter(({ files }) => ARTIFACT_NAMES.every((name) => files.has(name)))
    .map(({ files }) => digestOfDigests(files));
}
