/**
 * The verdict: what verification says of a bundle or a chain, and in which phase (PROTOCOL 8).
 *
 * @module
 */

import type { Fault } from "../bytes/result.ts";
import { READING_CODES, type ReadingCode } from "./codes.ts";
import type { FaultOf, MadeFault, Worded } from "./facts.ts";
import {
  explainRejection,
  type NoteOf,
  type RejectionCode,
  type RejectionFacts,
} from "./rejection-message.ts";

/** The ten phases of every bundle, in order. Phase 11, `tree`, is for bundles with a tree. */
export const PHASES = [
  "presence",
  "parse",
  "identity",
  "root",
  "payload",
  "signature",
  "proof",
  "forbidden",
  "outputs",
  "acceptance",
] as const;

/** The name of one of the eleven phases, or `chain` for what concerns the chain as a whole. */
export type Phase = (typeof PHASES)[number] | "tree" | "chain";

/** What every failure tells beside its code's facts. */
interface Judged extends Worded {
  readonly phase: Phase;
  /** Which bundle of a chain. */
  readonly details: { readonly run_id?: string };
}

/** A rejected bundle or chain, with the facts of its code. */
export type Rejection<Code extends RejectionCode = RejectionCode> = FaultOf<RejectionFacts, Code> & Judged;

/** No verdict: an output could not be read, or changed while it was read. */
export type Undecided = Fault<ReadingCode> & Judged & { readonly details: { readonly path: string } };

/** An output that is not there, is another file, or can't be read. */
export type OutputFailure = Rejection<"OUTPUT_MISSING" | "HASH_MISMATCH"> | Undecided;

const DIFFERENCE_CODES = [
  "HASH_MISMATCH",
  "OUTPUT_MISSING",
  "TREE_ENTRY_MISSING",
  "TREE_ENTRY_DIFFERS",
  "TREE_EXTRA",
] as const;

/** A path where the disk is not as it was sealed. A later run may explain it. */
export type Difference = Rejection<(typeof DIFFERENCE_CODES)[number]>;

/** Whether a failure is a difference. A bad tree is a failure without a path. */
export function isDifference(failure: { readonly code: string }): failure is Difference {
  return DIFFERENCE_CODES.some((code) => code === failure.code);
}

/** Whether an entry could not be read. */
export function isUndecided(failure: Rejection | Undecided): failure is Undecided {
  return READING_CODES.some((code) => code === failure.code);
}

/** Makes a rejection. A note goes into its sentence only. */
export function reject<Code extends RejectionCode>(
  phase: Phase,
  code: Code,
  details: RejectionFacts[Code],
  ...note: NoteOf<Code>
): MadeFault<RejectionFacts, Code> & Judged {
  return { ok: false, code, phase, message: explainRejection(code, details, ...note), details };
}

/** A rejection of one bundle as part of a chain: the same, with the run id in its details. */
export function inChain<F extends Rejection | Undecided>(failure: F, runId: string): F {
  return { ...failure, details: { ...failure.details, run_id: runId } };
}
