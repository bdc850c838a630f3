/** What prove and check-proof say. @module */

import {
  declareDigest,
  explainMalformed,
  type FileProofFault,
  type FileProofReason,
  MAX_FILE_PROOF_BYTES,
  quote,
  quoteIfNeeded,
} from "../../../core/internal.ts";
import type { CheckedFile, CheckedFiles, ProvenFiles } from "../../../node/index.ts";
import { exitCodeOf } from "../../codes/exit-code.ts";
import { explain } from "../../codes/explanations.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import type { Report } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { countOf } from "../../text/count-text.ts";
import { runName } from "../../text/run-name.ts";
import { shellWord } from "../../text/shell-word.ts";
import { signerWords } from "../../verdict/verify-text.ts";

/** The end of a command to which a proof of files is a no. `known` are its own members. */
export function fileProofReport(fault: FileProofFault, known: object = {}): Report {
  const { code, details } = fault;
  const message = fileProofMessage(fault);
  const list = boundedList((details.names ?? []).map(quote));
  const facts = { ok: false, code, message, details, ...known, exit_code: exitCodeOf(code) };
  const hints = [...hintsOf(fault), explain(code).remedy];
  // One name stands in the sentence itself.
  const shown = (details.names ?? []).length > 1 ? { list } : {};
  return { facts, text: "", error: { message, ...shown, hints } };
}

/** One sentence for any no. */
function fileProofMessage({ code, details }: FileProofFault): string {
  const { candidates = [], field, names = [] } = details;
  const path = quote(details.path ?? "");
  const named = names.length === 1 ? quote(names[0] ?? "") : `these ${names.length} files`;
  switch (code) {
    case "OUTPUTS_ROOT_MISSING":
      return "the bundle has no OUTPUTS_ROOT.json, by which its files could be proven one by one";
    case "OUTPUTS_ROOT_MALFORMED":
      return "OUTPUTS_ROOT.json is no statement of outputs";
    case "OUTPUTS_ROOT_MISMATCH":
      return `OUTPUTS_ROOT.json is not true of this bundle: its "${field}" is another`;
    case "OUTPUTS_ROOT_INVALID":
      return "the signature in OUTPUTS_ROOT.json does not hold with the bundle's key";
    case "FILE_NOT_IN_BUNDLE":
      return `the bundle does not have ${named}`;
    case "FILE_PROOF_TOO_LARGE":
      return `a proof of so many files would be larger than ${countOf(MAX_FILE_PROOF_BYTES, "byte")}`;
    case "FILE_PROOF_MALFORMED":
      return `the proof ${malformedWords(details.reason)}${entryWords(details.entry)}`;
    case "FILE_PROOF_KEY_INVALID":
      return "the proof's public key is none that anybody can sign with";
    case "FILE_PROOF_IDENTITY_INVALID":
      return "the proof's statement names another signer than its public key";
    case "FILE_PROOF_SIGNATURE_INVALID":
      return "the signature does not hold for the proof's statement and key";
    case "FILE_PROOF_NOT_MEMBER":
      return `the proof does not show that ${path} was in the run: its steps lead to another root`;
    case "FILE_NOT_PROVEN":
      return `the proof says nothing of ${named}`;
    case "FILE_AMBIGUOUS":
      return `${named} may be any of these in the proof: ${boundedList(candidates.map(quote)).join(", ")}`;
    case "FILE_DIFFERS":
      return `${named} is not the file that was sealed as ${path}`;
  }
}

/** What can be said only of this proof. */
function hintsOf({ code, details }: FileProofFault): readonly string[] {
  const [only, ...others] = details.candidates ?? [];
  if (code !== "FILE_NOT_PROVEN" || only === undefined || others.length > 0) return [];
  return [`the proof is about ${quote(only)}: --as ${shellWord(only)}`];
}

function malformedWords(reason: FileProofReason | undefined): string {
  switch (reason) {
    case "too-large":
      return explainMalformed({ limit: MAX_FILE_PROOF_BYTES, unit: "bytes" });
    case "newer-version":
      return "is of a newer version than this runseal knows";
    case "fields":
      return "has not exactly the members version (1), statement, public_key and files";
    case "statement":
      return "holds no statement of outputs in its exact form";
    case "no-files":
      return "is about no file";
    case "file":
      return "has a file that is not exactly a path, a sha256 and steps";
    case "steps":
      return "has a file whose steps are not of their form, or more than 64";
    case "order":
      return "has its files out of order, or one twice";
    default:
      return explainMalformed(reason);
  }
}

function entryWords(entry: number | undefined): string {
  return entry === undefined ? "" : ` (number ${entry})`;
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
