/**
 * Reads an in-toto Statement, v1 or v0.1 (which cosign 2 still writes), that is signed already.
 *
 * By the attestation framework, readers pass over members that they do not know. Not so here for what makes a subject another
 * one: each needs a name and a SHA-256, and no name may be there twice.
 *
 * @module
 */

import { OutputTable } from "../../../records/artifacts/output-table.ts";
import { type HexDigest, isHexDigest } from "../../../system/bytes/hex.ts";
import { MAX_EVIDENCE_SUBJECTS } from "../../../system/bytes/limits.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../system/json/json-value.ts";
import { parseStrictJson } from "../../../system/json/strict-json.ts";
import { STATEMENT_TYPE } from "../statement.ts";
import { type EvidenceFault, malformed, tooLarge, unsupported } from "./evidence-fault.ts";

const STATEMENT_TYPES: ReadonlySet<string> = new Set([STATEMENT_TYPE, "https://in-toto.io/Statement/v0.1"]);

/** A subject of a statement. */
export interface StatementSubject {
  readonly name: string;
  readonly digest: HexDigest;
}

/** A statement as read. */
export interface ReadStatement {
  readonly predicateType: string;
  /** Undefined where there is none, or it is not an object. */
  readonly predicate: JsonObject | undefined;
  readonly subjects: readonly StatementSubject[];
}

/** Reads a payload. Fails with EVIDENCE_MALFORMED or EVIDENCE_UNSUPPORTED. */
export function readStatement(payload: Uint8Array): Result<ReadStatement, EvidenceFault> {
  const parsed = parseStrictJson(payload);
  if (!parsed.ok) return malformed(parsed.reason);
  const statement = parsed.value;
  if (!isJsonObject(statement)) return malformed("not-an-object");
  const type = statement.get("_type");
  if (typeof type !== "string") return malformed("statement");
  if (!STATEMENT_TYPES.has(type)) return unsupported("statement-type");
  const predicateType = statement.get("predicateType");
  if (typeof predicateType !== "string" || predicateType === "") return malformed("statement");
  const listed = statement.get("subject");
  if (!Array.isArray(listed)) return malformed("statement");
  if (listed.length === 0) return malformed("empty");
  if (listed.length > MAX_EVIDENCE_SUBJECTS) return tooLarge(MAX_EVIDENCE_SUBJECTS, "subjects");
  const subjects: StatementSubject[] = [];
  for (const value of listed) {
    const subject = readSubject(value, subjects.length + 1);
    if (!subject.ok) return subject;
    subjects.push(subject.value);
  }
  const predicate = statement.get("predicate");
  return ok({ predicateType, predicate: isJsonObject(predicate) ? predicate : undefined, subjects });
}

/** The subjects as a table. Fails with EVIDENCE_MALFORMED where a name is there twice. */
export function tabulateSubjects(subjects: readonly StatementSubject[]): Result<OutputTable, EvidenceFault> {
  const table = new OutputTable();
  for (const [index, { digest, name }] of subjects.entries()) {
    table.set(name, `sha256:${digest}`);
    if (table.size === index) return malformed("duplicate", { entry: index + 1, path: name });
  }
  return ok(table);
}

function readSubject(value: JsonValue | undefined, entry: number): Result<StatementSubject, EvidenceFault> {
  if (!isJsonObject(value)) return malformed("subject", { entry });
  const name = value.get("name");
  const digests = value.get("digest");
  if (typeof name !== "string" || name === "" || !isJsonObject(digests))
    return malformed("subject", { entry });
  const digest = digests.get("sha256");
  if (digest === undefined) return unsupported("digest-algorithm", { path: name, entry });
  if (typeof digest !== "string" || !isHexDigest(digest)) return malformed("digest", { path: name, entry });
  return ok({ name, digest });
}
