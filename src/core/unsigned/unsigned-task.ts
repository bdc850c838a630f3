/**
 * TASK_SPEC.json of an unsigned bundle: exactly what `seal --unsigned` or `run --unsigned` writes, in canonical form. A signer is
 * shown the command, so a task must not be able to hide one.
 *
 * @module
 */

import { parseDeclaredDigest } from "../artifacts/output-table.ts";
import { isUtcSecond } from "../bytes/utc-time.ts";
import { hasExactly, isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { type UnsignedFault, unsignedFault } from "./unsigned-fault.ts";

const ARTIFACT = "TASK_SPEC.json";

type IsLawful = (value: JsonValue | undefined) => boolean;

const isText: IsLawful = (value) => typeof value === "string";
const isTextOrNull: IsLawful = (value) => value === null || isText(value);
const isTexts: IsLawful = (value) => Array.isArray(value) && value.every(isText);
const isMoment: IsLawful = (value) => typeof value === "string" && isUtcSecond(value);
const isEmptyObject: IsLawful = (value) => isJsonObject(value) && value.size === 0;

function isObjectOf(isMember: IsLawful): IsLawful {
  return (value) => isJsonObject(value) && [...value.values()].every(isMember);
}

/** What both sealers write. */
const BOTH: readonly (readonly [string, IsLawful])[] = [
  ["task_id", isText],
  ["inputs", isTexts],
  ["expected_outputs", isTexts],
  ["constraints", isEmptyObject],
  ["created_at", isMoment],
];

/** What only a run has. */
const RUN: readonly (readonly [string, IsLawful])[] = [
  ["command", (value) => isTexts(value) && Array.isArray(value) && value.length > 0],
  ["working_folder", isTextOrNull],
  ["input_hashes", isObjectOf((value) => parseDeclaredDigest(value) !== undefined)],
  ["scratch", isTexts],
  ["environment", isObjectOf(isTextOrNull)],
  [
    "versions",
    (value) =>
      isJsonObject(value) && hasExactly(value, ["runseal", "node", "platform"]) && isObjectOf(isText)(value),
  ],
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
  const bad = members.find(([member, isLawful]) => !isLawful(task.get(member)));
  if (bad !== undefined) return malformed(bad[0]);
  return task.get("task_id") === runId ? undefined : unsignedFault("mismatch", ARTIFACT, "task_id");
}

function malformed(field: string): UnsignedFault {
  return unsignedFault("malformed", ARTIFACT, field);
}
