/** The verdict in words. They are those of the command wherever both say the same. @module */

import {
  type AmberVerdict,
  brokenHistoryVerdict,
  brokenHistoryWords,
  type MovedOn,
  movedOnVerdict,
  quote,
  quoteIfNeeded,
  type Rejection,
  type RejectionDetails,
  type Undecided,
  type VerifiedBundle,
} from "../../src/core/internal.ts";
import type { SourceFault } from "../source/read-artifact.ts";
import type { TrustAnswer } from "../trust/trust-choice.ts";
import type { BundleFailure, BundleReport, OutputsFrom } from "../verify/verify-bundle.ts";
import { archiveWords, isArchiveFault } from "./archive-words.ts";
import { countOf, sizeOf } from "./count-text.ts";

/** How a verdict is coloured. */
export type VerdictTone = "good" | "caution" | "bad" | "open";

/** A verdict for a person. */
export interface VerdictWords {
  readonly tone: VerdictTone;
  readonly title: string;
  readonly reason: string;
  /** What to do next; empty if nothing. */
  readonly next: string;
  /** The code, for programs and for `runseal explain`. */
  readonly code: string;
}

/** Why a line is not what it should be. */
export interface LineFault {
  readonly code: string;
  /** Lower case, no full stop. */
  readonly words: string;
}

/** What changes the verdict on a run of a project. */
export interface ProjectVerdict {
  /** The run that explains why files differ; its signer is trusted. */
  readonly moved?: MovedOn | undefined;
  /** Why the history is broken. */
  readonly broken?: LineFault | undefined;
}

/** Words for a report, and for what the user's trust says about it. */
export function verdictWords(
  { from, verdict }: { readonly from: OutputsFrom; readonly verdict: { readonly ok: true } | BundleFailure },
  trust: TrustAnswer | undefined,
  { broken, moved }: ProjectVerdict = {},
): VerdictWords {
  if (!verdict.ok && moved !== undefined) return amberVerdict(movedOnVerdict(moved), verdict.code);
  if (!verdict.ok) return failureVerdict(verdict);
  if (trust === undefined) throw new TypeError("an accepted bundle has a decision about its signer");
  if (!trust.ok) {
    const history = broken === undefined ? "" : `; ${brokenHistoryWords(broken.words)}`;
    return {
      tone: "caution",
      title: "Whole, but not trusted",
      reason: `the bundle is sound, but ${trust.reason}${history}`,
      next: trustRemedy(trust.code),
      code: trust.code,
    };
  }
  if (broken !== undefined) return amberVerdict(brokenHistoryVerdict(broken.words), broken.code);
  if (trust.code === "ANY_SIGNER")
    return {
      tone: "caution",
      title: "Whole, by any signer",
      reason: "no file changed since the bundle was signed; this does not say by whom",
      next: "Ask the signer for the public key over a way that you trust, and paste it above.",
      code: trust.code,
    };
  return {
    tone: "good",
    title: "Accepted",
    reason:
      from === "store"
        ? "the store holds each file as it was sealed, and the signer is trusted"
        : "each file is as it was sealed, and the signer is trusted",
    next: "",
    code: "OK",
  };
}

function amberVerdict({ sentence, title }: AmberVerdict, code: string): VerdictWords {
  return { tone: "caution", title, reason: sentence, next: explainWords(code), code };
}

/** Where the command says more. */
function explainWords(code: string): string {
  return `runseal explain ${code} says what to do.`;
}

function failureVerdict(failure: BundleFailure): VerdictWords {
  if (failure.code === "FILES_NOT_GIVEN")
    return {
      tone: "open",
      title: "No verdict yet",
      reason: "the bundle is as it was signed, but its files were not given",
      next: "Choose the folder in which the paths of its files begin.",
      code: failure.code,
    };
  const { code } = failure;
  if (isArchiveFault(failure))
    return {
      tone: "bad",
      title: "Rejected",
      reason: `the archive is refused: ${archiveWords(failure)}`,
      next: "Get the archive again from where it was made.",
      code,
    };
  if (code === "READ_FAILED" || code === "CHANGED_WHILE_READ")
    return {
      tone: "open",
      title: "No verdict",
      reason: failureWords(failure),
      next: "Make the file readable, close the programs that write to it, and choose the folder with the button: browsers hide some names in dropped folders.",
      code,
    };
  return {
    tone: "bad",
    title: "Rejected",
    reason: failureWords(failure),
    next: explainWords(code),
    code,
  };
}

/** One sentence for any failure. */
export function failureWords(failure: Pick<Rejection, "message"> | Undecided | SourceFault): string {
  if ("message" in failure) return failure.message;
  const { code, details } = failure;
  return code === "READ_FAILED"
    ? `${quote(details.path)} can't be read`
    : `${quote(details.path)} changed while it was read`;
}

/** In what an entry differs from the tree; empty for anything else. */
export function aspectWords({ actual = "", aspect, expected }: RejectionDetails): string {
  return aspect === undefined
    ? ""
    : `${aspect} ${quoteIfNeeded(actual)}, not ${quoteIfNeeded(expected ?? "")}`;
}

/** What was done. */
export function doneWords({ findings, judged }: BundleReport): string {
  if (judged === undefined) return "The artifacts of the bundle were judged.";
  if (findings === undefined) return "The artifacts of the bundle were judged. No file was looked at.";
  const { length } = judged.claims;
  return `The artifacts were judged, and ${countOf(length, "file")} looked for: ${sizeOf(findings.bytes)} hashed.`;
}

/** When a bundle was sealed, and by whose word. */
export function sealedWords({ binding, taskSpec }: VerifiedBundle): string {
  if (binding === undefined) return "unbound: no run id, time or proof is signed";
  const { sealedAt, signedAt } = binding;
  if (signedAt === undefined) return `${sealedAt}, the signer says`;
  const unseen = taskSpec.has("command") ? "; its command was not witnessed by the signer" : "";
  return `${sealedAt}, elsewhere, the sealer says; signed ${signedAt}, the signer says${unseen}`;
}

function trustRemedy(code: string): string {
  switch (code) {
    case "TRUST_POLICY_MISSING":
    case "SIGNER_UNKNOWN":
      // Never suggests the bundle's own key: an attacker would have chosen it.
      return "Ask the signer for the public key over a way that you trust, and paste it above.";
    case "TRUST_FILE_MALFORMED":
      return "Correct the trust file: until then nothing in it is trusted.";
    default:
      return explainWords(code);
  }
}
