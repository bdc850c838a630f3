/**
 * Entries that are runseal's own and no extras of a run: its folder, what a restore reports, and the run directory that is being
 * verified (PROTOCOL 19).
 *
 * @module
 */

import { basename, dirname, relative, resolve } from "node:path";
import {
  ARTIFACT_NAMES,
  COUNTERSIGNATURES_NAME,
  type EntryKind,
  OUTPUT_TREE_NAME,
  OUTPUTS_ROOT_NAME,
  RESTORE_TREE_NAME,
  RESULT_ARTIFACTS,
  TIMESTAMPS_NAME,
} from "../../../core/internal.ts";
import { OWN_FOLDER } from "../../records/project/project-names.ts";

/** Where the root and the run directory are. */
interface OwnPlaces {
  /** Undefined for a run that was carried here. */
  readonly bundle: string | undefined;
  readonly root: string;
}

/** Tells an own entry, and a folder above one, which has to be entered. */
export function ownEntries({
  bundle,
  root,
}: OwnPlaces): (path: string, kind: EntryKind) => "own" | "enter" | undefined {
  const reports: readonly string[] = [...RESULT_ARTIFACTS, RESTORE_TREE_NAME];
  const runFiles = [
    ...ARTIFACT_NAMES,
    COUNTERSIGNATURES_NAME,
    OUTPUT_TREE_NAME,
    OUTPUTS_ROOT_NAME,
    TIMESTAMPS_NAME,
  ];
  const ofRun: ReadonlySet<string> = new Set(runFiles);
  const run = bundle === undefined ? "" : relative(resolve(root), resolve(bundle)).replaceAll("\\", "/");
  const isBelow = run !== "" && run !== ".." && !run.startsWith("../") && !run.startsWith("/");
  return (path, kind) => {
    if (path === OWN_FOLDER && kind === "folder") return "own";
    if (kind === "file" && reports.includes(path)) return "own";
    if (!isBelow) return undefined;
    if (kind === "folder" && (run === path || run.startsWith(`${path}/`))) return "enter";
    return kind === "file" && dirname(path) === run && ofRun.has(basename(path)) ? "own" : undefined;
  };
}
