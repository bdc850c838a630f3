/** The verdict in words: those of the command, and what to do next on the page. @module */

import {
  countOf,
  type HistoryFault,
  type MovedOn,
  quote,
  type Rejection,
  type SaidVerdict,
  saidVerdict,
  sizeOf,
  type Undecided,
} from "../../src/core/internal.ts";
import type { SourceFault } from "../source/read-artifact.ts";
import type { TrustAnswer } from "../trust/trust-choice.ts";
import type { BundleFailure, BundleReport, OutputsFrom } from "../verify/verify-bundle.ts";
import { archiveWords, isArchiveFault } from "./archive-words.ts";

/** A verdict for a person. */
export interface VerdictWords extends SaidVerdict {
  /** What to do next; empty if nothing. */
  readonly next: string;
}

/** What changes the verdict on a run of a project. */
export interface ProjectVerdict {
  /** The run that explains why files differ; its signer is trusted. */
  readonly moved?: MovedOn | undefined;
  /** Why the history is broken. */
  readonly broken?: HistoryFault | undefined;
}

// Never suggests the bundle's own key: an attacker would have chosen it.
const ASK_FOR_KEY = "Ask the signer for the public key over a way that you trust, and paste it above.";
const MAKE_READABLE =
  "Make the file readable, close the programs that write to it, and choose the folder with the button: browsers hide some names in dropped folders.";

/** What to do, by code. The command explains all others. */
const NEXT: Readonly<Record<string, string>> = {
  OK: "",
  ANY_SIGNER: ASK_FOR_KEY,
  TRUST_POLICY_MISSING: ASK_FOR_KEY,
  SIGNER_UNKNOWN: ASK_FOR_KEY,
  TRUST_FILE_MALFORMED: "Correct the trust file: until then nothing in it is trusted.",
  FILES_NOT_GIVEN: "Choose the folder in which the paths of its files begin.",
  CARRIED_RUN_MALFORMED: "Get the archive again from where it was made.",
  READ_FAILED: MAKE_READABLE,
  CHANGED_WHILE_READ: MAKE_READABLE,
};

/** Words for a report, and for what the user's trust says about it. */
export function verdictWords(
  { from, verdict }: { readonly from: OutputsFrom; readonly verdict: { readonly ok: true } | BundleFailure },
  trust: TrustAnswer | undefined,
  { broken, moved }: ProjectVerdict = {},
): VerdictWords {
  const failure = verdict.ok ? undefined : failureOf(verdict);
  const said = saidVerdict({ failure, isStored: from === "store", trust, moved, fault: broken });
  return { ...said, next: NEXT[said.code] ?? `runseal explain ${said.code} says what to do.` };
}

function failureOf(failure: BundleFailure): Parameters<typeof saidVerdict>[0]["failure"] {
  const { code } = failure;
  if (code === "FILES_NOT_GIVEN") {
    const message = "the bundle is as it was signed, but its files were not given";
    return { code, message, isUndecided: true };
  }
  if (isArchiveFault(failure))
    return { code, message: `the archive is refused: ${archiveWords(failure)}`, isUndecided: false };
  const isUndecided = code === "READ_FAILED" || code === "CHANGED_WHILE_READ";
  return { code, message: failureWords(failure), isUndecided };
}

/** One sentence for any failure. */
export function failureWords(failure: Pick<Rejection, "message"> | Undecided | SourceFault): string {
  if ("message" in failure) return failure.message;
  const { code, details } = failure;
  return code === "READ_FAILED"
    ? `${quote(details.path)} can't be read`
    : `${quote(details.path)} changed while it was read`;
}

/** What was done. */
export function doneWords({ findings, judged }: BundleReport): string {
  if (judged === undefined) return "The artifacts of the bundle were judged.";
  if (findings === undefined) return "The artifacts of the bundle were judged. No file was looked at.";
  const { length } = judged.claims;
  return `The artifacts were judged, and ${countOf(length, "file")} looked for: ${sizeOf(findings.bytes)} hashed.`;
}
