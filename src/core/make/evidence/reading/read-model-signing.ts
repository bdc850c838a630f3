/**
 * Reads the predicate of OpenSSF's model signing (OMS), `https://model_signing/signature/v1.0`.
 *
 * The statement has one subject, the model. Its digest is the SHA-256 of all resources' digests, one behind the other, in the
 * order of the predicate. The resources are the files. A resource `.` is the model itself, where that is a single file.
 *
 * @module
 */

import { OutputTable } from "../../../records/artifacts/output-table.ts";
import { concatBytes } from "../../../system/bytes/bytes.ts";
import { matchesDigest } from "../../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest, isHexDigest, parseHex } from "../../../system/bytes/hex.ts";
import { MAX_EVIDENCE_SUBJECTS } from "../../../system/bytes/limits.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import { isJsonObject, type JsonValue } from "../../../system/json/json-value.ts";
import type { EvidenceCrypto } from "./evidence-crypto.ts";
import { type EvidenceFault, evidenceFault, malformed, tooLarge, unsupported } from "./evidence-fault.ts";
import type { ReadStatement } from "./read-statement.ts";

/** The predicate type of OMS v1.0. */
export const MODEL_SIGNING_TYPE = "https://model_signing/signature/v1.0";

/** The files of a model. */
export interface ModelResources {
  readonly files: OutputTable;
  /** Paths that the signer left out, relative to the model: no extras. */
  readonly ignored: readonly string[];
}

/**
 * Reads the resources. Fails with EVIDENCE_MALFORMED, EVIDENCE_UNSUPPORTED for shards and other hashes.
 */
export function readModelSigning(
  { predicate, subjects }: ReadStatement,
  crypto: EvidenceCrypto,
): Result<ModelResources, EvidenceFault> {
  const [model, ...others] = subjects;
  const serialization = predicate?.get("serialization");
  const resources = predicate?.get("resources");
  if (model === undefined || others.length > 0) return malformed("predicate");
  if (!isJsonObject(serialization) || !Array.isArray(resources)) return malformed("predicate");
  if (serialization.get("method") !== "files") return unsupported("serialization");
  if (serialization.get("hash_type") !== "sha256") return unsupported("digest-algorithm");
  const ignored = serialization.get("ignore_paths") ?? [];
  if (!Array.isArray(ignored) || !ignored.every((path) => typeof path === "string"))
    return malformed("predicate");
  if (resources.length === 0) return malformed("empty");
  if (resources.length > MAX_EVIDENCE_SUBJECTS) return tooLarge(MAX_EVIDENCE_SUBJECTS, "subjects");
  const files = new OutputTable();
  const digests: Uint8Array[] = [];
  for (const [index, value] of resources.entries()) {
    const entry = index + 1;
    const resource = readResource(value, entry);
    if (!resource.ok) return resource;
    const { digest, name, raw } = resource.value;
    const path = name === "." ? model.name : name;
    // As a single file, the model has no other resources.
    if (name === "." && resources.length > 1) return malformed("predicate", { entry });
    files.set(path, `sha256:${digest}`);
    if (files.size === index) return malformed("duplicate", { entry, path });
    digests.push(raw);
  }
  const actual = digestToHex(crypto.sha256(concatBytes(digests)));
  const found = { path: model.name, expected: model.digest, actual };
  if (!matchesDigest(actual, model.digest, crypto))
    return evidenceFault("EVIDENCE_MALFORMED", { reason: "inconsistent", ...found });
  return ok({ files, ignored });
}

interface Resource {
  readonly name: string;
  readonly digest: HexDigest;
  readonly raw: Uint8Array;
}

function readResource(value: JsonValue, entry: number): Result<Resource, EvidenceFault> {
  if (!isJsonObject(value)) return malformed("predicate", { entry });
  const name = value.get("name");
  const digest = value.get("digest");
  if (typeof name !== "string" || name === "") return malformed("predicate", { entry });
  if (value.get("algorithm") !== "sha256") return unsupported("digest-algorithm", { path: name, entry });
  if (typeof digest !== "string" || !isHexDigest(digest)) return malformed("digest", { path: name, entry });
  const raw = parseHex(digest, 32);
  if (raw === undefined) throw new TypeError("a hex digest is 32 bytes");
  return ok({ name, digest, raw });
}
