/**
 * The proof of scratch folders before and after: the input of the core, and its result (PROTOCOL 10).
 *
 * A seal's scratch folder is `.runseal/scratch` in the project. If it is missing, it counts as empty before and
 * after.
 *
 * @module
 */

import {
  type JsonObject,
  type MadeProof,
  type Mismatch,
  makeProof,
  type ProofDomain,
  type RestorationCondition,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { RefusedPath } from "../../system/runtime/operation-fault.ts";
import type { ScratchState } from "./scratch-state.ts";

/** The scratch folder of a project, relative to its root. */
export const SCRATCH_FOLDER = ".runseal/scratch";

/** One difference between before and after. */
export interface ScratchDifference extends Mismatch {
  /** Why it has no digest now; relative to the root, as the path is. */
  readonly reason?: RefusedPath["reason"] | undefined;
}

/** How scratch folders were left. */
export interface ScratchEnd {
  readonly verified: boolean;
  readonly condition: RestorationCondition;
  /** Missing, then extra, then changed files, each in byte order; paths relative to the root. */
  readonly differences: readonly ScratchDifference[];
  /** Folders, and files in them, that a proof can't cover any more; relative to the root. */
  readonly unreachable: readonly string[];
}

/** PROOF.json, not yet linked to the proof before it, and what it says. */
export interface ScratchProof {
  readonly proof: JsonObject;
  readonly end: ScratchEnd;
}

/**
 * Proves how scratch folders were left. The states are of the same folders, none within another, and the states before
 * contain only files with lawful names (`refuseScratch`). A folder that is missing, or that contains unreadable or
 * unnameable files, is unreachable.
 */
export function proveScratch(
  before: readonly ScratchState[],
  after: readonly ScratchState[],
  run: { readonly runId: string; readonly timestamp: string },
): ScratchProof {
  const lost = before.map((state, index) => unreachableIn(state, after[index]));
  const domains = before.map((state, index): ProofDomain => {
    const { files, special } = after[index] ?? { files: [], special: [] };
    const nameable = special.filter(({ path, reason }) => path !== state.folder && reason !== "scratch-name");
    return {
      folder: state.folder,
      before: state.files,
      after: files,
      undigested: nameable.map(({ path }) => path.slice(state.folder.length + 1)),
      unreachable: (lost[index] ?? []).length > 0,
    };
  });
  const made = makeProof({ ...run, domains }, nodeCrypto);
  return { proof: made.proof, end: describeEnd(made, after, lost.flat()) };
}

/** The folder itself if it is missing, and unreadable or unnameable files in it. */
function unreachableIn(before: ScratchState, after: ScratchState | undefined): readonly string[] {
  if (after === undefined) return [before.folder];
  const gone = before.isThere && !after.isThere ? [after.folder] : [];
  const nameless = after.special.filter(
    ({ path, reason }) => path === after.folder || reason === "scratch-name",
  );
  return [
    ...new Set(
      [...gone, ...after.unread, ...nameless].map((lost) => (typeof lost === "string" ? lost : lost.path)),
    ),
  ];
}

function describeEnd(
  { restoration: { condition, mismatches } }: MadeProof,
  after: readonly ScratchState[],
  unreachable: readonly string[],
): ScratchEnd {
  const [first, ...others] = after;
  const above = first === undefined || others.length > 0 ? "" : `${first.folder}/`;
  const reasons = new Map(after.flatMap(({ special }) => special.map(({ path, reason }) => [path, reason])));
  const differences = mismatches.map((mismatch): ScratchDifference => {
    const path = above + mismatch.path;
    return { ...mismatch, path, reason: reasons.get(path) };
  });
  return { verified: condition === "RESTORED_IDENTICAL", condition, differences, unreachable };
}
