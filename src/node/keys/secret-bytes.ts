/**
 * The only home of key material: memory outside the JavaScript heap, locked and guarded by libsodium,
 * zeroed at the end of its use on every way out (PROTOCOL 14, H-01 and H-07).
 *
 * Never a string, never a KeyObject, never a typed array of 64 bytes or less: V8 keeps those on its own
 * heap and copies them when native code first touches them, and clearing then clears only the copy.
 *
 * What it cannot promise: registers and stacks of native code while it runs, a debugger or root on the
 * same machine, hibernation, and copies that the kernel makes of a page before it is locked.
 *
 * @module
 */

import { inspect } from "node:util";
import sodium from "sodium-native";

/** Bytes that are zeroed when they are disposed of, and never shown. */
export class SecretBytes implements Disposable {
  readonly length: number;
  #bytes: Buffer | undefined;

  /** Allocates zeroed secret memory. */
  constructor(length: number) {
    this.length = length;
    this.#bytes = sodium.sodium_malloc(length);
    sodium.sodium_memzero(this.#bytes);
    Object.defineProperty(this, inspect.custom, { value: () => "[secret]" });
  }

  /** Lends the bytes to a function that must not keep them. Throws after disposal: a bug. */
  use<Value>(work: (bytes: Buffer) => Value): Value {
    if (this.#bytes === undefined) throw new Error("secret bytes were used after their disposal");
    return work(this.#bytes);
  }

  /** Zeroes and frees the memory. Safe to call twice. */
  dispose(): void {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    if (bytes === undefined) return;
    sodium.sodium_memzero(bytes);
    sodium.sodium_free(bytes);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}
