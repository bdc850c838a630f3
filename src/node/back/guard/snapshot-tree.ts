/**
 * What a snapshot says of a folder that was looked at: the outputs, and OUTPUT_TREE.json of kind `snapshot` (PROTOCOL 19), with the
 * nine permission bits of files and folders.
 *
 * @module
 */

import {
  checkTree,
  countTree,
  DIGEST_BYTES,
  encodeTree,
  FINDING_KINDS,
  FindingTable,
  foldersOf,
  itemAt,
  LEFT_OUT_REASONS,
  type ModePaths,
  makeListing,
  type OutputTree,
  outputPaths,
  type Result,
  sortUtf8,
  TextViews,
  USUAL_FOLDER,
  writeMode,
} from "../../../core/internal.ts";
import type { EncodedTree, SealedOutputs } from "../../make/seal/bundle-contents.ts";
import { readFindings } from "../../make/seal/read-findings.ts";
import { spaceForDigests } from "../../system/hashing/hash-board.ts";
import { layOutTexts } from "../../system/hashing/shared-texts.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { isSeen, type LookedFiles, placesWhere } from "./hash-walked-files.ts";
import type { NotGuarded, WalkedTree } from "./walk-folder.ts";

/** The mode of files that a tree does not name. */
const USUAL_FILE = 0o644;

/** The tree of a folder that was looked at. */
export interface SeenTree extends EncodedTree {
  readonly tree: OutputTree;
}

/** The files that are in a snapshot. Fails only on bugs. */
export function seenOutputs(
  { files }: WalkedTree,
  looked: LookedFiles,
): Result<SealedOutputs, OperationFault> {
  const places = placesWhere(looked, isSeen);
  const isAll = places.length === files.length;
  const seen = makeListing(places.length, (index) => itemAt(files, places[index] ?? 0));
  const { bytes, starts } = layOutTexts(isAll ? files : seen);
  const digests = isAll ? looked.digests : spaceForDigests(places.length);
  if (!isAll) {
    for (const [at, place] of places.entries()) {
      const from = place * DIGEST_BYTES;
      digests.set(looked.digests.subarray(from, from + DIGEST_BYTES), at * DIGEST_BYTES);
    }
  }
  const findings = new FindingTable({
    kinds: new Uint8Array(places.length).fill(FINDING_KINDS.file),
    digests,
    sizes: Float64Array.from(places, (place) => looked.sizes[place] ?? 0),
    modes: Uint16Array.from(places, (place) => looked.modes[place] ?? 0),
  });
  return readFindings({ pathBytes: bytes, pathStarts: starts, length: places.length, digests }, findings);
}

/** What a tree is made from. */
export interface SeenFolder {
  readonly walked: WalkedTree;
  readonly outputs: SealedOutputs;
  readonly unreadable: readonly string[];
  readonly ignored: readonly string[];
}

/** Makes the tree of a snapshot. Throws for one that breaks the law of trees: a bug. */
export function seenTree({ ignored, outputs, unreadable, walked }: SeenFolder): SeenTree {
  const files = outputPaths(outputs.table);
  const links = { paths: walked.links.paths, values: walked.links.targets };
  const leftOut = leftOutPairs(walked.leftOut, unreadable);
  const emptyFolders = TextViews.of(walked.emptyFolders.filter((path) => !unreadable.includes(path)));
  const folders = new Set(foldersOf({ emptyFolders, files, links }));
  const tree: OutputTree = {
    kind: "snapshot",
    scope: TextViews.of(["."]),
    ignored,
    modes: groupByMode(modesOf(outputs), USUAL_FILE),
    // A folder that held only files that have gone since is not in the tree.
    folderModes: groupByMode(
      walked.folders.filter(({ path }) => folders.has(path)),
      USUAL_FOLDER,
    ),
    emptyFolders,
    links,
    leftOut,
  };
  const unlawful = checkTree(tree, { files, rules: { refuseColon: false } });
  if (unlawful !== undefined)
    throw new Error(`a snapshot of our own is unlawful: ${unlawful.details.reason}`);
  return {
    tree,
    bytes: encodeTree(tree),
    counts: countTree({ ...tree, files, rows: undefined }),
  };
}

function* modesOf({ findings, table }: SealedOutputs): Generator<{ path: string; mode: number }> {
  for (const [index, mode] of (findings.columns.modes ?? new Uint16Array(0)).entries())
    if (mode !== USUAL_FILE) yield { path: table.pathAt(index), mode };
}

/** Paths by mode, in order of the digits; each list stays in byte order. */
function groupByMode(
  entries: Iterable<{ readonly path: string; readonly mode: number }>,
  usual: number,
): readonly ModePaths[] {
  const groups = new Map<number, string[]>();
  for (const { mode, path } of entries) {
    if (mode === usual) continue;
    const paths = groups.get(mode);
    if (paths === undefined) groups.set(mode, [path]);
    else paths.push(path);
  }
  return [...groups]
    .sort(([left], [right]) => left - right)
    .map(([mode, paths]) => ({ mode: writeMode(mode), paths: TextViews.of(paths) }));
}

/** What a tree can name of what is not guarded. A mount point is named as a device. */
function leftOutPairs(
  notGuarded: readonly NotGuarded[],
  unreadable: readonly string[],
): OutputTree["leftOut"] {
  const reasons = new Map<string, string>(unreadable.map((path) => [path, "unreadable"]));
  for (const { path, reason } of notGuarded) {
    const named = reason === "other-file-system" ? "device" : reason === "unknown" ? "unreadable" : reason;
    const known = LEFT_OUT_REASONS.find((one) => one === named);
    if (known !== undefined) reasons.set(path, known);
  }
  const paths = sortUtf8([...reasons.keys()]);
  return { paths: TextViews.of(paths), values: TextViews.of(paths.map((path) => reasons.get(path) ?? "")) };
}
