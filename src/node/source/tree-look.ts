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
  type SealedTree,
  treeBinding,
  type Undecided,
  type UnendedBundle,
  type VerifyContext,
} from "../../core/internal.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { CarriedRun } from "./bundle-source.ts";

/** How to compare a disk with a tree. */
export interface TreeDemand {
  /** Pass over modes, for what went through an archive that keeps none. On Windows modes can't be seen, and are passed over. */
  readonly ignoreModes?: boolean | undefined;
  /** Refuse what is below the scope of the seal and was not sealed. Fails with BUNDLE_UNSUITABLE where no scope was sealed. */
  readonly exact?: boolean | undefined;
  /** Patterns of what `exact` passes over beside what the seal ignored. */
  readonly ignore?: readonly string[] | undefined;
}

/** What was found of a tree. */
export interface SeenTree extends LookedTree {
  /** `declared`: the source has bytes without places, so only the artifact was looked at. */
  readonly state: "checked" | "declared";
  /** In byte order of path; the first one alone unless all were asked for. */
  readonly failures: readonly (Rejection | Undecided)[];
  /** Entries that patterns passed over in the search for extras. */
  readonly extrasIgnored: number;
}

/** The same, for one look. */
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

/** What stands for a tree of which only the artifact is looked at, or whose entries were compared before. */
export function readTreeAlone(tree: LookedTree["tree"], state: SeenTree["state"]): SeenTree {
  return { tree, failure: undefined, failures: tree.ok ? [] : [tree], state, extrasIgnored: 0 };
}

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
