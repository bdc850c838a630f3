import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reportOnBundle } from "../../src/node/verify/verify-bundle-files.ts";
import { canonical, sealBundle, type TestBundle, writeBundle } from "../support/bundle.ts";
import { layOutTree, putEntry, removeTree } from "../support/tree.ts";
import { bytesOf, readVectors, type TreeEntry, type VectorCase } from "../support/vectors.ts";

const CASES = readVectors("tree").filter(({ op }) => op === "verify_tree");

/** What a case says of its bundle. */
interface TreeParams {
  readonly outputs: Readonly<Record<string, string>>;
  readonly output_tree: Readonly<Record<string, unknown>>;
  /** The bytes that are signed, instead of the canonical form of the members. */
  readonly signed?: { readonly utf8: string };
  /** What stands in the place of OUTPUT_TREE.json; null: nothing. */
  readonly artifact?: TreeEntry | null;
  /** The digest in the binding: `upper` is in capitals, `none` is absent. */
  readonly digest?: unknown;
  readonly exact?: boolean;
  readonly ignore?: readonly string[];
  readonly ignore_modes?: boolean;
}

function sealCase({ digest, output_tree, outputs, signed }: TreeParams): TestBundle {
  const outputTree = signed === undefined ? canonical(output_tree) : Buffer.from(bytesOf(signed)).toString();
  return sealBundle({
    outputs,
    outputTree,
    bind: (right) => {
      const { output_tree_sha256: own, ...rest } = right;
      if (digest === "none") return rest;
      if (digest === "upper") return { ...right, output_tree_sha256: String(own).toUpperCase() };
      return digest === undefined ? right : { ...right, output_tree_sha256: digest };
    },
  });
}

/** Lays out the disk of a case, with the bundle beside the root. */
function layOut({ params, tree = {} }: VectorCase): { folder: string; bundle: string; root: string } {
  const wanted = params as unknown as TreeParams;
  const folder = layOutTree(tree);
  const bundle = sealCase(wanted);
  const address = writeBundle(folder, { ...bundle, outputs: {} });
  if (wanted.artifact !== undefined) {
    const file = join(address.bundle, "OUTPUT_TREE.json");
    rmSync(file);
    if (wanted.artifact !== null) putEntry(file, wanted.artifact, folder);
  }
  return { folder, ...address };
}

describe("verification with a tree (PROTOCOL 19)", () => {
  it.each(CASES)("$name", async (vector) => {
    const { code, ok, all, also: _, ...details } = vector.expect;
    const { exact, ignore, ignore_modes } = vector.params as unknown as TreeParams;
    const { bundle, folder, root } = layOut(vector);
    try {
      const request = { bundle, root, exact, ignore, ignoreModes: ignore_modes };
      const { failures, verdict } = await reportOnBundle(request);
      const listed = [...failures()].map((each) => [each.code, each.details.path ?? null]);
      const [first] = (await reportOnBundle({ ...request, untilFailure: true })).failures();
      if (ok) {
        expect(verdict).toMatchObject({ ok: true });
        expect([first, listed]).toEqual([undefined, []]);
        return;
      }
      const { phase, ...expected } = details;
      expect(verdict).toMatchObject({ ok: false, code, phase, details: expected });
      expect(listed).toEqual(all);
      expect(first).toMatchObject({ code, details: expected });
    } finally {
      removeTree(folder);
    }
  });
});
