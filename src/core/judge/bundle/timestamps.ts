/**
 * TIMESTAMPS.json beside the seven artifacts: RFC 3161 tokens over a bundle's signature (PROTOCOL 17). SPECTRUM's verifiers pass
 * over the file, and so does the verdict: only the trust policy asks for it.
 *
 *     {"tokens":[base64 of a TimeStampToken in DER, …],"version":1}
 *
 * The core has no ASN.1. It reads the file, and leaves the tokens to its caller.
 *
 * @module
 */

import type { ArtifactReading, OpenedBundle } from "../../records/artifacts/opened-bundle.ts";
import { parseBase64, toBase64 } from "../../system/bytes/base64.ts";
import { isSameBytes } from "../../system/bytes/bytes.ts";
import { MAX_TIMESTAMP_BYTES, MAX_TIMESTAMPS } from "../../system/bytes/limits.ts";
import { encodeOwn } from "../../system/json/canonical-json.ts";
import { jsonObject } from "../../system/json/json-value.ts";
import { hexBytes, readAs } from "../../system/json/record.ts";
import { parseObject } from "../../system/json/strict-json.ts";
import { BESIDE_VERSION, type FileBesideReading, readListBeside } from "./file-beside.ts";

/** The file's name. It begins with none of the names that phase 10 refuses (PROTOCOL 8). */
export const TIMESTAMPS_NAME = "TIMESTAMPS.json";

/** What was found under the file's name. */
export type TimestampsReading = FileBesideReading;

/** A bundle's tokens as found, and the bytes that they must be over. */
export interface BundleTimestamps {
  /** The 64 raw bytes of SIGNATURE.json. */
  readonly signature: Uint8Array;
  readonly reading: TimestampsReading;
}

/** What a bundle has of tokens; `undefined` without a TIMESTAMPS.json. The bundle must have passed phase 6. */
export function findTimestamps({ artifacts, timestamps }: OpenedBundle): BundleTimestamps | undefined {
  if (timestamps === undefined || timestamps.kind === "missing") return undefined;
  const signature = readSignature(artifacts["SIGNATURE.json"]);
  return signature && { signature, reading: timestamps };
}

/** The 64 raw bytes of SIGNATURE.json, which tokens are over; `undefined` if it is not of its form. */
export function readSignature(reading: ArtifactReading): Uint8Array | undefined {
  if (reading.kind !== "bytes") return undefined;
  return readAs(hexBytes(64), parseObject(reading.bytes)?.get("signature"));
}

/**
 * Reads the tokens in DER, each 1 byte to 64 KiB, at most 16. Gives the reason, for TIMESTAMPS_MALFORMED, if the file is
 * not of its form. The file must be the canonical form, so that equal tokens have equal files.
 */
export function readTimestamps(reading: TimestampsReading): readonly Uint8Array[] | string {
  const list = readListBeside(reading, "tokens");
  if (typeof list === "string") return list;
  if (list.length > MAX_TIMESTAMPS) return `the file has more than ${MAX_TIMESTAMPS} tokens`;
  const tokens: Uint8Array[] = [];
  for (const [index, text] of list.entries()) {
    const token = typeof text === "string" ? parseBase64(text) : undefined;
    if (token === undefined || token.length === 0) return `token ${index + 1} is not base64`;
    if (token.length > MAX_TIMESTAMP_BYTES)
      return `token ${index + 1} is larger than ${MAX_TIMESTAMP_BYTES} bytes`;
    tokens.push(token);
  }
  const isCanonical = reading.kind !== "bytes" || isSameBytes(reading.bytes, encodeTimestamps(tokens));
  return isCanonical ? tokens : "the file is not canonical JSON";
}

/** Encodes the file in canonical JSON. `readTimestamps` reads the same tokens from it, within its limits. */
export function encodeTimestamps(tokens: readonly Uint8Array[]): Uint8Array {
  return encodeOwn(jsonObject({ version: BESIDE_VERSION, tokens: tokens.map(toBase64) }));
}
