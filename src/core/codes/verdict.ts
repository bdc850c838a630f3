/**
 * The verdict: what verification says of a bundle or a chain, and in which phase (PROTOCOL 8).
 *
 * @module
 */

import type { Fault } from "../bytes/result.ts";
import type { ArtifactName } from "../paths/artifact-name.ts";
import type { ReadingCode, TreeCode, VerifierCode } from "./codes.ts";
import { explainRejection, type RejectionDetails, type RejectionNote } from "./rejection-message.ts";

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

/** A failure, with the phase in which it occurred. */
interface Failure<Code extends string> extends Fault<Code> {
  readonly phase: Phase;
  /** One sentence for a person, in printable characters. */
  readonly message: string;
  readonly details: RejectionDetails;
}

/** A rejected bundle or chain. */
export type Rejection = Failure<VerifierCode | TreeCode>;

/** No verdict: an output could not be read, or changed while it was read. */
export type Undecided = Failure<ReadingCode>;

/** Makes a rejection. `note` tells apart what shares a code; it goes into the message only. */
export function reject(
  phase: Phase,
  code: VerifierCode | TreeCode,
  details: RejectionDetails = {},
  note?: RejectionNote,
): Rejection {
  return { ok: false, code, phase, message: explainRejection(code, details, note), details };
}

/** A rejection of one bundle as part of a chain: the same, with the run id in its details. */
export function inChain<F extends Rejection | Undecided>(failure: F, runId: string): F {
  return { ...failure, details: { ...failure.details, run_id: runId } };
}

/** A rejection that names one artifact, the commonest kind. */
export function rejectArtifact(
  phase: Phase,
  code: VerifierCode,
  artifact: ArtifactName,
  note?: RejectionNote,
): Rejection {
  return reject(phase, code, { artifact }, note);
}
