/** Questions about signatures as one thread sends them to another: in one piece of memory that changes hands. @module */

import type { SignatureQuestion } from "../../core/index.ts";

/** Bytes of a key and of the signature after it; the message follows. */
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Questions as they are sent. */
export interface PackedQuestions {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each question ends in it. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** Packs questions, whose keys and signatures have the lengths that the core's rule has seen to. */
export function packQuestions(questions: readonly SignatureQuestion[]): PackedQuestions {
  const ends = new Uint32Array(questions.length);
  let length = 0;
  for (const [index, { message, publicKey, signature }] of questions.entries()) {
    if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES)
      throw new TypeError("a key or a signature was to be asked about that the rule refuses");
    length += KEY_BYTES + SIGNATURE_BYTES + message.length;
    ends[index] = length;
  }
  const bytes = new Uint8Array(length);
  let start = 0;
  for (const [index, { message, publicKey, signature }] of questions.entries()) {
    bytes.set(publicKey, start);
    bytes.set(signature, start + KEY_BYTES);
    bytes.set(message, start + KEY_BYTES + SIGNATURE_BYTES);
    start = ends[index] ?? 0;
  }
  return { bytes, ends };
}

/** The questions that were packed, in their order. */
export function unpackQuestions({ bytes, ends }: PackedQuestions): readonly SignatureQuestion[] {
  const questions: SignatureQuestion[] = [];
  let start = 0;
  for (const end of ends) {
    const signatureStart = start + KEY_BYTES;
    const messageStart = signatureStart + SIGNATURE_BYTES;
    questions.push({
      publicKey: bytes.subarray(start, signatureStart),
      signature: bytes.subarray(signatureStart, messageStart),
      message: bytes.subarray(messageStart, end),
    });
    start = end;
  }
  return questions;
}
