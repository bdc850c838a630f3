/** What the form of a text alone says, whatever lies on the disk: where a run can be outside of a project. @module */

import { looksLikeReference } from "../../core/internal.ts";
import { isPathText } from "../text/path-text.ts";

/** A registry or layout, or an archive: `-` or a path. Undefined: a run's id. */
export function placeForm(text: string): "reference" | "archive" | undefined {
  if (text === "-") return "archive";
  if (looksLikeReference(text)) return "reference";
  return isPathText(text) || text.endsWith(".runseal") ? "archive" : undefined;
}
