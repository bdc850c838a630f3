/**
 * What a search for a tree is asked, and what it finds: below a root, or as a carrier read it (PROTOCOL 19).
 *
 * @module
 */

import {
  type ArtifactReading,
  type LookedTree,
  ok,
  type Rejection,
  type Result,
  readTree,
  readTreeAlone,
  type SealedTree,
  type SeenTree,
  type TreeDemand,
  treeBinding,
  type Undecided,
  type UnendedBundle,
  type VerifyContext,
} from "../../../core/internal.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { CarriedRun } from "./bundle-source.ts";

/** How to look once. */
export interface TreeLookDemand extends TreeDemand {
  /** Whether to find each difference rather than the first. */
  readonly keepsAll: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks at the tree of one run, wherever it is. `read` is the core's `readTree` for that bundle. Fails where the artifact or the root
 * can't be read. Throws an Interruption.
 */
export type TreeLook = (
  read: (reading: ArtifactReading) => Result<SealedTree, Rejection>,
  demand: TreeLookDemand,
) => Promise<Result<SeenTree, OperationFault>>;

/**
 * Reads the tree of a carried run, before its outputs; undefined for a bundle without one, and for a source that looks itself. Fails
 * as the core's `readTree` does.
 */
export function readCarriedTree(
  { tree }: Pick<CarriedRun, "tree">,
  signed: Parameters<typeof treeBinding>[0],
  context: VerifyContext,
): LookedTree["tree"] | undefined {
  const binding = tree && treeBinding(signed);
  return binding && tree && readTree(binding, tree, context);
}

/** The look at a tree that was read before. `isChecked`: the carrier refused every entry that is not as in the tree. */
export function carriedTree(tree: SealedTree | undefined, isChecked: boolean): TreeLook {
  if (tree === undefined) return () => Promise.reject(new TypeError("the tree is read before the outputs"));
  return () => Promise.resolve(ok(readTreeAlone(ok(tree), isChecked ? "checked" : "declared")));
}

/** Walks phase 11 of a bundle that passed the phases before it: looks at its tree, if it has one. Throws an Interruption. */
export async function endWithTree<Ended>(
  begun: Result<UnendedBundle<Ended>, Rejection | Undecided>,
  look: TreeLook,
  demand: Omit<TreeLookDemand, "keepsAll">,
): Promise<Result<Ended, Rejection | Undecided | OperationFault>> {
  if (!begun.ok) return begun;
  const { end, readTree } = begun.value;
  if (readTree === undefined) return end();
  const seen = await look(readTree, { ...demand, keepsAll: false });
  return seen.ok ? end(seen.value) : seen;
}
