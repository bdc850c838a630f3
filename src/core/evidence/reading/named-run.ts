/**
 * The run that a statement of runseal's own is about.
 *
 * @module
 */

import { isJsonObject, type JsonObject } from "../../json/json-value.ts";
import { LINK_PREDICATE_TYPE, SEAL_PREDICATE_TYPE, SLSA_PREDICATE_TYPE } from "../predicates.ts";
import type { ReadStatement } from "./read-statement.ts";

/** Where each predicate of `predicates.ts` has the run id. */
const PLACES: ReadonlyMap<string, readonly string[]> = new Map([
  [LINK_PREDICATE_TYPE, ["byproducts", "runseal", "runId"]],
  [SEAL_PREDICATE_TYPE, ["runId"]],
  [SLSA_PREDICATE_TYPE, ["runDetails", "metadata", "invocationId"]],
]);

/** The run id, any text; undefined where the statement names no run, as that of another tool. */
export function namedRun({ predicate, predicateType }: ReadStatement): string | undefined {
  const place = PLACES.get(predicateType);
  const member = place?.at(-1);
  if (place === undefined || member === undefined) return undefined;
  let object: JsonObject | undefined = predicate;
  for (const name of place.slice(0, -1)) {
    const inner = object?.get(name);
    object = isJsonObject(inner) ? inner : undefined;
  }
  const runId = object?.get(member);
  return typeof runId === "string" ? runId : undefined;
}
