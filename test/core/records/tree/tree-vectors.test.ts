import { describe, expect, it } from "vitest";
import { encodeTree } from "../../../../src/core/records/tree/encode-tree.ts";
import { LinkJudge } from "../../../../src/core/records/tree/link-judge.ts";
import type { OutputTree } from "../../../../src/core/records/tree/output-tree.ts";
import { parseTree } from "../../../../src/core/records/tree/tree-form.ts";
import { checkTree } from "../../../../src/core/records/tree/tree-law.ts";
import { encodeUtf8 } from "../../../../src/core/system/bytes/utf8.ts";
import type { Rejection } from "../../../../src/core/system/codes/verdict.ts";
import { TextViews } from "../../../../src/core/system/json/text-views.ts";
import { canonical } from "../../../support/bundles/bundle.ts";
import { type BytesSpec, bytesOf, readVectors, type VectorCase } from "../../../support/bundles/vectors.ts";

const VECTORS = readVectors("tree");
const casesOf = (operation: string): readonly VectorCase[] => VECTORS.filter(({ op }) => op === operation);

/** The tree of a case, which must be of the right form. */
function treeOf({ params }: VectorCase): OutputTree {
  const parsed = parseTree(encodeUtf8(canonical(params["tree"])));
  if (!parsed.ok) throw new TypeError(parsed.message);
  return parsed.value;
}

function filesOf({ params }: VectorCase): TextViews {
  return TextViews.of(params["files"] as readonly string[]);
}

function law(vector: VectorCase): Rejection | undefined {
  const maxEntries = vector.params["max_entries"] as number | undefined;
  return checkTree(treeOf(vector), { files: filesOf(vector), rules: { refuseColon: false }, maxEntries });
}

describe("tree vectors (PROTOCOL 19)", () => {
  it("are 305 cases with distinct names", () => {
    expect(new Set(VECTORS.map(({ name }) => name)).size).toBe(305);
  });

  it.each(casesOf("parse_tree"))("$name", ({ expect: expected, params }) => {
    const bytes = bytesOf(params["input"] as BytesSpec);
    const parsed = parseTree(bytes);
    if (!parsed.ok) {
      const { code, reason } = expected;
      return expect(parsed).toMatchObject({ ok: false, phase: "tree", code, details: { reason } });
    }
    expect(expected).toEqual({ ok: true });
    expect(Buffer.from(encodeTree(parsed.value)).equals(bytes)).toBe(true);
  });

  it.each(casesOf("check_tree"))("$name", (vector) => {
    const { code, ok, path, reason } = vector.expect;
    const rejection = law(vector);
    if (ok) return expect(rejection).toBeUndefined();
    const details = path === undefined ? { reason } : { path, reason };
    expect(rejection).toMatchObject({ ok: false, phase: "tree", code });
    expect(rejection?.details).toEqual(details);
  });

  it.each(casesOf("links_outside"))("$name", (vector) => {
    expect(law(vector)).toBeUndefined();
    const tree = treeOf(vector);
    const judge = new LinkJudge(tree, filesOf(vector));
    const paths = [...tree.links.paths];
    expect(paths.filter((_path, index) => judge.leadsOutside(index))).toEqual(vector.expect.outside);
    // A judge that knows no other link yet says the same.
    const alone = paths.filter((_path, index) => new LinkJudge(tree, filesOf(vector)).leadsOutside(index));
    expect(alone).toEqual(vector.expect.outside);
  });
});
