import { describe, expect, it } from "vitest";
import { DeclaredHashes } from "../../src/core/artifacts/declared-hashes.ts";
import { sortUtf8 } from "../../src/core/bytes/utf8.ts";
import { encodeAsciiCanonical, encodeCanonical } from "../../src/core/json/canonical-json.ts";
import { jsonObject } from "../../src/core/json/json-value.ts";
import { parseStrictJson } from "../../src/core/json/strict-json.ts";
import { sha256 } from "../support/bundle.ts";
import { fc } from "../support/properties.ts";

/** The columns of files whose contents are their paths, and the same as a map. */
function declare(paths: readonly string[]): { columns: DeclaredHashes; map: ReadonlyMap<string, string> } {
  const sorted = sortUtf8([...paths]);
  const bytes = sorted.map((path) => Buffer.from(path));
  const pathStarts = new Uint32Array(sorted.length + 1);
  for (const [index, { length }] of bytes.entries())
    pathStarts[index + 1] = (pathStarts[index] ?? 0) + length;
  const columns = new DeclaredHashes({
    length: sorted.length,
    pathBytes: new Uint8Array(Buffer.concat(bytes)),
    pathStarts,
    digests: new Uint8Array(Buffer.from(sorted.map((path) => sha256(path)).join(""), "hex")),
  });
  return { columns, map: new Map(sorted.map((path) => [path, `sha256:${sha256(path)}`])) };
}

const unit = fc.constantFrom("a", "/", '"', "\\", "\n", "\u007f", "é", "\uffee", "😀", " ");
const path = fc.array(unit, { minLength: 1, maxLength: 6 }).map((units) => units.join(""));
const plainPath = path.filter((text) => !/["\\\n]/.test(text));

describe("the hashes that are declared (PROTOCOL 2, 4.2)", () => {
  it.each([
    ["plain paths", plainPath],
    ["paths that need escapes", path],
  ])("are written as a map of the same members, of %s", (_what, paths) => {
    fc.assert(
      fc.property(fc.uniqueArray(paths, { maxLength: 8 }), (some) => {
        const { columns, map } = declare(some);
        expect(encodeCanonical(columns)).toEqual(encodeCanonical(map));
        expect(encodeAsciiCanonical(columns)).toEqual(encodeAsciiCanonical(map));
        const [within, without] = [columns, map].map((hashes) => jsonObject({ a: "x", hashes, z: "y" }));
        expect(encodeCanonical(within ?? null)).toEqual(encodeCanonical(without ?? null));
      }),
    );
  });

  it("are read again as they were declared", () => {
    const { columns, map } = declare(["a/b", "a-b", "é"]);
    const encoded = encodeCanonical(columns);
    const parsed = encoded.ok ? parseStrictJson(encoded.value) : encoded;
    expect(parsed).toEqual({ ok: true, value: map });
    expect([...columns]).toEqual([...map]);
  });
});
