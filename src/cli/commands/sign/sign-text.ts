/** What `sign` shows before and after it signs. @module */

import { firstItems, quote, quoteIfNeeded, type UnsignedBundle } from "../../../core/internal.ts";
import type { SignedSeal } from "../../../node/index.ts";
import type { Remark } from "../../output/report.ts";
import { commandWords } from "../../text/command-words.ts";
import { countOf } from "../../text/count-text.ts";
import { recordedCommand } from "../../text/recorded-command.ts";
import { runName } from "../../text/run-name.ts";
import { sealedTreeLine } from "../../text/tree-text.ts";
import { NOT_WITNESSED } from "../../text/witness-words.ts";
import { listedRunsLine } from "../seal/seal-remarks.ts";

/** Outputs that are named before a signer is asked. */
const MOST_OUTPUTS = 20;

/** Of the command. */
const MOST_CHARACTERS = 2000;

/** What is about to be signed, line by line. All of it is the sealer's word; the outputs are hashed after this. */
export function toSignLines(unsigned: UnsignedBundle): string {
  const { bytes, claims, runId, sealedAt, taskSpec } = unsigned;
  const command = recordedCommand(taskSpec.object);
  const named = firstItems(claims, MOST_OUTPUTS).map(({ path }) => `         ${quoteIfNeeded(path)}\n`);
  const more = claims.length - named.length;
  return (
    `to sign  ${runName(runId)}\n` +
    `sealed   ${sealedAt}, the sealer says\n` +
    (command === undefined
      ? ""
      : `command  ${commandWords(command, MOST_CHARACTERS)}\n         ${NOT_WITNESSED}; the sealer says that it did well\n`) +
    `files    ${countOf(claims.length, "file")}, ${countOf(bytes, "byte")}\n` +
    named.join("") +
    (more > 0 ? `         … and ${countOf(more, "more file")}\n` : "")
  );
}

/** A signed bundle, line by line. */
export function signedLines(signed: SignedSeal): string {
  const { bundle, bundleRoot, bytes, files, previousBundleRoot, signer, tree } = signed;
  return (
    `signed   ${countOf(files, "file")}, ${countOf(bytes, "byte")}\n` +
    sealedTreeLine(tree) +
    `root     ${bundleRoot}\n` +
    (previousBundleRoot === undefined ? "" : `follows  ${previousBundleRoot}\n`) +
    listedRunsLine(signed) +
    `signer   ${signer.keyId}\n` +
    `bundle   ${quoteIfNeeded(bundle)}\n`
  );
}

/** An unsigned bundle that could not be removed. */
export function givenRemarks({ given, runId }: Pick<SignedSeal, "given" | "runId">): readonly Remark[] {
  if (given !== "left") return [];
  const message = `the unsigned bundle of ${quote(runId)} could not be removed; it is signed all the same`;
  return [{ kind: "warning", message, hints: ["remove its folder in .runseal/unsigned"] }];
}
