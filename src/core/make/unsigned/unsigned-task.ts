/**
 * TASK_SPEC.json of an unsigned bundle: exactly what `seal --unsigned` or `run --unsigned` writes, in canonical form. A signer is
 * shown the command, so a task must not be able to hide one.
 *
 * @module
 */

import { parseDeclaredDigest } from "../../records/artifacts/output-table.ts";
import { isJsonObject, type JsonObject } from "../../system/json/json-value.ts";
import {
  checked,
  type Kind,
  list,
  MALFORMED,
  MOMENT,
  object,
  orNull,
  text,
  where,
} from "../../system/json/record.ts";
import { type UnsignedFault, unsignedFault } from "./unsigned-fault.ts";

const ARTIFACT = "TASK_SPEC.json";

/** Texts by names, each of its kind. */
function byName(member: Kind<unknown>): Kind<JsonObject> {
  return checked(
    (json): json is JsonObject =>
      isJsonObject(json) && [...json.values()].every((value) => member.read(value) !== MALFORMED),
  );
}

const texts = list(text());

/** What both sealers write. */
const BOTH: readonly (readonly [string, Kind<unknown>])[] = [
  ["task_id", text()],
  ["inputs", texts],
  ["expected_outputs", texts],
  ["constraints", object({})],
  ["created_at", MOMENT],
];

/** What only a run has. */
const RUN: typeof BOTH = [
  ["command", where(texts, (words) => words.length > 0)],
  ["working_folder", orNull(text())],
  ["input_hashes", byName(text((declared) => parseDeclaredDigest(declared) !== undefined))],
  ["scratch", texts],
  ["environment", byName(orNull(text()))],
  ["versions", object({ runseal: text(), node: text(), platform: text() })],
];

/**
 * Checks the members. A task with any member of a run must have all of them. Gives UNSIGNED_INVALID
 * for the task of another run.
 */
export function checkUnsignedTask(task: JsonObject, runId: string): UnsignedFault | undefined {
  const isRun = RUN.some(([member]) => task.has(member));
  const members = isRun ? [...BOTH, ...RUN] : BOTH;
  const extra = [...task.keys()].find((key) => !members.some(([member]) => member === key));
  if (extra !== undefined) return malformed(extra);
  const bad = members.find(([member, kind]) => kind.read(task.get(member)) === MALFORMED);
  if (bad !== undefined) return malformed(bad[0]);
  return task.get("task_id") === runId ? undefined : unsignedFault("mismatch", ARTIFACT, "task_id");
}

function malformed(field: string): UnsignedFault {
  return unsignedFault("malformed", ARTIFACT, field);
}
