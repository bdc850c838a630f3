/**
 * Small documents of many bundles in few arrays of bytes. What is parsed of a bundle of three files takes ten thousand bytes of
 * memory, and what it is parsed from five hundred.
 *
 * @module
 */

import type { SignerIdentity } from "../artifacts/identity.ts";
import type { VerifyContext } from "./phases/judging.ts";

const SLAB_BYTES: number = 1024 * 1024;

/** Bytes of the length that stands before a document. */
const LENGTH_BYTES = 4;

/** Documents of a bundle that are longer together stay as they were parsed: parsing them again would take long. */
export const MOST_SHELVED_BYTES: number = 16 * 1024;

/** Where a document is on its shelf. */
export type Place = number;

/** Documents that were found to be as signed, and the signers of their bundles. */
export class Shelf {
  /** How the bundles are judged. */
  readonly context: VerifyContext;
  readonly #slabs: Uint8Array[] = [];
  readonly #signers = new Map<string, SignerIdentity>();
  #end = SLAB_BYTES;

  /** An empty shelf. */
  constructor(context: VerifyContext) {
    this.context = context;
  }

  /** Copies a document of at most `MOST_SHELVED_BYTES`. */
  put(document: Uint8Array): Place {
    if (document.length > MOST_SHELVED_BYTES) throw new RangeError("a long document is not shelved");
    if (this.#end + LENGTH_BYTES + document.length > SLAB_BYTES) {
      this.#slabs.push(new Uint8Array(SLAB_BYTES));
      this.#end = 0;
    }
    const slab = this.#slabs.at(-1) ?? new Uint8Array(0);
    const place = (this.#slabs.length - 1) * SLAB_BYTES + this.#end;
    viewOf(slab).setUint32(this.#end, document.length);
    slab.set(document, this.#end + LENGTH_BYTES);
    this.#end += LENGTH_BYTES + document.length;
    return place;
  }

  /** The bytes of a document. They may not be changed. */
  at(place: Place): Uint8Array {
    const slab = this.#slabs[Math.floor(place / SLAB_BYTES)];
    if (slab === undefined) throw new RangeError("there is no such document");
    const start = place % SLAB_BYTES;
    const length = viewOf(slab).getUint32(start);
    return slab.subarray(start + LENGTH_BYTES, start + LENGTH_BYTES + length);
  }

  /** The one object of a signer: most bundles of a line are signed by few. */
  signer(signer: SignerIdentity): SignerIdentity {
    const known = this.#signers.get(signer.publicKeyHex);
    if (known !== undefined) return known;
    this.#signers.set(signer.publicKeyHex, signer);
    return signer;
  }
}

function viewOf({ buffer, byteLength, byteOffset }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
