/**
 * Which folders may be scratch folders of a run, by their names alone: below the root, none within another.
 *
 * @module
 */

import { compareUtf8, ok, parseOutputPath, type Result } from "../../core/internal.ts";
import { componentsBelow, type Place } from "../make/seal/named-paths.ts";
import { SCRATCH_FOLDER } from "../make/seal/scratch-proof.ts";
import { OWN_FOLDER } from "../records/project/project-names.ts";
import { type OperationFault, operationFault, refuseName } from "../system/runtime/operation-fault.ts";

/**
 * The scratch folders relative to the root, in byte order, each once; the project's own if none is named. Fails with
 * ENTRIES_REFUSED, or PATH_REFUSED for one outside, and if one is within another: then one key of the proof could
 * mean two files, and a change of one of them would not be noticed (PROTOCOL 10).
 */
export function nameScratch(
  paths: readonly string[],
  place: Place,
): Result<readonly string[], OperationFault> {
  if (paths.length === 0) return ok([SCRATCH_FOLDER]);
  const folders = new Set<string>();
  for (const path of paths) {
    const components = path === "" ? undefined : componentsBelow(place, path);
    if (components === undefined || components.length === 0)
      return operationFault("PATH_REFUSED", { reason: "outside", path });
    const folder = components.join("/");
    const parsed = parseOutputPath(folder, { refuseColon: false });
    if (!parsed.ok) return refuseName(path, parsed.code);
    if (components.includes(OWN_FOLDER) && !isWithin(folder, SCRATCH_FOLDER))
      return refuseName(path, "own-folder");
    folders.add(folder);
  }
  const sorted = [...folders].sort(compareUtf8);
  for (const folder of sorted) {
    const outer = sorted.find((other) => other !== folder && isWithin(folder, other));
    if (outer !== undefined)
      return operationFault("PATH_REFUSED", { reason: "scratch-overlaps", path: folder, names: [outer] });
  }
  return ok(sorted);
}

function isWithin(folder: string, outer: string): boolean {
  return folder === outer || folder.startsWith(`${outer}/`);
}
