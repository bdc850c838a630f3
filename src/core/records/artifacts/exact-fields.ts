/**
 * Artifacts whose fields are exactly the ones the protocol names (PROTOCOL 8, phases 3 and 5).
 *
 * @module
 */

import { compareUtf8 } from "../../system/bytes/utf8.ts";
import { type Phase, type Rejection, reject } from "../../system/codes/verdict.ts";
import type { JsonObject } from "../../system/json/json-value.ts";
import type { ArtifactName } from "../../system/paths/artifact-name.ts";

/** Which of the wanted fields an object lacks, sorted. */
export function missingFields(object: JsonObject, wanted: readonly string[]): readonly string[] {
  return wanted.filter((field) => !object.has(field)).sort(compareUtf8);
}

/** Which fields of an object are not among the allowed ones, sorted. */
export function extraFields(object: JsonObject, allowed: readonly string[]): readonly string[] {
  return [...object.keys()].filter((field) => !allowed.includes(field)).sort(compareUtf8);
}

/**
 * Fails unless an object's fields are exactly the wanted ones: more members than that is FIELD_EXTRA,
 * whatever they are called, else a missing one is FIELD_MISSING.
 */
export function checkExactFields(
  phase: Phase,
  artifact: ArtifactName,
  object: JsonObject,
  wanted: readonly string[],
): Rejection | undefined {
  if (object.size > wanted.length) {
    return reject(phase, "FIELD_EXTRA", { artifact, extra: extraFields(object, wanted) });
  }
  const missing = missingFields(object, wanted);
  return missing.length > 0 ? reject(phase, "FIELD_MISSING", { artifact, missing }) : undefined;
}
