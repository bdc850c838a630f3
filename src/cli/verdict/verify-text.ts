/** What `verify` and `verify --history` say of a bundle. @module */

import {
  type KnownRun,
  keyDigestsOf,
  knownFacts,
  type MarkedPhase,
  type PhasesEnd,
  quoteIfNeeded,
  type SaidDifference,
  type SaidFact,
  type SignerIdentity,
  saidPhases,
  type Tone,
  type VerifiedBundle,
  type VerifiedFacts,
} from "../../core/internal.ts";
import type { VerifyFailure } from "../../node/records/bundle/verify-context.ts";
import { remedyOf } from "../codes/all-codes.ts";
import { operationMessage } from "../codes/operation-codes.ts";
import type { TrustAnswer } from "../options/trust-options.ts";
import { paint } from "../text/paint.ts";

/** One sentence for any reason why a bundle isn't verified. */
export function failureMessage(failure: VerifyFailure): string {
  return "phase" in failure ? failure.message : operationMessage(failure);
}

/** The column of the values of facts, and the most that a name takes of it: `counter` for a countersigner. */
const VALUES = 9;
const MOST_OF_NAME = 7;

/** Facts for a person: a line each, and a line for each other name of a key. */
export function factLines(facts: readonly SaidFact[]): string {
  return facts
    .map(({ name, parts }) => {
      const value = parts.map(({ style, text }) =>
        style === "quiet" ? `\n${" ".repeat(VALUES)}${text}` : text,
      );
      return `${name.toLowerCase().slice(0, MOST_OF_NAME).padEnd(VALUES)}${value.join("")}\n`;
    })
    .join("");
}

/** The phases of a verification, one a line, up to the one that failed. */
export function phaseLines(end: PhasesEnd, colour: boolean): string {
  return markedLines(saidPhases(end), colour);
}

/** Any phases, one a line. */
export function markedLines(phases: readonly MarkedPhase[], colour: boolean): string {
  return phases
    .map(({ name, state, tone }, index) => {
      const mark = tone === "plain" ? "-" : paint(state, MEANINGS[tone], colour);
      return `${String(index + 1).padStart(2)} ${name.padEnd(12)}${mark}\n`;
    })
    .join("");
}

const MEANINGS = { good: "good", amber: "doubtful", bad: "bad" } as const satisfies Partial<
  Record<Tone, string>
>;

/** The phases of a bundle that passed them all. */
export function phasesLine(hasTree: boolean, colour: boolean): string {
  return `phases   all ${saidPhases({ hasTree, failedAt: undefined }).length} ${paint("ok", "good", colour)}\n`;
}

/** How many files there are. */
interface FileCount {
  readonly outputs: { readonly length: number };
}

/** What is known of an accepted bundle. `tree` is what is said of its tree, `place` where its files were. */
export function bundleLines(
  bundle: VerifiedFacts & Pick<VerifiedBundle, "bundleRoot" | "runId" | "signer"> & FileCount,
  trust: TrustAnswer,
  { place, tree }: Pick<KnownRun, "place"> & Partial<Pick<KnownRun, "tree">> = {},
): string {
  const { bundleRoot, outputs, runId, signer } = bundle;
  const known = { runId, bundleRoot, signer, files: outputs.length, verified: bundle };
  return factLines(knownFacts({ ...known, place, tree, trust }));
}

/** A signer for a person: key id, the name that a trust line gives it, and the key. */
export function signerWords(signer: SignerIdentity, name: string | undefined): string {
  const called = name === undefined ? "" : ` ${quoteIfNeeded(name)}`;
  return `${signer.keyId}${called} (ed25519 ${signer.publicKeyHex})`;
}

/** A signer in a list: what a trust line calls it, else its key id, and whether it is trusted. */
export function trustedWords(
  { keyId }: Pick<SignerIdentity, "keyId">,
  { code, name, ok }: TrustAnswer,
): string {
  return `${quoteIfNeeded(name ?? keyId)} (${ok ? (code === "OK" ? "trusted" : "not judged") : "not trusted"})`;
}

/** The names by which a trust policy may call the signer's key. */
export function signerNameLines(signer: SignerIdentity): string {
  return keyDigestsOf(signer)
    .map((digest) => `         ${digest}\n`)
    .join("");
}

/** Differences, for `--all`. A path is in quotes: any other could pass for the words behind it. */
export function differenceLines(differences: readonly SaidDifference[]): string {
  return differences
    .map(({ code, how, path }) => {
      const quoted = path.startsWith('"') ? path : `"${path}"`;
      return `${code.padEnd(18)} ${quoted}${how === "" ? "" : `: ${how}`}\n`;
    })
    .join("");
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
