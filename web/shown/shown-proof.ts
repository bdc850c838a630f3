/** The verdict on a proof of files as it is shown. The words are those of `runseal check`. @module */

import {
  declareDigest,
  printable,
  quoteIfNeeded,
  type SaidFact,
  type SaidPhase,
  signerFact,
  sizeOf,
} from "../../src/core/internal.ts";
import type { TrustAnswer } from "../trust/trust-choice.ts";
import type { ProofReport } from "../verify/judge-proof.ts";
import { failureWords, type VerdictWords, verdictWords } from "../words/verdict-words.ts";
import type { ShownVerdict } from "./shown-verdict.ts";

/** Claims that are shown. */
const MOST_CLAIMS = 200;

/** Shows a report; `trust` is undefined where the proof does not hold. */
export function shownProof(report: ProofReport, trust: TrustAnswer | undefined): ShownVerdict {
  const { file, proof } = report;
  return {
    words: wordsOf(report, trust),
    done:
      file === undefined
        ? "The proof was judged. No file was looked at."
        : "The proof and the file were judged.",
    differences: { listed: [], more: 0 },
    facts: factsOf(report, trust),
    phases: [
      phase("proof", "its key, its signature, and the steps of each file", proof),
      phase("file", "its bytes are those of the proof", file?.proven),
    ],
    canUseStore: false,
  };
}

function phase(name: string, words: string, ended: { readonly ok: boolean } | undefined): SaidPhase {
  if (ended === undefined) return { name, words, tone: "plain", state: "not reached" };
  return ended.ok
    ? { name, words, tone: "good", state: "ok" }
    : { name, words, tone: "bad", state: "FAILED" };
}

function wordsOf({ file, proof }: ProofReport, trust: TrustAnswer | undefined): VerdictWords {
  const failed = proof.ok ? file?.proven : proof;
  if (failed?.ok === false) {
    const { code } = failed;
    const isRead = code !== "READ_FAILED" && code !== "CHANGED_WHILE_READ";
    return {
      tone: isRead ? "bad" : "plain",
      title: isRead ? "Rejected" : "No verdict",
      sentence: failureWords(failed),
      next: `runseal explain ${code} says what to do.`,
      code,
    };
  }
  if (file === undefined) {
    const trusted = trust?.ok === false ? `, and ${trust.reason}` : "";
    return {
      tone: "plain",
      title: "No file was checked",
      sentence: `the proof is sound${trusted}; this is what it claims`,
      next: "Give the file that the proof is about.",
      code: "FILES_NOT_GIVEN",
    };
  }
  const words = verdictWords({ from: "folder", verdict: { ok: true } }, trust);
  if (trust?.ok === false) return { ...words, sentence: `the proof is sound, but ${trust.reason}` };
  const who = words.code === "OK" ? ", and the signer is trusted" : "; this does not say by whom";
  return { ...words, sentence: `the file is as it was sealed${who}` };
}

function factsOf({ file, proof }: ProofReport, trust: TrustAnswer | undefined): readonly SaidFact[] {
  if (!proof.ok) return [];
  const { files, signer, statement } = proof.value;
  const plain = (name: string, text: string): SaidFact => ({ name, parts: [{ style: "plain", text }] });
  const proven = file?.proven.ok === true ? file.proven.value : undefined;
  return [
    plain("Run", quoteIfNeeded(statement.runId)),
    { name: "Hash", parts: [{ style: "digest", text: statement.bundleRoot }] },
    plain("Sealed", `${statement.sealedAt}, the signer says`),
    signerFact(signer, trust !== undefined && "name" in trust ? trust.name : undefined),
    ...(trust === undefined ? [] : [plain("Trust", printable(trust.reason))]),
    ...(file === undefined || proven === undefined
      ? files.slice(0, MOST_CLAIMS).map(
          ({ digest, path }): SaidFact => ({
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
