/**
 * The conformance vectors (PROTOCOL 16), one JSON object a line. test/vectors/README.md explains a case.
 *
 * @module
 */

import { readFileSync } from "node:fs";

/** How a case writes bytes down. */
export type BytesSpec =
  | { readonly utf8: string }
  | { readonly base64: string }
  | { readonly fill: { readonly byte: number; readonly size: number } };

/** What a case finds at a path before its operation runs. `mode` is octal text, applied last, deepest first. */
export type TreeEntry = (
  | BytesSpec
  | { readonly symlink: string }
  | { readonly dir: true }
  | { readonly fifo: true }
) & { readonly mode?: string };

/** What an operation must answer. A field that is absent is not compared. */
export interface VectorExpectation {
  readonly ok: boolean;
  /** `null` where the operation succeeds and has no code: a restore. */
  readonly code: string | null;
  /** Other codes that are as good. */
  readonly also?: readonly string[];
  readonly artifact?: string;
  readonly field?: string;
  readonly path?: string;
  readonly phase?: string;
  readonly run_id?: string;
  readonly verifier_code?: string;
  readonly failed_at_index?: number | null;
  readonly fs?: Readonly<Record<string, unknown>>;
  readonly bundle_root?: string;
  readonly bundle_roots?: readonly string[];
  readonly chain_root?: string | null;
  readonly chain_head?: string | null;
  readonly chain_length?: number;
  readonly root?: string;
  readonly proof?: unknown;
  readonly proofs?: Readonly<Record<string, unknown>>;
  readonly output?: BytesSpec;
  readonly hash?: string;
  readonly preimage_utf8?: string;
  readonly message_utf8?: string;
  readonly message?: BytesSpec;
  readonly signature?: string;
  readonly public_key?: string;
  readonly validator_id?: string;
  readonly key_id?: string;
  readonly bundle?: Readonly<Record<string, unknown>>;
  readonly reason?: string;
  readonly kind?: string;
  readonly aspect?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** Each failure of `--all`, as its code and path. */
  readonly all?: readonly (readonly [string, string | null])[];
  /** Paths of links, in byte order. */
  readonly outside?: readonly string[];
}

/** One case of one operation. */
export interface VectorCase {
  readonly name: string;
  readonly section: string;
  readonly op: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly expect: VectorExpectation;
  readonly tree?: Readonly<Record<string, TreeEntry>>;
  readonly note?: string;
  /** Implementations in the field disagree here, and PROTOCOL.md decides. */
  readonly decided?: boolean;
}

/** All cases of an operation, such as `canonical_json`, in the order of the file. */
export function readVectors(operation: string): readonly VectorCase[] {
  const lines = readFileSync(new URL(`../../vectors/${operation}.jsonl`, import.meta.url), "utf8").trimEnd();
  return lines.split("\n").map((line) => JSON.parse(line));
}

/** The bytes that a case wrote down. */
export function bytesOf(spec: BytesSpec): Uint8Array {
  if ("utf8" in spec) return new TextEncoder().encode(spec.utf8);
  if ("base64" in spec) return new Uint8Array(Buffer.from(spec.base64, "base64"));
  return new Uint8Array(spec.fill.size).fill(spec.fill.byte);
}
