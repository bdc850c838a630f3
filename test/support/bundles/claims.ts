/**
 * Claims for tests, from the members of a manifest.
 *
 * @module
 */

import { OutputClaims } from "../../../src/core/records/artifacts/output-claims.ts";
import { OutputTable } from "../../../src/core/records/artifacts/output-table.ts";
import type { JsonValue } from "../../../src/core/system/json/json-value.ts";

/** A table with these rows, as the strict reader fills it. */
export function tableOf(members: Iterable<readonly [string, JsonValue]>): OutputTable {
  const table = new OutputTable();
  for (const [path, value] of members) table.set(path, value);
  return table;
}

/** The claims of these members, by the rules of POSIX. */
export function claimsOf(members: Iterable<readonly [string, JsonValue]>): OutputClaims {
  return new OutputClaims(tableOf(members), { refuseColon: false });
}
