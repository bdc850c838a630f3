/**
 * The core's port to cryptography, by this platform: SHA-256 by hash-wasm, because WebCrypto's can't be asked synchronously, and
 * Ed25519 by WebCrypto, behind the core's rule.
 *
 * @module
 */

import { createSHA256, type IHasher } from "hash-wasm";
import { type Crypto, concatBytes, toHex } from "../../src/core/internal.ts";
import { Questions } from "./questions.ts";

/** The base point: a key that every implementation takes. */
const SOME_KEY = new Uint8Array(32).fill(0x66);
SOME_KEY[0] = 0x58;

/** A question whether one signature holds. */
interface Question {
  readonly name: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly message: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** The page's cryptography. */
export class PageCrypto {
  /** What the core takes. A signature that was not asked before `settle` counts as one that does not hold, until it was. */
  readonly port: Crypto;
  /** Where other parts of the page ask WebCrypto; `settle` answers them too. */
  readonly questions: Questions = new Questions();
  readonly #hasher: IHasher;
  readonly #answers = new Map<string, boolean>();

  private constructor(hasher: IHasher) {
    this.#hasher = hasher;
    this.port = {
      sha256: (bytes) => this.#sha256(bytes),
      beginSha256: () => new HeldPieces((bytes) => this.#sha256(bytes)),
      verifyEd25519: (publicKey, message, signature) => this.#recall(publicKey, message, signature),
      equalDigests: isEqual,
      equalDigestLists: isEqual,
    };
  }

  /** Loads SHA-256. Throws where the browser has no WebAssembly or no Ed25519. */
  static async load(): Promise<PageCrypto> {
    try {
      await crypto.subtle.importKey("raw", SOME_KEY, "Ed25519", false, ["verify"]);
    } catch (cause) {
      throw new Error("this browser can't verify Ed25519 signatures: use a newer one", { cause });
    }
    return new PageCrypto(await createSHA256());
  }

  /** Runs a synchronous part of the core that asks for signatures, as `Questions.settle` does. */
  async settle<Value>(part: () => Value): Promise<Value> {
    return await this.questions.settle(part);
  }

  /** Asks WebCrypto whether a signature holds. Only behind `hasAcceptedEncoding` of the core. */
  async verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    return await askPlatform(this.#question(publicKey, message, signature));
  }

  #recall(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    const question = this.#question(publicKey, message, signature);
    return this.questions.recall(this.#answers, question.name, () => askPlatform(question)) ?? false;
  }

  #question(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Question {
    const name = toHex(this.#sha256(concatBytes([publicKey, signature, message])));
    return {
      name,
      publicKey: new Uint8Array(publicKey),
      message: new Uint8Array(message),
      signature: new Uint8Array(signature),
    };
  }

  #sha256(bytes: Uint8Array): Uint8Array {
    return this.#hasher.init().update(bytes).digest("binary");
  }
}

/** Pieces are held until the end: one hasher serves all. */
class HeldPieces {
  readonly #pieces: Uint8Array[] = [];
  readonly #hash: (bytes: Uint8Array) => Uint8Array;

  constructor(hash: (bytes: Uint8Array) => Uint8Array) {
    this.#hash = hash;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(new Uint8Array(piece));
  }

  end(): Uint8Array {
    return this.#hash(concatBytes(this.#pieces));
  }
}

async function askPlatform({ message, publicKey, signature }: Question): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch (thrown) {
    // Browsers say so of a key that is not a point of the curve.
    if (thrown instanceof DOMException && thrown.name === "DataError") return false;
    throw thrown;
  }
}

/** In constant time: digests from outside are compared with these. */
function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) throw new TypeError("digests of different lengths are compared");
  let difference = 0;
  for (let index = 0; index < left.length; index++) difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}
