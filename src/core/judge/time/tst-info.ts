/**
 * TSTInfo, what an authority signs (RFC 3161, section 2.4.2).
 *
 * @module
 */

import { SHA256_OID } from "./algorithms.ts";
import { contextTag, type DerNode, TAG } from "./der.ts";
import {
  booleanOf,
  genTimeMoment,
  integerBytes,
  partsIn,
  plainAlgorithm,
  smallInteger,
} from "./der-values.ts";

/** A parsed TSTInfo. */
export interface TstInfo {
  /** The digest that was stamped, raw bytes; undefined for one that is not SHA-256. */
  readonly imprint: Uint8Array | undefined;
  /** Milliseconds since 1970, rounded up. */
  readonly at: number;
  /** Milliseconds, rounded up; one second if the authority does not say. */
  readonly accuracy: number;
  /** Content bytes of the integer. */
  readonly nonce: Uint8Array | undefined;
}

const VERSION = 1;
const DEFAULT_ACCURACY = 1000;

/** The last millisecond that RFC 3339 can write: it has four digits for the year. */
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The members behind the time, all optional, in their order. */
const LATER_TAGS: readonly number[] = [
  TAG.sequence,
  TAG.boolean,
  TAG.integer,
  contextTag(0, "constructed"),
  contextTag(1, "constructed"),
];

/**
 * Parses a TSTInfo; `undefined` if it is not of its form, if its time and accuracy together are beyond the year 9999, or if it has a
 * critical extension: none is known.
 */
export function parseTstInfo(node: DerNode | undefined): TstInfo | undefined {
  const [version, policy, imprint, serial, time, ...later] = partsIn(node, TAG.sequence);
  if (smallInteger(version) !== VERSION || policy?.oid === undefined) return undefined;
  const [algorithm, digest, ...rest] = partsIn(imprint, TAG.sequence);
  if (digest?.tag !== TAG.octetString || rest.length > 0) return undefined;
  const at = genTimeMoment(time);
  if (integerBytes(serial) === undefined || at === undefined || !isInOrder(later)) return undefined;
  const find = (tag: number): DerNode | undefined => later.find((part) => part.tag === tag);
  const accuracy = readAccuracy(find(TAG.sequence));
  const ordering = find(TAG.boolean);
  const nonce = find(TAG.integer);
  const extensions = find(contextTag(1, "constructed"));
  // The default, false, is not encoded in DER.
  if (ordering !== undefined && booleanOf(ordering) !== true) return undefined;
  if (accuracy === undefined || (nonce !== undefined && integerBytes(nonce) === undefined)) return undefined;
  if (at + accuracy > LAST_MOMENT) return undefined;
  if (extensions?.children.some(isCritical) === true) return undefined;
  const isSha256 = plainAlgorithm(algorithm) === SHA256_OID && digest.content.length === 32;
  return {
    imprint: isSha256 ? digest.content : undefined,
    at,
    accuracy,
    nonce: nonce && integerBytes(nonce),
  };
}

function isInOrder(parts: readonly DerNode[]): boolean {
  const places = parts.map(({ tag }) => LATER_TAGS.indexOf(tag));
  return places.every((place, index) => place >= 0 && (index === 0 || place > (places[index - 1] ?? -1)));
}

/** Seconds, then thousandths and millionths from 1 to 999. */
function readAccuracy(node: DerNode | undefined): number | undefined {
  if (node === undefined) return DEFAULT_ACCURACY;
  const tags = [TAG.integer, contextTag(0, "primitive"), contextTag(1, "primitive")];
  const values = [0, 0, 0];
  let last = -1;
  for (const part of node.children) {
    const place = tags.indexOf(part.tag);
    const value = smallInteger(part, part.tag);
    if (place <= last || value === undefined || (place > 0 && (value < 1 || value > 999))) return undefined;
    values[place] = value;
    last = place;
  }
  const [seconds = 0, millis = 0, micros = 0] = values;
  // More than a century is not an accuracy.
  if (seconds > 100 * 366 * 86_400) return undefined;
  return seconds * 1000 + millis + Math.ceil(micros / 1000);
}

function isCritical(extension: DerNode): boolean {
  const [, second] = partsIn(extension, TAG.sequence);
  return booleanOf(second) === true;
}
