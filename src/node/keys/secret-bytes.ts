/**
 * The only home of key material and passphrases: memory outside the JavaScript heap, zeroed at the end of
 * its use on every way out (PROTOCOL 14, H-01 and H-07). Which promise holds depends on the platform:
 *
 * - `"guarded"`, where sodium-native loads: pages of their own, locked against swapping, kept out of core
 *   dumps, with a guard page behind and a canary before; zeroed and given back by libsodium.
 * - `"unguarded"`, elsewhere: an ArrayBuffer, zeroed at the end. It may be swapped, it stands in core dumps,
 *   and signing goes through OpenSSL, whose own copy is freed at some later time.
 *
 * Never a string, never a KeyObject that is kept, never a typed array of 64 bytes or less with no
 * ArrayBuffer of its own: V8 keeps those on its heap and copies them when native code first touches them,
 * and clearing then clears only the copy.
 *
 * What neither can promise: registers and stacks of native code while it runs, what the kernel keeps in
 * its pipes and terminals, a debugger or root on the same machine, hibernation, and a process that is
 * killed before it has zeroed (its pages go back to the kernel, which zeroes them for the next owner).
 *
 * @module
 */

import { randomFillSync } from "node:crypto";
import { inspect } from "node:util";
import { libsodium } from "./sodium.ts";

/** Which promise secret memory keeps on this platform; see the page above. */
export function secretMemory(): "guarded" | "unguarded" {
  return libsodium() === undefined ? "unguarded" : "guarded";
}

/** Buffers below this size are not worth the risk that an engine treats small ones in its own way. */
const MIN_UNGUARDED_BYTES = 128;

/** Bytes that are zeroed when they are disposed of, and never shown. */
export class SecretBytes implements Disposable {
  readonly length: number;
  #bytes: Buffer | undefined;

  /** Allocates zeroed secret memory. */
  constructor(length: number) {
    this.length = length;
    this.#bytes = allocate(length);
    Object.defineProperty(this, inspect.custom, { value: () => "[secret]" });
  }

  /** Lends the bytes to a function that must not keep them. Throws after disposal: a bug. */
  use<Value>(work: (bytes: Buffer) => Value): Value {
    if (this.#bytes === undefined) throw new Error("secret bytes were used after their disposal");
    return work(this.#bytes);
  }

  /** The same bytes in memory of their own, which is the caller's to dispose of. */
  copy(): SecretBytes {
    const copy = new SecretBytes(this.length);
    copy.use((target) => this.use((bytes) => bytes.copy(target)));
    return copy;
  }

  /** Zeroes and frees the memory. Safe to call twice. */
  dispose(): void {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    if (bytes !== undefined) release(bytes);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** For template literals and concatenation, which would ask `toString` otherwise. */
  [Symbol.toPrimitive](): string {
    return "[secret]";
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}

/** Fills secret memory with random bytes, in place. */
export function fillRandom(secret: SecretBytes): void {
  const sodium = libsodium();
  secret.use((bytes) => {
    if (sodium === undefined) randomFillSync(bytes);
    else sodium.randombytes_buf(bytes);
  });
}

function allocate(length: number): Buffer {
  const sodium = libsodium();
  if (sodium === undefined) {
    return Buffer.from(new ArrayBuffer(Math.max(length, MIN_UNGUARDED_BYTES)), 0, length);
  }
  const bytes = sodium.sodium_malloc(length);
  // libsodium fills new memory with 0xdb.
  sodium.sodium_memzero(bytes);
  return bytes;
}

function release(bytes: Buffer): void {
  const sodium = libsodium();
  if (sodium === undefined) {
    bytes.fill(0);
    return;
  }
  sodium.sodium_memzero(bytes);
  sodium.sodium_free(bytes);
}
