/**
 * Values of DER that tokens and certificates have: integers, booleans, moments, algorithms.
 *
 * @module
 */

import { secondsOf } from "../../system/bytes/utc-time.ts";
import { type DerNode, TAG } from "./der.ts";

/** Bytes of a moment. The longest that is read has 34. */
const MAX_MOMENT_BYTES = 64;

/** The children of a node with this tag; none for any other node. */
export function partsIn(node: DerNode | undefined, tag: number): readonly DerNode[] {
  return node?.tag === tag ? node.children : [];
}

/** A non-negative integer of at most six bytes; `undefined` for any other value. */
export function smallInteger(node: DerNode | undefined, tag: number = TAG.integer): number | undefined {
  if (node === undefined || node.tag !== tag || !isMinimalInteger(node.content)) return undefined;
  const [first = 0] = node.content;
  if (first >= 0x80 || node.content.length > 6) return undefined;
  return node.content.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The content of an integer in its shortest form; `undefined` for any other value. */
export function integerBytes(node: DerNode | undefined): Uint8Array | undefined {
  return node?.tag === TAG.integer && isMinimalInteger(node.content) ? node.content : undefined;
}

function isMinimalInteger([first, second]: Uint8Array): boolean {
  if (first === undefined || second === undefined) return first !== undefined;
  return !(first === 0 && second < 0x80) && !(first === 0xff && second >= 0x80);
}

/** A boolean; `undefined` for any other value. */
export function booleanOf(node: DerNode | undefined): boolean | undefined {
  if (node?.tag !== TAG.boolean || node.content.length !== 1) return undefined;
  const [byte] = node.content;
  return byte === 0xff ? true : byte === 0 ? false : undefined;
}

/** An algorithm without parameters, or with NULL; `undefined` for any other. */
export function plainAlgorithm(node: DerNode | undefined): string | undefined {
  const [name, parameters, ...rest] = partsIn(node, TAG.sequence);
  const isPlain =
    parameters === undefined || (parameters.tag === TAG.null && parameters.content.length === 0);
  return isPlain && rest.length === 0 ? name?.oid : undefined;
}

/** A moment as certificates have it (RFC 5280, section 4.1.2.5): milliseconds since 1970. */
export function certificateMoment(node: DerNode | undefined): number | undefined {
  if (node === undefined) return undefined;
  const text = asciiOf(node.content);
  if (node.tag !== TAG.generalizedTime && node.tag !== TAG.utcTime) return undefined;
  const century = node.tag === TAG.generalizedTime ? "" : text < "5" ? "20" : "19";
  return momentOf(/^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(century + text));
}

/** A moment as tokens have it (RFC 3161, section 2.4.2), rounded up: milliseconds since 1970. */
export function genTimeMoment(node: DerNode | undefined): number | undefined {
  if (node?.tag !== TAG.generalizedTime) return undefined;
  const text = asciiOf(node.content);
  // A fraction has no zeros at its end.
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{0,17}[1-9]))?Z$/.exec(text);
  const seconds = momentOf(match);
  const fraction = match?.[7];
  if (seconds === undefined || fraction === undefined) return seconds;
  const more = /[^0]/.test(fraction.slice(3)) ? 1 : 0;
  return seconds + Number(fraction.slice(0, 3).padEnd(3, "0")) + more;
}

function momentOf(match: RegExpExecArray | null): number | undefined {
  const seconds = secondsOf(match);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** One character a byte; empty for more bytes than any moment has. */
function asciiOf(bytes: Uint8Array): string {
  return bytes.length > MAX_MOMENT_BYTES ? "" : String.fromCharCode(...bytes);
}
