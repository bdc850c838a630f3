/** Phase 2: each artifact is a regular file, strict JSON, and an object (PROTOCOL 8 and 4.1). @module */

import type { ArtifactReading, OpenedBundle } from "../../../records/artifacts/opened-bundle.ts";
import { OutputTable } from "../../../records/artifacts/output-table.ts";
import { DEFAULT_LIMITS } from "../../../system/bytes/limits.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import type { MalformedNote } from "../../../system/codes/rejection-message.ts";
import { type Rejection, reject } from "../../../system/codes/verdict.ts";
import { isJsonObject } from "../../../system/json/json-value.ts";
import { parseStrictJson } from "../../../system/json/strict-json.ts";
import type { ArtifactName } from "../../../system/paths/artifact-name.ts";
import type { Judging, ParsedArtifact } from "./judging.ts";

/** Parses one artifact. Fails with ARTIFACT_MALFORMED, naming it. */
export function parseArtifact(opened: OpenedBundle, name: ArtifactName): Result<ParsedArtifact, Rejection> {
  const reading = opened.artifacts[name];
  return reading.kind === "bytes" ? parseDocument(name, reading.bytes) : malformed(name, noteOf(reading));
}

/** The same of its bytes. */
export function parseDocument(name: ArtifactName, bytes: Uint8Array): Result<ParsedArtifact, Rejection> {
  let hashes: OutputTable | undefined;
  const makeObject = (): OutputTable => {
    hashes = new OutputTable();
    return hashes;
  };
  const table = name === "OUTPUT_HASHES.json" ? { name: "hashes", makeObject } : undefined;
  const parsed = parseStrictJson(bytes, table);
  if (!parsed.ok) return malformed(name, parsed.reason);
  if (!isJsonObject(parsed.value)) return malformed(name, "not-an-object");
  return ok({ bytes, object: parsed.value, hashes });
}

/** Parses the artifacts to look at. Refuses a manifest of more entries than the caller's limit (PROTOCOL 15). */
export function parse(bundle: Judging): Rejection | undefined {
  const { context, names, opened, parsed } = bundle;
  for (const name of names) {
    const artifact = parseArtifact(opened, name);
    if (!artifact.ok) return artifact;
    parsed.set(name, artifact.value);
  }
  bundle.status ??= parsed.get("STATUS.json")?.object;
  bundle.taskSpec ??= parsed.get("TASK_SPEC.json")?.object;
  bundle.outputHashes ??= parsed.get("OUTPUT_HASHES.json");
  bundle.proof ??= parsed.get("PROOF.json");
  const limit = (context.limits ?? DEFAULT_LIMITS).entries;
  const entries = bundle.outputHashes?.hashes?.size ?? 0;
  return entries > limit ? malformed("OUTPUT_HASHES.json", { limit, unit: "entries" }) : undefined;
}

function noteOf(reading: Exclude<ArtifactReading, { kind: "bytes" }>): MalformedNote {
  return reading.kind === "too-large" ? { limit: reading.limit, unit: "bytes" } : "not-a-regular-file";
}

function malformed(name: ArtifactName, note: MalformedNote): Rejection {
  return reject("parse", "ARTIFACT_MALFORMED", { artifact: name }, note);
}
