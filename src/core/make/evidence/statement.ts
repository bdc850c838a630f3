/**
 * in-toto Statements, version 1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md).
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import { encodeOwn } from "../../system/json/canonical-json.ts";
import { type JsonObject, jsonObject } from "../../system/json/json-value.ts";

/** The `_type` of a statement. */
export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";

/** Subjects that verifiers read: sigstore-go refuses more. */
export const MAX_SUBJECTS = 1024;

/** The subject whose digest is the bundle root: the SHA-256 of the root's preimage, which `check` computes again (PROTOCOL 5). */
export const ROOT_SUBJECT = "bundle-root";

/** Something that a statement is about. */
export interface Subject {
  /** Unique in its statement. */
  readonly name: string;
  readonly sha256: HexDigest;
}

/** A statement: what is claimed of which subjects. */
export interface Statement {
  readonly subjects: readonly Subject[];
  /** The URI that says how to read the predicate. */
  readonly predicateType: string;
  readonly predicate: JsonObject;
}

/** Writes a statement as canonical JSON, the payload of an envelope. */
export function encodeStatement({ predicate, predicateType, subjects }: Statement): Uint8Array {
  return encodeOwn(
    jsonObject({
      _type: STATEMENT_TYPE,
      predicate,
      predicateType,
      subject: subjects.map(({ name, sha256 }) => jsonObject({ digest: jsonObject({ sha256 }), name })),
    }),
  );
}
