/**
 * asn1js, which is loaded when the first token is read, behind the core's port.
 *
 * @module
 */

import { createRequire } from "node:module";
import type { fromBER } from "asn1js";
import {
  type DerNode,
  MAX_TIMESTAMP_BYTES,
  parseDer as parseDerBy,
  type ReadBer,
} from "../../../core/internal.ts";

/** What is used of asn1js. */
interface Asn1 {
  readonly fromBER: typeof fromBER;
}

let asn1: Asn1 | undefined;

/** Reads one value in BER. */
export const readBer: ReadBer = (bytes, limits) => {
  asn1 ??= loadAsn1();
  return asn1.fromBER(bytes, limits);
};

/** Parses exactly one value in DER, of at most so many bytes and 32 levels. `undefined` for anything else: nothing makes it throw. */
export function parseDer(bytes: Uint8Array, limit: number = MAX_TIMESTAMP_BYTES): DerNode | undefined {
  return parseDerBy(bytes, readBer, limit);
}

// Not a static import: few commands read tokens.
function loadAsn1(): Asn1 {
  const loaded: unknown = createRequire(import.meta.url)("asn1js");
  if (!isAsn1(loaded)) throw new TypeError("asn1js has other functions than expected");
  return loaded;
}

function isAsn1(value: unknown): value is Asn1 {
  return (
    typeof value === "object" && value !== null && "fromBER" in value && typeof value.fromBER === "function"
  );
}
