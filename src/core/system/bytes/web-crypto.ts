/**
 * The port to cryptography where signatures are verified asynchronously, as by WebCrypto in a browser: the core asks, the platform
 * answers, and the core goes on.
 *
 * @module
 */

import { concatBytes } from "./bytes.ts";
import type { Crypto, RunningSha256 } from "./crypto.ts";
import { toHex } from "./hex.ts";
import { Questions } from "./questions.ts";

/** The base point: a key that every implementation takes. */
const SOME_KEY = new Uint8Array(32).fill(0x66);
SOME_KEY[0] = 0x58;

/** What is asked of WebCrypto; `crypto.subtle` is one. */
export interface Subtle<Key> {
  importKey(
    format: "raw",
    bytes: Uint8Array<ArrayBuffer>,
    algorithm: "Ed25519",
    extractable: false,
    usages: ["verify"],
  ): Promise<Key>;
  verify(
    algorithm: "Ed25519",
    key: Key,
    signature: Uint8Array<ArrayBuffer>,
    message: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

/** A question whether one signature holds. */
interface Question {
  readonly name: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly message: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** Cryptography by a platform like WebCrypto, and by a SHA-256 that answers at once. */
export class WebCrypto {
  /** What the core takes. A signature that was not asked before `settle` counts as one that does not hold, until it was. */
  readonly port: Crypto;
  /** Where a caller asks the platform more; `settle` answers that too. */
  readonly questions: Questions = new Questions();
  readonly #verify: (question: Question) => Promise<boolean>;
  readonly #answers = new Map<string, boolean>();

  private constructor(verify: (question: Question) => Promise<boolean>, sha256: Crypto["sha256"]) {
    this.#verify = verify;
    this.port = {
      sha256,
      beginSha256: () => holdPieces(sha256),
      verifyEd25519: (publicKey, message, signature) => this.#recall(publicKey, message, signature),
      equalDigests: isEqual,
      equalDigestLists: isEqual,
    };
  }

  /** Makes it of `crypto.subtle` and a function that computes SHA-256. Throws where the platform has no Ed25519. */
  static async of<Key>(subtle: Subtle<Key>, sha256: Crypto["sha256"]): Promise<WebCrypto> {
    const keyOf = (bytes: Uint8Array<ArrayBuffer>): Promise<Key> =>
      subtle.importKey("raw", bytes, "Ed25519", false, ["verify"]);
    try {
      await keyOf(SOME_KEY);
    } catch (cause) {
      throw new Error("this browser can't verify Ed25519 signatures: use a newer one", { cause });
    }
    const verify = async ({ message, publicKey, signature }: Question): Promise<boolean> => {
      try {
        return await subtle.verify("Ed25519", await keyOf(publicKey), signature, message);
      } catch (thrown) {
        // Browsers say so of a key that is not a point of the curve.
        if (thrown instanceof Error && thrown.name === "DataError") return false;
        throw thrown;
      }
    };
    return new WebCrypto(verify, sha256);
  }

  /** Runs a synchronous part of the core that asks for signatures, as `Questions.settle` does. */
  async settle<Value>(part: () => Value): Promise<Value> {
    return await this.questions.settle(part);
  }

  /** Asks the platform whether a signature holds. Only behind `hasAcceptedEncoding`. */
  async verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    return await this.#verify(this.#question(publicKey, message, signature));
  }

  #recall(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    const question = this.#question(publicKey, message, signature);
    return this.questions.recall(this.#answers, question.name, () => this.#verify(question)) ?? false;
  }

  #question(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Question {
    const name = toHex(this.port.sha256(concatBytes([publicKey, signature, message])));
    return {
      name,
      publicKey: new Uint8Array(publicKey),
      message: new Uint8Array(message),
      signature: new Uint8Array(signature),
    };
  }
}

/** Pieces are held until the end: one hasher serves all. */
function holdPieces(sha256: Crypto["sha256"]): RunningSha256 {
  const pieces: Uint8Array[] = [];
  const add = (piece: Uint8Array): void => {
    pieces.push(new Uint8Array(piece));
  };
  return { add, end: () => sha256(concatBytes(pieces)) };
}

/** In constant time: digests from outside are compared with these. */
function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) throw new TypeError("digests of different lengths are compared");
  let difference = 0;
  for (let index = 0; index < left.length; index++) difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}
