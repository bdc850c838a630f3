/** Words for files that are not in a bundle. @module */

import { quote } from "../../../core/internal.ts";
import type { UnsealedFiles } from "../../../node/verify/unsealed-files.ts";
import type { Remark } from "../../output/report.ts";
import { countOf } from "../../text/count-text.ts";
import type { UnsealedFacts } from "./verify-results.ts";

/** Folders that are named; `--json` has them all. */
const MOST_FOLDERS = 3;

/** A note, where there are any. */
export function unsealedRemarks(unsealed: UnsealedFiles | undefined): readonly Remark[] {
  if (unsealed === undefined || unsealed.files === 0) return [];
  const { below, files, isComplete } = unsealed;
  const named = below.slice(0, MOST_FOLDERS).map(quote).join(", ");
  const others =
    below.length > MOST_FOLDERS ? ` and ${countOf(below.length - MOST_FOLDERS, "other folder")}` : "";
  const count = `${isComplete ? "" : "at least "}${countOf(files, "file")}`;
  return [
    { kind: "note", message: `${count} below ${named}${others} ${files === 1 ? "was" : "were"} not sealed` },
  ];
}

/** The same for a program; null where nothing was counted. */
export function unsealedFacts(unsealed: UnsealedFiles | undefined): UnsealedFacts | null {
  if (unsealed === undefined) return null;
  return { files: unsealed.files, below: unsealed.below, complete: unsealed.isComplete };
}
