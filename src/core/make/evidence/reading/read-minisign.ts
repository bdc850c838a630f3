/**
 * Reads signature files of minisign and signify, which begin alike: a line of comment, a line of base64.
 *
 *     untrusted comment: signature from minisign secret key
 *     base64 of: `ED`, 8 bytes of key number, Ed25519 over BLAKE2b-512 of the file
 *     trusted comment: timestamp:1700000000 file:SHA256SUMS hashed
 *     base64 of: Ed25519 over the signature above and the trusted comment
 *
 * signify writes `Ed` in place of `ED`, signs the file itself, and has no trusted comment; what follows its second line is the
 * signed message (`signify -e`). minisign's own legacy form signs the file itself, too, under the same two letters: so one
 * signature could be taken for the other's, and it is refused.
 *
 * @module
 */

import { parseBase64 } from "../../../system/bytes/base64.ts";
import { concatBytes } from "../../../system/bytes/bytes.ts";
import { toHex } from "../../../system/bytes/hex.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import { decodeUtf8, encodeUtf8 } from "../../../system/bytes/utf8.ts";
import { type EvidenceFault, malformed, unsupported } from "./evidence-fault.ts";

/** The beginning of both forms. */
export const UNTRUSTED_COMMENT = "untrusted comment: ";

const TRUSTED_COMMENT = "trusted comment: ";

/** Bytes of a comment. minisign's limit for the trusted one, with its end. */
const MAX_COMMENT = 8192;

/** Characters of base64 for two letters, a key number and a signature. */
const SIGNATURE_CHARACTERS = 100;
const SIGNATURE_BYTES = 74;

/** What both forms have. */
interface NumberedSignature {
  /** The 8 bytes by which the signature names its key, lowercase hex. They are not signed. */
  readonly number: string;
  /** 64 raw bytes. */
  readonly signature: Uint8Array;
}

/** A signature of minisign over the BLAKE2b-512 of a file. */
export interface ReadMinisignSignature extends NumberedSignature {
  readonly form: "minisign";
  /** What the second signature is made over: the first one, and the trusted comment. */
  readonly global: { readonly message: Uint8Array; readonly signature: Uint8Array };
}

/** A signature of signify over a file. */
export interface ReadSignifySignature extends NumberedSignature {
  readonly form: "signify";
  /** The signed list, where it stands in the same file. */
  readonly message: Uint8Array | undefined;
}

/** Reads a file of either form. Fails with EVIDENCE_MALFORMED or EVIDENCE_UNSUPPORTED. */
export function readNumberedSignature(
  bytes: Uint8Array,
): Result<ReadMinisignSignature | ReadSignifySignature, EvidenceFault> {
  const comment = lineAt(bytes, 0);
  if (comment?.text === undefined || !isComment(comment.text, UNTRUSTED_COMMENT)) return malformed("comment");
  const second = lineAt(bytes, comment.end);
  const signed = second?.text?.length === SIGNATURE_CHARACTERS ? parseBase64(second.text) : undefined;
  if (second === undefined || signed?.length !== SIGNATURE_BYTES) return malformed("signature");
  const letters = String.fromCharCode(...signed.subarray(0, 2));
  const own = { number: toHex(signed.subarray(2, 10)), signature: signed.slice(10) };
  const third = lineAt(bytes, second.end);
  const isMinisign = third?.text?.startsWith(TRUSTED_COMMENT) === true;
  if (letters === "Ed") {
    if (isMinisign) return unsupported("minisign-legacy");
    const message = second.end < bytes.length ? bytes.slice(second.end) : undefined;
    return ok({ form: "signify", ...own, message });
  }
  if (letters !== "ED") return unsupported("minisign-algorithm");
  if (third?.text === undefined || !isComment(third.text, TRUSTED_COMMENT)) return malformed("comment");
  const fourth = lineAt(bytes, third.end);
  const global = parseBase64(fourth?.text ?? "");
  if (fourth === undefined || global?.length !== 64) return malformed("signature");
  if (fourth.end < bytes.length) return malformed("trailing-lines");
  const trusted = encodeUtf8(third.text.slice(TRUSTED_COMMENT.length));
  const message = concatBytes([own.signature, trusted]);
  return ok({ form: "minisign", ...own, global: { message, signature: global } });
}

/** A line, without its line feed, and where the next one begins. `undefined` where there is none, or it has no end. */
function lineAt(
  bytes: Uint8Array,
  start: number,
): { readonly text: string | undefined; readonly end: number } | undefined {
  const length = bytes.subarray(start, start + MAX_COMMENT + 1).indexOf(0x0a);
  if (length < 0) return undefined;
  return { text: decodeUtf8(bytes.subarray(start, start + length)), end: start + length + 1 };
}

/** A comment holds no control character but TAB, which minisign writes: it would end its line at a carriage return. */
function isComment(line: string, beginning: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a comment must not hold.
  return line.startsWith(beginning) && !/(?!\t)[\u0000-\u001f\u007f]/.test(line);
}
