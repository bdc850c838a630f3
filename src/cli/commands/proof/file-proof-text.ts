/** What prove says, and why files are not proven. @module */

import { type FileProofCode, type FileProofFacts, quote } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import type { ProvenFiles } from "../../../node/make/prove/prove-bundle-files.ts";
import { remedyOf } from "../../codes/all-codes.ts";
import { messageOf } from "../../codes/code-record.ts";
import { FILE_PROOF_RECORDS } from "../../codes/file-proof-codes.ts";
import { failureReport } from "../../output/failure-report.ts";
import type { Report } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { shellWord } from "../../text/shell-word.ts";

/** The report of a failed proof of files. `known` are the command's own members. */
export function fileProofReport<Code extends FileProofCode>(
  { code, details }: { readonly code: Code; readonly details: FileProofFacts[Code] },
  known: object = {},
): Report {
  const { candidates = [], names = [] }: Partial<FileProofFacts["FILE_NOT_PROVEN"] & { reason: string }> =
    details;
  const message = messageOf<FileProofFacts[Code]>(FILE_PROOF_RECORDS[code], details);
  // A single name is in the sentence itself.
  const shown = names.length > 1 ? { list: boundedList(names.map(quote)) } : {};
  const hints = [...(code === "FILE_NOT_PROVEN" ? onlyFileHints(candidates) : []), remedyOf(code)];
  return failureReport<object>({ code, message, details, known, ...shown, hints });
}

/** What to do if the proof has one file, and a file of another name was given. */
function onlyFileHints([only, ...others]: readonly string[]): readonly string[] {
  if (only === undefined || others.length > 0) return [];
  return [`the proof is about ${quote(only)}: --as ${shellWord(only)}`];
}

/** What a proof that was made shows, in one sentence. */
export function provenMessage({ bundle, proof }: ProvenFiles): string {
  const shown = countOf(proof.files.length, "file");
  return `proves ${shown} of the ${countOf(bundle.tree.entries.length, "file")} of run ${quote(bundle.runId)}`;
}
