/**
 * OUTPUT_TREE.json of a new bundle: the selected tree, looked at again, with the modes of the files that were read.
 *
 * @module
 */

import {
  checkTree,
  countLeaving,
  encodeTree,
  FINDING_KINDS,
  IgnorePatterns,
  isProgramMode,
  type ModePaths,
  type OutputTable,
  type OutputTree,
  ok,
  outputPaths,
  type Result,
  TextViews,
  THROUGH_LINK,
} from "../../../core/internal.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { EncodedTree, SealedOutputs } from "./bundle-contents.ts";
import type { LinkRule } from "./refuse-links.ts";

/**
 * Adds the modes to a selected tree and encodes it. Fails with CHANGED_WHILE_READ if the tree can't have been as it was found, and
 * with INPUT_MALFORMED if more patterns left something out than a tree can name.
 */
export function buildTree(
  selected: OutputTree,
  outputs: SealedOutputs,
  rule: LinkRule | undefined,
): Result<EncodedTree, OperationFault> {
  // The names of version control are added to the caller's patterns.
  if (!IgnorePatterns.parse(selected.ignored).ok)
    return operationFault("INPUT_MALFORMED", { reason: "patterns" });
  const { table } = outputs;
  const programs = findPrograms(outputs);
  if (!programs.ok) return programs;
  const files = outputPaths(table);
  // Without modes, which are those of the files themselves. The new bundle is checked with them.
  const unlawful = checkTree(selected, { files, rules: { refuseColon: false } });
  if (unlawful !== undefined) {
    const { details } = unlawful;
    // An entry that is exchanged during the walk can be found as two kinds. Everything else was checked before.
    if (details.reason === "too-many" || !MAY_BE_RACES.has(details.reason))
      throw new Error("a tree of our own is unlawful");
    return operationFault("CHANGED_WHILE_READ", { path: details.path });
  }
  const modes: readonly ModePaths[] =
    programs.value.length === 0 ? [] : [{ mode: "755", paths: programs.value }];
  const tree: OutputTree = { ...selected, modes };
  return ok({
    bytes: encodeTree(tree),
    counts: {
      programs: programs.value.length,
      links: tree.links.paths.length,
      // Otherwise those that lead outside are refused, or left out with all others.
      linksOutside: rule === "any" ? countLeaving(tree, files) : 0,
      emptyFolders: tree.emptyFolders.length,
    },
  });
}

/** Breaches of the law of trees that an exchange of entries during the walk can cause. */
const MAY_BE_RACES: ReadonlySet<string> = new Set(["twice", "below-a-file", "below-a-link", "not-empty"]);

/** The files that their owners may execute. A file that was reached through a link is not where the walk found it. */
function findPrograms({ findings, table }: SealedOutputs): Result<TextViews, OperationFault> {
  const { kinds, modes } = findings.columns;
  const places: number[] = [];
  for (let index = 0; index < table.size; index++) {
    if (kinds[index] !== FINDING_KINDS.file || modes === undefined)
      throw new TypeError("each output was read, and its mode with it");
    const mode = modes[index] ?? 0;
    if ((mode & THROUGH_LINK) !== 0)
      return operationFault("CHANGED_WHILE_READ", { path: table.pathAt(index) });
    if (isProgramMode(mode)) places.push(index);
  }
  return ok(viewsAt(table, places));
}

/** The paths at some places of the table, without copies of them. */
function viewsAt({ columns }: OutputTable, places: readonly number[]): TextViews {
  const starts = new Uint32Array(places.length);
  const ends = new Uint32Array(places.length);
  for (const [index, place] of places.entries()) {
    starts[index] = columns.pathStarts[place] ?? 0;
    ends[index] = columns.pathStarts[place + 1] ?? 0;
  }
  return new TextViews({ bytes: columns.pathBytes, starts, ends, isEscaped: false });
}
