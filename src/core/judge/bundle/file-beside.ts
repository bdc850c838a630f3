/**
 * The optional files beside the seven artifacts: COUNTERSIGNATURES.json and TIMESTAMPS.json. Each is one list with a version. No
 * verdict depends on them, so a fault of the file is a reason, not a rejection.
 *
 * @module
 */

import type { ArtifactReading } from "../../records/artifacts/opened-bundle.ts";
import { asCount, hasExactly, type JsonValue } from "../../system/json/json-value.ts";
import { parseObject } from "../../system/json/strict-json.ts";

/** The version of both files. */
export const BESIDE_VERSION = 1;

/** What was found under a file's name. */
export type FileBesideReading = ArtifactReading | { readonly kind: "unreadable" };

/** Reads the list of a file, by the name of its member. Empty for a missing file; gives the reason if the file is not of its form. */
export function readListBeside(
  reading: FileBesideReading,
  member: "countersignatures" | "tokens",
): readonly JsonValue[] | string {
  switch (reading.kind) {
    case "missing":
      return [];
    case "unreadable":
      return "the file can't be read";
    case "not-a-regular-file":
      return "it is not a regular file";
    case "too-large":
      return `the file is larger than ${reading.limit} bytes`;
    case "bytes":
      break;
  }
  const file = parseObject(reading.bytes);
  if (file === undefined) return "the file is not a strict JSON object";
  const version = asCount(file.get("version"));
  if (version !== undefined && version > BESIDE_VERSION)
    return "the file is of a newer version than this runseal knows";
  const list = file.get(member);
  if (!hasExactly(file, [member, "version"]) || version !== BESIDE_VERSION || !Array.isArray(list))
    return `the file's fields are not exactly a version and a list of ${member}`;
  return list;
}
