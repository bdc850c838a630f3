/**
 * A chain of two trees: its restore makes the calls of a restore of one bundle, of a chain and of a tree.
 *
 * @module
 */

import { join } from "node:path";
import type { RestoreChainRequest } from "../../../src/node/back/restore/restore-bundle.ts";
import { SMALL_TREE, sealLinkedTrees, writeTreeBundle } from "../bundles/tree-bundle.ts";
import { ANY_SIGNER } from "./restore-scene.ts";

/** What a restore of it is asked for, beside its target. */
export type TreeChain = Pick<RestoreChainRequest, "bundles" | "root" | "trust">;

/** Writes it into a folder. */
export function writeTreeChain(folder: string): TreeChain {
  const trees = sealLinkedTrees([SMALL_TREE, { outputs: { "deep/er/b.txt": "beta\n" } }]);
  const bundles = trees.map((run) => writeTreeBundle(folder, run).bundle);
  return { bundles, root: join(folder, "files"), trust: ANY_SIGNER };
}
