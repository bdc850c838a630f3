/** Looking at the tree of a bundle: what is asked, what is found, and what comes of it in a verdict (PROTOCOL 8, phase 11, and 19). @module */

import type { ArtifactReading } from "../../records/artifacts/opened-bundle.ts";
import type { Fault, Result } from "../../system/bytes/result.ts";
import type { Rejection, Undecided } from "../../system/codes/verdict.ts";
import { beginConclusion, type VerifiedBundle } from "./judge.ts";
import type { JudgedBundle } from "./orders.ts";
import type { OutputFindings } from "./phases/findings.ts";
import type { VerifyContext } from "./phases/judging.ts";
import { type LookedTree, readTree, treeBinding } from "./phases/tree.ts";

/** How to compare a disk with a tree. */
export interface TreeDemand {
  /** Pass over modes, for what went through an archive that keeps none. On Windows modes can't be seen, and are passed over. */
  readonly ignoreModes?: boolean | undefined;
  /** Refuse what is below the scope of the seal and was not sealed. Fails with BUNDLE_UNSUITABLE where no scope was sealed. */
  readonly exact?: boolean | undefined;
  /** Patterns of what `exact` passes over beside what the seal ignored. They must be well-formed. */
  readonly ignore?: readonly string[] | undefined;
}

/** What was found of a tree. */
export interface SeenTree extends LookedTree {
  /** `declared`: the source shows no links, modes and empty folders, so only the artifact was looked at. */
  readonly state: "checked" | "declared";
  /** In byte order of path; the first one alone unless all were asked for. */
  readonly failures: readonly (Rejection | Undecided)[];
  /** Entries that patterns passed over in the search for extras. */
  readonly extrasIgnored: number;
}

/** What stands for a tree of which only the artifact is looked at, or whose entries were compared before. */
export function readTreeAlone(tree: LookedTree["tree"], state: SeenTree["state"]): SeenTree {
  return { tree, failure: undefined, failures: tree.ok ? [] : [tree], state, extrasIgnored: 0 };
}

/**
 * Walks phases 9 to 11. `look` looks at the tree, given what reads it, and fails where it can't. With `keepsAll` it is called although
 * outputs failed, because the caller shows every difference. Gives the tree where it was looked at.
 */
export async function concludeWithTree<Failure extends Fault>(
  judged: JudgedBundle,
  findings: OutputFindings,
  context: VerifyContext,
  keepsAll: boolean,
  look: (read: (reading: ArtifactReading) => LookedTree["tree"]) => Promise<Result<SeenTree, Failure>>,
): Promise<{
  readonly verdict: Result<VerifiedBundle, Rejection | Undecided | Failure>;
  readonly tree: SeenTree | undefined;
}> {
  const begun = beginConclusion(judged, findings, context);
  const binding = treeBinding(judged);
  const seen =
    binding === undefined || (!begun.ok && !keepsAll)
      ? undefined
      : await look((reading) => readTree(binding, reading, context));
  if (seen?.ok === false) return { verdict: begun.ok ? seen : begun, tree: undefined };
  const tree = seen?.value;
  return { verdict: begun.ok ? begun.value.end(tree) : begun, tree };
}
