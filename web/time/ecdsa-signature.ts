/**
 * ECDSA signatures: from DER (RFC 3279, section 2.2.3), as certificates have them, to IEEE P1363, as WebCrypto takes them.
 *
 * @module
 */

import {
  type CurveName,
  concatBytes,
  integerBytes,
  parseDer,
  partsIn,
  type ReadBer,
  TAG,
} from "../../src/core/internal.ts";

/** Bytes of a number below the order of a curve. */
const NUMBER_BYTES = { "P-256": 32, "P-384": 48, "P-521": 66 } as const;

/** Converts a signature; `undefined` for one that is not of its form, or whose numbers are negative or too long. */
export function toP1363(der: Uint8Array, curve: CurveName, readBer: ReadBer): Uint8Array | undefined {
  const [r, s, ...rest] = partsIn(parseDer(der, readBer), TAG.sequence).map((node) =>
    paddedNumber(integerBytes(node), NUMBER_BYTES[curve]),
  );
  return r === undefined || s === undefined || rest.length > 0 ? undefined : concatBytes([r, s]);
}

function paddedNumber(content: Uint8Array | undefined, length: number): Uint8Array | undefined {
  const [first] = content ?? [];
  if (content === undefined || first === undefined || first >= 0x80) return undefined;
  const bytes = first === 0 ? content.subarray(1) : content;
  if (bytes.length > length) return undefined;
  return concatBytes([new Uint8Array(length - bytes.length), bytes]);
}
