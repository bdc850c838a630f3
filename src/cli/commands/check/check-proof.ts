/** `runseal check` of a proof: checks that files were in a run sealed by a trusted signer. @module */

import {
  declareDigest,
  type FileProof,
  type FileProofFault,
  isFileProofFault,
  quoteIfNeeded,
  signedAt,
} from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import {
  type CheckedFile,
  type CheckedFiles,
  type CheckProofRequest,
  judgeFilesByProof,
} from "../../../node/make/prove/check-proof-of-files.ts";
import { answerTrust, chooseTrust, type TrustAnswer, UNDECIDED_TRUST } from "../../options/trust-options.ts";
import { failureReport, operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, note, type Remark, type Report } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { paint } from "../../text/paint.ts";
import { signerFacts } from "../../verdict/verdict-facts.ts";
import { signerWords, trustHints } from "../../verdict/verify-text.ts";
import { fileProofReport } from "../proof/file-proof-text.ts";
import type { CheckOptions } from "./check-options.ts";
import type { CheckProofResult } from "./check-results.ts";

/** Checks files against a proof that was read, and the proof's signer against the trust policy. Throws usage errors. */
export async function runCheckProof(
  proof: FileProof,
  request: Omit<CheckProofRequest, "proof" | "cwd" | "signal">,
  options: CheckOptions,
  io: Io,
): Promise<Report> {
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const { cwd, signal } = io;
  const checked = await judgeFilesByProof(proof, { ...request, cwd, signal });
  if (!checked.ok) return isFileProofFault(checked) ? unprovenReport(checked) : operationReport(checked);
  const { signer, statement } = checked.value.proof;
  // The statement is signed with its run and its moment, as a bound bundle is. It carries no countersignature:
  // one vouches for a bundle, and whether the statement is true of that bundle its signer alone says.
  const trust = answerTrust(choice, signedAt(signer, statement.sealedAt), io.now());
  return request.files.length === 0
    ? claimedReport(checked.value, trust)
    : checkedReport(checked.value, trust, io);
}

/** The end of a check whose proof is wrong, or says otherwise of a file. */
export function unprovenReport(fault: FileProofFault): Report {
  return fileProofReport(fault, { form: "proof", trust: UNDECIDED_TRUST });
}

/** Without a file nothing was verified but the proof itself. That is not a success: a script may have lost its argument. */
function claimedReport(checked: CheckedFiles, trust: TrustAnswer): Report {
  const { files } = checked.proof;
  const claims = files.map(({ digest, path }) => ({ path, sha256: declareDigest(digest) }));
  const facts = { ...factsOf(checked, trust), claims };
  const code = trust.ok ? "USAGE" : trust.code;
  const shown = "no file was checked; this is what the proof claims";
  const message = trust.ok ? shown : `${shown}, and ${trust.reason}`;
  const hints = trust.ok ? ["runseal check PROOF FILE checks a file"] : hintsOf(trust);
  return failureReport<CheckProofResult>({ code, message, known: facts, hints }, claimLines(checked, trust));
}

/** The facts of a proof that holds, and of the files that were checked. */
function factsOf(checked: CheckedFiles, trust: TrustAnswer): CheckProofResult {
  const { files, proof } = checked;
  const { signer, statement } = proof;
  return {
    form: "proof",
    run_id: statement.runId,
    bundle_root: statement.bundleRoot,
    outputs_root: statement.outputsRoot,
    sealed_at: statement.sealedAt,
    signer: signerFacts(signer, trust.name),
    trust,
    files: files.map(({ bytes, file, matchedBy, path }) => ({ file, path, bytes, matched_by: matchedBy })),
    not_given: pathsNotGiven(checked),
  };
}

function checkedReport(checked: CheckedFiles, trust: TrustAnswer, { colour }: Io): Report {
  const facts = factsOf(checked, trust);
  const text = provenLines(checked, trust);
  const remarks = notGivenRemarks(facts.not_given.length);
  const accepted = paint("accepted", "good", colour);
  if (trust.ok) return doneReport<CheckProofResult>("accepted", facts, `${text}${accepted}\n`, { remarks });
  const message = `the proof is sound, but ${trust.reason}`;
  const hints = hintsOf(trust);
  return failureReport<CheckProofResult>({ code: trust.code, message, known: facts, remarks, hints }, text);
}

function hintsOf(trust: TrustAnswer): readonly string[] {
  return trust.code === "SIGNER_THRESHOLD_UNMET"
    ? ["a proof is its signer's word only; to have others counted, verify the bundle itself"]
    : trustHints(trust);
}

/** What else the proof is about. Its steps were checked; the bytes were not. */
function pathsNotGiven({ files, proof }: CheckedFiles): readonly string[] {
  const given = new Set(files.map(({ path }) => path));
  return proof.files.flatMap(({ path }) => (given.has(path) ? [] : [path]));
}

function notGivenRemarks(count: number): readonly Remark[] {
  if (count === 0) return [];
  return [note(`the proof is about ${countOf(count, "other file")} too`)];
}

/** What is known of files that are as the proof says. */
function provenLines(checked: CheckedFiles, trust: TrustAnswer): string {
  const lines = boundedList(checked.files.map(fileWords)).map((line) => `file     ${line}\n`);
  return statementLines(checked, trust) + lines.join("");
}

/** What a proof claims of files that were not given. */
function claimLines(checked: CheckedFiles, trust: TrustAnswer): string {
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
    `hash     ${bundleRoot}\n` +
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
