/** What `check` says of a proof of files. @module */

import { declareDigest, quoteIfNeeded } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import type { CheckedFile, CheckedFiles } from "../../../node/make/prove/check-proof-of-files.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { signerWords } from "../../verdict/verify-text.ts";

/** What is known of files that are as the proof says. */
export function provenLines(checked: CheckedFiles, trust: TrustAnswer): string {
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
