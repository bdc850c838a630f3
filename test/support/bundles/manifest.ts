/**
 * Manifests and JSON for tests of trees and proofs.
 *
 * @module
 */

import { isManifestEntry, type ManifestEntry } from "../../../src/core/make/proof/merkle.ts";
import type { JsonValue } from "../../../src/core/system/json/json-value.ts";
import { parseStrictJson } from "../../../src/core/system/json/strict-json.ts";
import { digestOf } from "../../../src/node/system/runtime/node-crypto.ts";
import { fc } from "../rings/properties.ts";
import { wellFormedText } from "./plain-json.ts";

/** A manifest as a vector writes it: pairs of path and digest. */
export function entriesOf(pairs: unknown): readonly ManifestEntry[] {
  if (!Array.isArray(pairs)) throw new TypeError("the vector has no manifest");
  return pairs.map(([path, digest]) => ({ path, digest }));
}

/** Lawful manifests in any order, with equal contents among them. */
export function arbitraryManifest(
  size: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<readonly ManifestEntry[]> {
  const component = fc.oneof(fc.constantFrom("a", "b", "10", "9", "a:b"), wellFormedText);
  const entry = fc
    .record({
      path: fc.array(component, { minLength: 1, maxLength: 3 }).map((components) => components.join("/")),
      digest: fc.nat(5).map((content) => digestOf(Buffer.from(`content ${content}`))),
    })
    .filter(isManifestEntry);
  return fc.uniqueArray(entry, { selector: ({ path }) => path, ...size });
}

/** A value as the strict reader gives it. */
export function readJson(value: unknown): JsonValue {
  return readBytes(Buffer.from(JSON.stringify(value)));
}

/** What the strict reader gives for bytes that are JSON. */
export function readBytes(bytes: Uint8Array): JsonValue {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok) throw new TypeError("a test's own value is strict JSON");
  return parsed.value;
}
