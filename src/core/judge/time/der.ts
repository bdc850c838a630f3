/**
 * Reads DER (X.690) with the platform's reader of BER, which is asn1js. Indefinite and padded lengths, which DER forbids, are refused here.
 *
 * @module
 */

import { MAX_TIMESTAMP_BYTES } from "../../system/bytes/limits.ts";

/** Nested values of a token. One with a chain of certificates has about fifteen. */
const MAX_DEPTH = 32;

/** Values in a token. One with a chain of certificates has some hundreds. */
const MAX_NODES = 10_000;

/** One value. */
export interface DerNode {
  /** The identifier octet: class, constructed bit and number. */
  readonly tag: number;
  /** All of the value, with its identifier and length. */
  readonly bytes: Uint8Array;
  /** What is behind the length. */
  readonly content: Uint8Array;
  /** Empty for a primitive value. */
  readonly children: readonly DerNode[];
  /** An object identifier in dotted form; undefined for any other value. */
  readonly oid: string | undefined;
}

/** Identifier octets. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of a context-specific value. */
export function contextTag(number: number, form: "primitive" | "constructed"): number {
  return (form === "constructed" ? 0xa0 : 0x80) | number;
}

/** Reads one value in BER at the start of some bytes, as `fromBER` of asn1js does. It may throw on what is not BER. */
export type ReadBer = (
  bytes: Uint8Array,
  limits: { readonly maxDepth: number; readonly maxNodes: number; readonly maxContentLength: number },
) => { readonly offset: number; readonly result: BerBlock };

/** A value, as asn1js reads it. */
export interface BerBlock {
  readonly idBlock: { readonly isConstructed: boolean };
  /** Of a constructed value, the blocks in it are its `value`. Of an object identifier, `toString` gives the dotted form. */
  readonly valueBlock: object;
  /** All bytes of the value. */
  readonly valueBeforeDecodeView: Uint8Array;
  /** Empty if there is none. */
  readonly error: string;
}

/** Parses exactly one value in DER, of at most so many bytes and 32 levels. `undefined` for anything else: nothing makes it throw. */
export function parseDer(
  bytes: Uint8Array,
  readBer: ReadBer,
  limit: number = MAX_TIMESTAMP_BYTES,
): DerNode | undefined {
  if (bytes.length > limit) return undefined;
  try {
    const limits = { maxDepth: MAX_DEPTH, maxNodes: MAX_NODES, maxContentLength: limit };
    const { offset, result } = readBer(bytes, limits);
    return offset === bytes.length && result.error === "" ? nodeOf(result) : undefined;
  } catch {
    // Whatever a parser throws on hostile bytes: they are not DER.
    return undefined;
  }
}

function nodeOf(block: BerBlock): DerNode | undefined {
  const bytes = block.valueBeforeDecodeView;
  const start = contentStart(bytes);
  const [tag] = bytes;
  if (start === undefined || tag === undefined) return undefined;
  const children: DerNode[] = [];
  if (block.idBlock.isConstructed) {
    for (const part of partsOf(block)) {
      const child = nodeOf(part);
      if (child === undefined) return undefined;
      children.push(child);
    }
    // asn1js skips what it can't place.
    if (children.reduce((sum, child) => sum + child.bytes.length, start) !== bytes.length) return undefined;
  }
  const oid = tag === TAG.oid ? block.valueBlock.toString() : undefined;
  return { tag, bytes, content: bytes.subarray(start), children, oid };
}

function partsOf({ valueBlock }: BerBlock): readonly BerBlock[] {
  const value: unknown = "value" in valueBlock ? valueBlock.value : undefined;
  return Array.isArray(value) ? value : [];
}

/** Where the content begins; `undefined` unless the length is definite, minimal, and that of the rest. */
function contentStart(bytes: Uint8Array): number | undefined {
  const [tag = 0, first = 0] = bytes;
  // Numbers from 31 on take several octets. No type that is read here has one.
  if ((tag & 0x1f) === 0x1f) return undefined;
  if (first < 0x80) return bytes.length === 2 + first ? 2 : undefined;
  const count = first & 0x7f;
  if (count === 0 || count > 3 || bytes[2] === 0) return undefined;
  const length = bytes.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  return length >= 0x80 && bytes.length === 2 + count + length ? 2 + count : undefined;
}
