/**
 * The request to a timestamp authority and its answer (RFC 3161, sections 2.4.1 and 2.4.2).
 *
 * @module
 */

import { createHash, randomBytes } from "node:crypto";
import { MAX_TIMESTAMP_BYTES, partsIn, smallInteger, TAG } from "../../../core/internal.ts";
import { parseDer } from "../../keys/time/asn1-reader.ts";

/** Bytes of an answer: a token, and what an authority says of its status. */
export const MAX_ANSWER_BYTES: number = MAX_TIMESTAMP_BYTES + 4096;

/** A request, and what must be found in the answer. */
export interface TimeStampRequest {
  /** TimeStampReq in DER. */
  readonly bytes: Uint8Array;
  /** Content bytes of the nonce. */
  readonly nonce: Uint8Array;
}

/** What an answer says. */
export type TimeStampAnswer =
  /** TimeStampToken in DER. */
  | { readonly kind: "token"; readonly token: Uint8Array }
  /** PKIStatus of RFC 3161: 2 is a rejection. */
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "malformed" }
  | { readonly kind: "too-large" };

/** SHA-256 with parameters NULL. */
const SHA256 = Buffer.from("300d06096086480165030402010500", "hex");
const VERSION_1 = Buffer.from("020101", "hex");
const TRUE = Buffer.from("0101ff", "hex");
const NONCE_BYTES = 8;

/** Makes a request for a token over the SHA-256 of some bytes, with the certificates of its signer in it. */
export function makeRequest(stamped: Uint8Array): TimeStampRequest {
  const nonce = randomBytes(NONCE_BYTES);
  // A positive integer in its shortest form.
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40;
  const imprint = encode(TAG.sequence, SHA256, encode(TAG.octetString, digestOf(stamped)));
  const bytes = encode(TAG.sequence, VERSION_1, imprint, encode(TAG.integer, nonce), TRUE);
  return { bytes, nonce };
}

/** Reads an answer in DER. */
export function readAnswer(bytes: Uint8Array): TimeStampAnswer {
  const [info, token, ...rest] = partsIn(parseDer(bytes, MAX_ANSWER_BYTES), TAG.sequence);
  const status = smallInteger(partsIn(info, TAG.sequence)[0]);
  if (status === undefined || rest.length > 0) return { kind: "malformed" };
  // 0 is granted, and 1 granted with changes.
  if (status > 1) return { kind: "refused", status };
  if (token === undefined) return { kind: "malformed" };
  if (token.bytes.length > MAX_TIMESTAMP_BYTES) return { kind: "too-large" };
  return { kind: "token", token: Uint8Array.from(token.bytes) };
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

/** Encodes a value of fewer than 128 bytes. */
function encode(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}
