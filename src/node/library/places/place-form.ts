/** What the form of a text alone says, whatever lies on the disk: a path, a reference of a registry, or the id of a run. @module */

import { sep } from "node:path";
import { looksLikeReference } from "../../../core/move/registry/reference.ts";

/** How the names of archives end. */
const ARCHIVE_ENDING = ".runseal";

/** Stands for standard input or output. */
export const STDIN = "-";

/** In a registry or layout, or at a path: a run's folder, or an archive, for which `-` is a path too. Undefined: a run's id. */
export function placeForm(text: string): "reference" | "path" | undefined {
  if (text === STDIN) return "path";
  // A drive of Windows is not a host: the port would be empty.
  if (looksLikeReference(text) && !/^[A-Za-z]:[\\/]/.test(text)) return "reference";
  return isPathText(text) || text.endsWith(ARCHIVE_ENDING) ? "path" : undefined;
}

/** Whether a text has a separator of paths of this system, `/`, and `\` on Windows, or is `.` or `..`. */
export function isPathText(text: string): boolean {
  return text === "." || text === ".." || text.includes("/") || text.includes(sep);
}
