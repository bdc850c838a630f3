/**
 * The records of an extended header (POSIX.1-2001, pax): keyword and value, with the length of the record in front.
 *
 * @module
 */

import { decodeUtf8, utf8Length } from "../../system/bytes/utf8.ts";

/** The values that an extended header of ours can have. */
export interface PaxValues {
  readonly linkpath?: string;
  readonly path?: string;
  readonly size?: string;
}

/** Encodes one record: its own length in decimal bytes, a blank, keyword, `=`, value, line feed. */
export function encodeRecord(keyword: keyof PaxValues, value: string): string {
  const rest = ` ${keyword}=${value}\n`;
  const bytes = utf8Length(rest);
  const length = bytes + String(bytes).length;
  // The digits of the length count too, and may make it one digit longer.
  const isLonger = String(length).length > String(bytes).length;
  return `${isLonger ? bytes + String(length).length : length}${rest}`;
}

const LENGTH = /^(\d{1,5}) (linkpath|path|size)=/;

/**
 * Reads records; `undefined` if they are not of this form. The caller encodes the values again and compares the bytes: order, repeats
 * and other spellings of a length are found by that.
 */
export function parseRecords(bytes: Uint8Array): PaxValues | undefined {
  const values: { linkpath?: string; path?: string; size?: string } = {};
  for (let at = 0; at < bytes.length; ) {
    const start = decodeAscii(bytes.subarray(at, at + 16));
    const [prefix = "", digits = "", keyword] = LENGTH.exec(start) ?? [];
    const end = at + Number(digits);
    if (keyword === undefined || end > bytes.length || at + prefix.length >= end) return undefined;
    const value = decodeUtf8(bytes.subarray(at + prefix.length, end - 1));
    if (value === undefined) return undefined;
    if (keyword === "linkpath" || keyword === "path" || keyword === "size") values[keyword] = value;
    at = end;
  }
  return values;
}

function decodeAscii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
