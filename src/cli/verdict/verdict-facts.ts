/** The reports of verdicts that several commands share, in JSON and in words. @module */

import type { FailedRun, Phase, SignerIdentity } from "../../core/internal.ts";
import type { VerifyFailure } from "../../node/index.ts";
import { remedyOf } from "../codes/codes.ts";
import type { TrustAnswer } from "../options/trust-options.ts";
import { failureReport } from "../output/failure-report.ts";
import type { Report } from "../output/report.ts";
import { paint } from "../text/paint.ts";
import { renameHint } from "./renamed-text.ts";
import { failureMessage, trustHints } from "./verify-text.ts";

/** A signer for a program. `name` is what a trust line calls it. */
export function signerFacts(
  signer: Pick<SignerIdentity, "fingerprint" | "keyId" | "publicKeyHex" | "validatorId">,
  name?: string,
): object {
  const { validatorId, keyId, fingerprint, publicKeyHex } = signer;
  const facts = { validator_id: validatorId, key_id: keyId, fingerprint, public_key: publicKeyHex };
  return name === undefined ? facts : { ...facts, name };
}

/** A run that failed or was killed, for a program. */
export function failedRunFacts({ bundleRoot, runId }: FailedRun): object {
  return { run_id: runId, bundle_root: bundleRoot ?? null };
}

/**
 * The end of a command that came to no accepted verdict. `known` are the command's own members, `text` what
 * it has to show besides, `where` what the sentence is about, such as `run "a": `.
 */
export function rejectedReport(failure: VerifyFailure, known: object, text = "", where = ""): Report {
  const { code, details } = failure;
  const message = failureMessage(failure);
  return failureReport(
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
export interface SoundVerdict {
  readonly signer: SignerIdentity;
  readonly trust: TrustAnswer;
  /** The command's own members. */
  readonly known: object;
  readonly text: string;
  /** Whether to colour the word that ends the text; default: no. */
  readonly colour?: boolean;
  /** What an untrusted signer's sentence begins with, such as `the bundle is sound, but `. */
  readonly sound: string;
  /** Details, where the signer is not trusted. */
  readonly details?: object;
  /** What to do, where the signer is not trusted; default: what a verification says. */
  readonly hints?: readonly string[];
}

/** The end of a command that came to a sound verdict: accepted if the signer is trusted, and only then. */
export function soundReport({
  colour = false,
  details = {},
  hints,
  known,
  signer,
  sound,
  text,
  trust,
}: SoundVerdict): Report {
  const verdict = { ok: true, code: "OK", phase: null };
  const facts = { verdict, ...known, signer: signerFacts(signer, trust.name), trust };
  if (trust.ok) {
    const end = { ok: true, code: "OK", phase: null, message: "accepted", details: {} } as const;
    return {
      facts: { ...end, ...facts, exit_code: 0 },
      text: `${text}${paint("accepted", "good", colour)}\n`,
    };
  }
  const { code } = trust;
  const message = sound + trust.reason;
  const where = { phase: "trust" };
  return failureReport(
    { code, where, message, details, known: facts, hints: hints ?? trustHints(trust) },
    text,
  );
}

/** The phase in which it ended, if it was one. */
export function phaseOf(failure: VerifyFailure): Phase | undefined {
  return "phase" in failure ? failure.phase : undefined;
}

/** The protocol's own answer to a failure; null where there was no verdict. */
function verdictFacts(failure: VerifyFailure): object | null {
  const isVerdict =
    "phase" in failure && failure.code !== "READ_FAILED" && failure.code !== "CHANGED_WHILE_READ";
  return isVerdict ? { ok: false, code: failure.code, phase: failure.phase } : null;
}
