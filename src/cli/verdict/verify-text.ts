/** What `verify` and `verify --history` say of a bundle. @module */

import {
  keyDigestsOf,
  PHASES,
  type Phase,
  quote,
  quoteIfNeeded,
  type Rejection,
  type RejectionDetails,
  type SignerIdentity,
  type Undecided,
  type VerifiedBundle,
} from "../../core/internal.ts";
import type { VerifyFailure } from "../../node/bundle/verify-context.ts";
import { remedyOf } from "../codes/codes.ts";
import { operationMessage } from "../codes/operation-codes.ts";
import type { TrustAnswer } from "../options/trust-options.ts";
import { countOf } from "../text/count-text.ts";
import { paint } from "../text/paint.ts";
import { runName } from "../text/run-name.ts";
import { sealedLines } from "../text/witness-words.ts";
import { countersignerLines, timeLine } from "./trust-text.ts";

/** One sentence for any reason why a bundle isn't verified. */
export function failureMessage(failure: VerifyFailure): string {
  return "phase" in failure ? failure.message : operationMessage(failure);
}

/** The phases of a bundle: the eleventh is for a tree. */
function phasesOf(hasTree: boolean): readonly Phase[] {
  return hasTree ? [...PHASES, "tree"] : PHASES;
}

/**
 * The phases, one a line, up to the one that failed. `skipped` are phases before it that were not walked, `isAmber` says that a later run
 * explains the failure.
 */
export function phaseLines(
  failedAt: Phase | undefined,
  hasTree: boolean,
  colour: boolean,
  skipped: readonly Phase[] = [],
  isAmber = false,
): string {
  return markedPhases(phasesOf(hasTree || failedAt === "tree"), failedAt, colour, skipped, isAmber);
}

/** Any phases, one a line, up to the one that failed; all of them passed without one. */
export function markedPhases(
  phases: readonly string[],
  failedAt: string | undefined,
  colour: boolean,
  skipped: readonly string[] = [],
  isAmber = false,
): string {
  const failed = failedAt === undefined ? -1 : phases.indexOf(failedAt);
  const reached = failed < 0 ? phases.length : failed;
  return phases
    .map((phase, index) => {
      const mark =
        index < reached && !skipped.includes(phase)
          ? paint("ok", "good", colour)
          : index === reached
            ? isAmber
              ? paint("differs", "doubtful", colour)
              : paint("FAILED", "bad", colour)
            : "-";
      return `${String(index + 1).padStart(2)} ${phase.padEnd(12)}${mark}\n`;
    })
    .join("");
}

/** The phases of a bundle that passed them all. */
export function phasesLine(hasTree: boolean, colour: boolean): string {
  return `phases   all ${phasesOf(hasTree).length} ${paint("ok", "good", colour)}\n`;
}

/** What is known of an accepted bundle. `tree` is the line of its tree. */
export function bundleLines(bundle: VerifiedBundle, trust: TrustAnswer, tree: string): string {
  const { binding, bundleRoot, bytes, outputs, runId, signer } = bundle;
  return (
    `run      ${runName(runId)}\n` +
    `hash     ${bundleRoot}\n` +
    `files    ${countOf(outputs.length, "file")}, ${countOf(bytes, "byte")}\n` +
    tree +
    sealedLines(binding, bundle.taskSpec) +
    timeLine(trust.time) +
    `signer   ${signerWords(signer, trust.name)}\n` +
    signerNameLines(signer) +
    `trust    ${trust.reason}\n${countersignerLines(trust.countersigners)}`
  );
}

/** A signer for a person: key id, the name that a trust line gives it, and the key. */
export function signerWords(signer: SignerIdentity, name: string | undefined): string {
  const called = name === undefined ? "" : ` ${quoteIfNeeded(name)}`;
  return `${signer.keyId}${called} (ed25519 ${signer.publicKeyHex})`;
}

/** The names by which a trust policy may call the signer's key. */
export function signerNameLines(signer: SignerIdentity): string {
  return keyDigestsOf(signer)
    .map((digest) => `         ${digest}\n`)
    .join("");
}

/** Every difference, for `--all`. */
export function failureLines(failures: readonly (Rejection | Undecided)[]): string {
  return failures
    .map(({ code, details }) => `${code.padEnd(18)} ${quote(details.path ?? "")}${aspectWords(details)}\n`)
    .join("");
}

function aspectWords({ actual = "", aspect, expected }: RejectionDetails): string {
  if (aspect === undefined) return "";
  return `: ${aspect} ${quoteIfNeeded(actual)}, not ${quoteIfNeeded(expected ?? "")}`;
}

/** What to do about a signer that is not trusted. */
export function trustHints(trust: TrustAnswer): readonly string[] {
  if (trust.guards_own_key === true)
    return ["runseal undo believes it; runseal init makes a key of yours for later runs"];
  switch (trust.code) {
    case "TRUST_POLICY_MISSING":
      // Never suggests the bundle's own key: an attacker would have chosen it.
      return [
        "ask the signer for the public key over a way you trust; then --signer KEY, or runseal trust add NAME KEY",
      ];
    case "TRUST_FILE_MALFORMED":
      return ["correct the line; until then nothing in the file is trusted"];
    default:
      return [remedyOf(trust.code)];
  }
}
