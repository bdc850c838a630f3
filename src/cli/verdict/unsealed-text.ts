/** Words for files that are not in a bundle. @module */

import { quote } from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import type { UnsealedFiles } from "../../node/judge/verify/unsealed-files.ts";

/** Folders that are named; `--json` has them all. */
const MOST_FOLDERS = 3;

/** How many files below the sealed folders were not sealed; undefined if there are none, or if none were counted. */
export function unsealedWords(unsealed: UnsealedFiles | undefined): string | undefined {
  if (unsealed === undefined || unsealed.files === 0) return undefined;
  const { below, files, isComplete } = unsealed;
  const named = below.slice(0, MOST_FOLDERS).map(quote).join(", ");
  const more = below.length - MOST_FOLDERS;
  const others = more > 0 ? ` and ${countOf(more, "other folder")}` : "";
  return `${isComplete ? "" : "at least "}${countOf(files, "file")} below ${named}${others} ${files === 1 ? "was" : "were"} not sealed`;
}
