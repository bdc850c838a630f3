/** What seal and run report of an unsigned bundle. @module */

import { quoteIfNeeded } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import type { PlacedUnsigned } from "../../../node/make/seal/place-unsigned.ts";
import type { UnsignedSealFacts } from "../../results/seal-members.ts";
import { shellWord } from "../../text/shell-word.ts";
import { sealedTreeLine } from "../../text/tree-text.ts";
import { recoveredSealFacts, treeFacts, unreleasedFacts } from "./seal-facts.ts";

/** An unsigned bundle for a program. */
export function unsignedFacts({
  bytes,
  files,
  folder,
  recovered,
  runId,
  sealedAt,
  tree,
  unreleased,
}: PlacedUnsigned): Omit<UnsignedSealFacts, "left_out" | "ignored"> {
  return {
    unsigned: folder,
    run_id: runId,
    sealed_at: sealedAt,
    files,
    bytes,
    tree: treeFacts(tree),
    recovered: recoveredSealFacts(recovered),
    unreleased: unreleasedFacts(unreleased),
  };
}

/** The same for a person. `word` begins the first line. */
export function unsignedLines(
  { bytes, files, folder, runId, tree }: PlacedUnsigned,
  word: "failed" | "unsigned",
): string {
  return (
    `${word.padEnd(9)}${countOf(files, "file")}, ${countOf(bytes, "byte")}\n` +
    sealedTreeLine(tree) +
    `folder   ${quoteIfNeeded(folder)}\n` +
    (word === "failed" ? "" : `to sign  runseal sign ${shellWord(runId)}\n`)
  );
}
