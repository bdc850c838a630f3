/** The verdict on a proof of files as it is shown. The words are those of `runseal check`. @module */

import { declareDigest, printable, quoteIfNeeded } from "../../src/core/internal.ts";
import type { TrustAnswer } from "../trust/trust-choice.ts";
import type { ProofReport } from "../verify/judge-proof.ts";
import { sizeOf } from "../words/count-text.ts";
import { failureWords, type VerdictWords, verdictWords } from "../words/verdict-words.ts";
import { type ShownFact, signerParts } from "./shown-facts.ts";
import type { ShownPhase } from "./shown-phases.ts";
import type { ShownVerdict } from "./shown-verdict.ts";

/** Claims that are shown. */
const MOST_CLAIMS = 200;

/** Shows a report; `trust` is undefined where the proof does not hold. */
export function shownProof(report: ProofReport, trust: TrustAnswer | undefined): ShownVerdict {
  const { file, proof } = report;
  const state = (is: { readonly ok: boolean } | undefined): ShownPhase["state"] =>
    is === undefined ? "not reached" : is.ok ? "ok" : "FAILED";
  return {
    words: wordsOf(report, trust),
    done:
      file === undefined
        ? "The proof was judged. No file was looked at."
        : "The proof and the file were judged.",
    differences: { count: 0, first: [] },
    facts: factsOf(report, trust),
    phases: {
      summary: "What was checked",
      list: [
        { name: "proof", words: "its key, its signature, and the steps of each file", state: state(proof) },
        { name: "file", words: "its bytes are those of the proof", state: state(file?.proven) },
      ],
    },
    canUseStore: false,
  };
}

function wordsOf({ file, proof }: ProofReport, trust: TrustAnswer | undefined): VerdictWords {
  const failed = proof.ok ? file?.proven : proof;
  if (failed?.ok === false) {
    const { code } = failed;
    const isRead = code !== "READ_FAILED" && code !== "CHANGED_WHILE_READ";
    return {
      tone: isRead ? "bad" : "open",
      title: isRead ? "Rejected" : "No verdict",
      reason: failureWords(failed),
      next: `runseal explain ${code} says what to do.`,
      code,
    };
  }
  if (file === undefined) {
    const trusted = trust?.ok === false ? `, and ${trust.reason}` : "";
    return {
      tone: "open",
      title: "No file was checked",
      reason: `the proof is sound${trusted}; this is what it claims`,
      next: "Give the file that the proof is about.",
      code: "FILES_NOT_GIVEN",
    };
  }
  const words = verdictWords({ from: "folder", verdict: { ok: true } }, trust);
  if (trust?.ok === false) return { ...words, reason: `the proof is sound, but ${trust.reason}` };
  const who = words.code === "OK" ? ", and the signer is trusted" : "; this does not say by whom";
  return { ...words, reason: `the file is as it was sealed${who}` };
}

function factsOf({ file, proof }: ProofReport, trust: TrustAnswer | undefined): readonly ShownFact[] {
  if (!proof.ok) return [];
  const { files, signer, statement } = proof.value;
  const plain = (name: string, text: string): ShownFact => ({ name, parts: [{ style: "plain", text }] });
  const proven = file?.proven.ok === true ? file.proven.value : undefined;
  return [
    plain("Run", quoteIfNeeded(statement.runId)),
    { name: "Bundle root", parts: [{ style: "digest", text: statement.bundleRoot }] },
    plain("Sealed", `${statement.sealedAt}, the signer says`),
    { name: "Signer", parts: signerParts(signer, trust) },
    ...(trust === undefined ? [] : [plain("Trust", printable(trust.reason))]),
    ...(file === undefined || proven === undefined
      ? files.slice(0, MOST_CLAIMS).map(
          ({ digest, path }): ShownFact => ({
            name: "Claims",
            parts: [
              { style: "plain", text: `${quoteIfNeeded(path)} ` },
              { style: "digest", text: declareDigest(digest) },
            ],
          }),
        )
      : [
          plain(
            "File",
            `${quoteIfNeeded(file.name)} is ${quoteIfNeeded(proven.path)}, ${sizeOf(file.bytes)}`,
          ),
        ]),
  ];
}
