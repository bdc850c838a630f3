/** The reports of verdicts that several commands share, in JSON and in words. @module */

import {
  type CutFacts,
  type FailedRun,
  type HistoryHeads,
  type Phase,
  type SaidFailure,
  type SignerIdentity,
  soundBut,
  type VerifiedBundle,
} from "../../core/internal.ts";
import type { VerifyFailure } from "../../node/records/bundle/verify-context.ts";
import { remedyOf } from "../codes/all-codes.ts";
import type { TrustAnswer } from "../options/trust-options.ts";
import { failureReport, type NoMembers } from "../output/failure-report.ts";
import type { Report } from "../output/report.ts";
import type { DetailsFacts, FailedRunFacts } from "../results/details.ts";
import type { CutPlaceFacts, HeadFacts, RunFailureFacts, VerdictFacts } from "../results/run-verdicts.ts";
import type { SignerFacts } from "../results/signer-facts.ts";
import { paint } from "../text/paint.ts";
import { renameHint } from "./renamed-text.ts";
import { failureMessage, trustHints } from "./verify-text.ts";

/** A signer for a program. `name` is what a trust line calls it. */
export function signerFacts(
  signer: Pick<SignerIdentity, "fingerprint" | "keyId" | "publicKeyHex" | "validatorId">,
  name?: string,
): SignerFacts {
  const { validatorId, keyId, fingerprint, publicKeyHex } = signer;
  const facts = { validator_id: validatorId, key_id: keyId, fingerprint, public_key: publicKeyHex };
  return name === undefined ? facts : { ...facts, name };
}

/** Why a run says that it failed, for a program; null where it does not. */
export function saidFacts(said: SaidFailure | undefined): RunFailureFacts | null {
  return said === undefined ? null : { code: said.code ?? null, message: said.message };
}

/** A run that failed or was killed, for a program. */
export function failedRunFacts({ bundleRoot, runId }: FailedRun): FailedRunFacts {
  return { run_id: runId, bundle_root: bundleRoot ?? null };
}

/** Where a history begins, for a program. */
export function cutFacts({ bundleRoot, cutAt, failedRuns, forgotten }: CutFacts): CutPlaceFacts {
  return { bundle_root: bundleRoot, cut_at: cutAt, forgotten, failed_runs: failedRuns.map(failedRunFacts) };
}

/** A head for a program; null if there is none that can be understood. */
export function headFacts(head: HistoryHeads["head"] | undefined): HeadFacts | null {
  if (head === undefined || typeof head === "string") return null;
  return { run_id: head.runId, bundle_root: head.bundleRoot };
}

/**
 * The end of a command that came to no accepted verdict. `known` are the command's own members, `text` what
 * it has to show besides, `where` what the sentence is about, such as `run "a": `.
 */
export function rejectedReport<T extends object = NoMembers>(
  failure: VerifyFailure,
  known: Partial<NoInfer<T>>,
  text = "",
  where = "",
): Report {
  const { code, details } = failure;
  const message = failureMessage(failure);
  return failureReport<object>(
    {
      code,
      where: { phase: phaseOf(failure) ?? null },
      message,
      shown: where + message,
      details,
      known: { verdict: verdictFacts(failure), ...known },
      hints: [nextStep(failure)],
    },
    text,
  );
}

function nextStep({ code, details }: VerifyFailure): string {
  const sealedAs = "sealed_as" in details ? details.sealed_as : undefined;
  return sealedAs === undefined ? remedyOf(code) : renameHint(sealedAs);
}

/** The line that ends the text of an accepted run, coloured or not. */
export const ACCEPTED: RegExp = /\S*accepted\S*\n$/;

/** A sound bundle or chain, and what the policy says of the signer who decides. */
export interface SoundVerdict<T extends object> {
  readonly signer: SignerIdentity;
  readonly trust: TrustAnswer;
  /** The other members of the command's result. */
  readonly known: Omit<T, "verdict" | "signer" | "trust">;
  readonly text: string;
  /** Whether to colour the word that ends the text; default: no. */
  readonly colour?: boolean;
  /** What an untrusted signer's sentence says first, such as `the history is sound, but run "a": `; default: that the bundle is sound. */
  readonly sound?: string;
  /** Details, where the signer is not trusted. */
  readonly details?: DetailsFacts;
}

/** The end of a command that came to a sound verdict: accepted if the signer is trusted, and only then. */
export function soundReport<T extends object = NoMembers>({
  colour = false,
  details = {},
  known,
  signer,
  sound,
  text,
  trust,
}: SoundVerdict<NoInfer<T>>): Report {
  const verdict = { ok: true, code: "OK", phase: null };
  const facts = { verdict, ...known, signer: signerFacts(signer, trust.name), trust };
  const distrust = sound === undefined ? soundBut(trust.reason) : sound + trust.reason;
  return decidedReport(facts, { trust, distrust, details, text, colour });
}

/** What the policy says of the signer of something sound, and the words beside the facts. */
interface Decided {
  readonly trust: TrustAnswer;
  /** The message, where the signer is not trusted. */
  readonly distrust: string;
  readonly details?: DetailsFacts;
  readonly text: string;
  readonly colour: boolean;
}

/** The end of a command that found something sound: accepted if its signer is trusted, and only then. */
export function decidedReport(
  facts: object,
  { colour, details = {}, distrust, text, trust }: Decided,
): Report {
  if (trust.ok) {
    const end = { ok: true, code: "OK", phase: null, message: "accepted", details: {} } as const;
    return {
      facts: { ...end, ...facts, exit_code: 0 },
      text: `${text}${paint("accepted", "good", colour)}\n`,
    };
  }
  const where = { phase: "trust" };
  const { code } = trust;
  return failureReport<object>(
    { code, where, message: distrust, details, known: facts, hints: trustHints(trust) },
    text,
  );
}

/** The report on a sound run whose signer is not trusted, so that nothing was done with it: `sound` says what. */
export function untrustedReport(
  sound: string,
  { bundleRoot, runId, signer }: Pick<VerifiedBundle, "bundleRoot" | "runId" | "signer">,
  trust: TrustAnswer,
  more: object = {},
): Report {
  const known = { run_id: runId, bundle_root: bundleRoot, ...more };
  return soundReport<object>({ signer, trust, known, sound, text: "" });
}

/** The phase in which it ended, if it was one. */
export function phaseOf(failure: VerifyFailure): Phase | undefined {
  return "phase" in failure ? failure.phase : undefined;
}

/** The protocol's own answer to a failure; null where there was no verdict. */
function verdictFacts(failure: VerifyFailure): VerdictFacts | null {
  const isVerdict =
    "phase" in failure && failure.code !== "READ_FAILED" && failure.code !== "CHANGED_WHILE_READ";
  return isVerdict ? { ok: false, code: failure.code, phase: failure.phase } : null;
}
