/** What prove and check-proof say. @module */

import { declareDigest, type FileProofFault, quote, quoteIfNeeded } from "../../../core/internal.ts";
import type { CheckedFile, CheckedFiles, ProvenFiles } from "../../../node/index.ts";
import { remedyOf } from "../../codes/codes.ts";
import { FILE_PROOF_RECORDS } from "../../codes/file-proof-codes.ts";
import { messageOf } from "../../codes/record.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import { failureReport } from "../../output/failure-report.ts";
import type { Report } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { countOf } from "../../text/count-text.ts";
import { runName } from "../../text/run-name.ts";
import { shellWord } from "../../text/shell-word.ts";
import { signerWords } from "../../verdict/verify-text.ts";

/** The report of a failed proof of files. `known` are the command's own members. */
export function fileProofReport({ code, details }: FileProofFault, known: object = {}): Report {
  const { candidates = [], names = [], path = "" } = details;
  const named = names.length === 1 ? quote(names[0] ?? "") : `these ${names.length} files`;
  const message = messageOf(FILE_PROOF_RECORDS[code], { ...details, shown: quote(path), named });
  // A single name is in the sentence itself.
  const shown = names.length > 1 ? { list: boundedList(names.map(quote)) } : {};
  const hints = [...(code === "FILE_NOT_PROVEN" ? onlyFileHints(candidates) : []), remedyOf(code)];
  return failureReport({ code, message, details, known, ...shown, hints });
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

/** What is known of files that are as the proof says. */
export function checkedLines(checked: CheckedFiles, trust: TrustAnswer): string {
  const lines = boundedList(checked.files.map(fileWords)).map((line) => `file     ${line}\n`);
  return statementLines(checked, trust) + lines.join("");
}

/** What a proof claims of files that were not given. */
export function claimLines(checked: CheckedFiles, trust: TrustAnswer): string {
  const claims = checked.proof.files.map(
    ({ digest, path }) => `${quoteIfNeeded(path)}, ${declareDigest(digest)}`,
  );
  const lines = boundedList(claims).map((line) => `claims   ${line}\n`);
  return `${statementLines(checked, trust)}${lines.join("")}no file was checked\n`;
}

function statementLines({ proof }: CheckedFiles, trust: TrustAnswer): string {
  const { bundleRoot, runId, sealedAt } = proof.statement;
  return (
    `run      ${runName(runId)}\n` +
    `root     ${bundleRoot}\n` +
    `sealed   ${sealedAt}, the signer says\n` +
    `signer   ${signerWords(proof.signer, trust.name)}\n` +
    `trust    ${trust.reason}\n`
  );
}

function fileWords({ bytes, file, matchedBy, path }: CheckedFile): string {
  const size = countOf(bytes, "byte");
  if (matchedBy === "digest")
    return `${quoteIfNeeded(file)} has another name and the bytes of ${quoteIfNeeded(path)}, ${size}`;
  const called = file === path ? quoteIfNeeded(path) : `${quoteIfNeeded(file)} is ${quoteIfNeeded(path)}`;
  return `${called}, ${size}`;
}
