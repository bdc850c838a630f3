/** How a folder differs from what a run sealed. @module */

import type { EntryKind, Rejection, Undecided } from "../../../core/internal.ts";
import { reportOnBundle, type VerifyFailure, type VerifyRequest } from "../../../node/index.ts";
import { isAlwaysLeftOut } from "../../../node/project/project-names.ts";
import { countUnsealed, type UnsealedFiles } from "../../../node/verify/unsealed-files.ts";

/** How an entry differs. */
export type ChangeKind =
  /** Other bytes, or another target of a link. */
  | "modified"
  | "missing"
  /** In a sealed folder, and not sealed. */
  | "new"
  /** Another kind, such as a folder in place of a file. */
  | "kind"
  /** Only its executable bit, or its mode. */
  | "mode"
  | "unreadable";

/** One difference. */
export interface Change {
  readonly path: string;
  readonly change: ChangeKind;
  readonly isFolder: boolean;
}

/** What was found. */
export interface ComparedFolder {
  /** In byte order of path. */
  readonly changes: readonly Change[];
  /** Files of sealed folders that were not sealed, where the run has no tree that would name them. */
  readonly unsealed: UnsealedFiles | undefined;
}

/** Compares a folder with a bundle. Gives the failure of a bundle that says nothing, because its artifacts do not hold. */
export async function compareFolder(
  request: Pick<VerifyRequest, "bundle" | "home" | "jobs" | "progress" | "root" | "signal">,
): Promise<ComparedFolder | VerifyFailure> {
  const report = await reportOnBundle({ ...request, from: "root", exact: true });
  const { judged, source, tree, verdict } = report;
  if (judged === undefined || source === undefined)
    return verdict.ok ? { changes: [], unsealed: undefined } : verdict;
  const byPath = new Map<string, Change>();
  const isSnapshot = tree?.tree.ok === true && tree.tree.value.kind === "snapshot";
  let differences = 0;
  for (const failure of report.failures()) {
    differences++;
    const change = changeOf(failure);
    // A seal would leave it out, too; a snapshot would not.
    if (!isSnapshot && change.change === "new" && isAlwaysLeftOut(nameOf(change.path))) continue;
    if (!byPath.has(change.path)) byPath.set(change.path, change);
  }
  if (!verdict.ok && differences === 0 && verdict.code !== "EXACT_NEEDS_TREE") return verdict;
  const unsealed = tree === undefined ? countUnsealed(request.root, judged, undefined) : undefined;
  return { changes: [...byPath.values()].sort(byPathOrder), unsealed };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function byPathOrder(one: Change, other: Change): number {
  return one.path < other.path ? -1 : 1;
}

function changeOf({ code, details }: Rejection | Undecided): Change {
  const { aspect, path = "" } = details;
  const isFolder = "kind" in details && isFolderKind(details.kind);
  switch (code) {
    case "OUTPUT_MISSING":
    case "TREE_ENTRY_MISSING":
      return { path, change: "missing", isFolder };
    case "TREE_EXTRA":
      return { path, change: "new", isFolder };
    case "TREE_ENTRY_DIFFERS":
      return {
        path,
        change: aspect === "mode" ? "mode" : aspect === "kind" ? "kind" : "modified",
        isFolder,
      };
    case "HASH_MISMATCH":
      return { path, change: "modified", isFolder };
    default:
      return { path, change: "unreadable", isFolder };
  }
}

function isFolderKind(kind: EntryKind | undefined): boolean {
  return kind === "folder";
}
