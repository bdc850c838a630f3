/**
 * The run that a statement of runseal's own is about.
 *
 * @module
 */

import { memberIn } from "../../../system/json/json-value.ts";
import { readAs, text } from "../../../system/json/record.ts";
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
  return place && readAs(text(), memberIn(predicate, ...place));
}
