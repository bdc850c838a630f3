/**
 * The errors that a registry names in the body of an answer.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
 *
 * @module
 */

import { isJsonObject } from "../../system/json/json-value.ts";
import { parseObject } from "../../system/json/strict-json.ts";

const CODES = [
  "BLOB_UNKNOWN",
  "BLOB_UPLOAD_INVALID",
  "BLOB_UPLOAD_UNKNOWN",
  "DENIED",
  "DIGEST_INVALID",
  "MANIFEST_BLOB_UNKNOWN",
  "MANIFEST_INVALID",
  "MANIFEST_UNKNOWN",
  "NAME_INVALID",
  "NAME_UNKNOWN",
  "SIZE_INVALID",
  "TOOMANYREQUESTS",
  "UNAUTHORIZED",
  "UNSUPPORTED",
] as const;

/** An error by its name in the specification. */
export type RegistryErrorCode = (typeof CODES)[number];

/** The first error of a body that the specification names; `undefined` for any other body. Texts of the registry are not kept. */
export function parseRegistryError(bytes: Uint8Array): RegistryErrorCode | undefined {
  const errors = parseObject(bytes)?.get("errors");
  if (!Array.isArray(errors)) return undefined;
  for (const error of errors) {
    const code = isJsonObject(error) ? error.get("code") : undefined;
    const known = CODES.find((one) => one === code);
    if (known !== undefined) return known;
  }
  return undefined;
}
