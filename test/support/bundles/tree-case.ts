/** Cases of `verify_tree`: a bundle, and a disk to compare its tree with (vectors/README.md). @module */

import type { Tree } from "../files/tree.ts";
import { canonical, sealBundle, type TestBundle } from "./bundle.ts";
import { bytesOf, type TreeEntry, type VectorCase } from "./vectors.ts";

/** What a case says of its bundle. */
export interface TreeParams {
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

/** The parameters of a case of `verify_tree`. */
export function treeParams({ params }: VectorCase): TreeParams {
  return params as unknown as TreeParams;
}

/** The folder of the bundle and of the root, in the tree of a case. */
export const TREE_CASE = { run: "run/run-001", root: "files" } as const;

/** The disk of a case, with the bundle beside the root. */
export function treeOfCase(vector: VectorCase): Tree {
  const { artifact } = treeParams(vector);
  const { artifacts, outputTree } = sealTreeCase(treeParams(vector));
  const written: Record<string, TreeEntry> = { [TREE_CASE.root]: { dir: true } };
  for (const [name, bytes] of Object.entries(artifacts)) written[`${TREE_CASE.run}/${name}`] = base64(bytes);
  const sealed = outputTree === undefined ? null : base64(outputTree);
  const stands = artifact === undefined ? sealed : artifact;
  if (stands !== null) written[`${TREE_CASE.run}/OUTPUT_TREE.json`] = stands;
  return { ...written, ...vector.tree };
}

function base64(bytes: Buffer): TreeEntry {
  return { base64: bytes.toString("base64") };
}

function sealTreeCase({ digest, output_tree, outputs, signed }: TreeParams): TestBundle {
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
