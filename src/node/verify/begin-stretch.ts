/**
 * Beginning to judge a stretch of a chain: as far as is possible without asking whether the signatures hold, which is
 * asked for all of them at once.
 *
 * @module
 */

import { beginJudging, type Limits, type SignatureQuestion, type UnsettledBundle } from "../../core/index.ts";
import { inRun } from "./in-run.ts";
import type { ReadStretch } from "./read-stretch.ts";
import type { MemoryKey, SignatureMemory } from "./signature-memory.ts";
import { type VerifyFailure, verifyContext } from "./verify-bundle-files.ts";

/** Some bundles of a chain, in its order. */
export interface Stretch {
  /** Those that were not rejected, up to the first that was. */
  readonly bundles: readonly StretchBundle[];
  /** Why the bundle after these is rejected, or could not be read. */
  readonly failure: VerifyFailure | undefined;
  /** Whether the signatures hold that are not known to. */
  readonly answers: Promise<readonly boolean[]>;
}

/** A bundle that awaits the answer, or does not need one. */
export type StretchBundle = UnsettledBundle & {
  readonly runId: string;
  /** Where its answer is; undefined where it is known that its signature holds. */
  readonly answer: number | undefined;
  /** Its name in the memory. */
  readonly key: MemoryKey | undefined;
};

/** How to judge. */
export interface StretchRequest {
  readonly limits?: Limits;
  /** Whose signatures are known to hold. */
  readonly memory?: SignatureMemory | undefined;
}

/** Says of each question whether that signature holds. */
export type Answering = (questions: readonly SignatureQuestion[]) => Promise<readonly boolean[]>;

/** Begins to judge what was read, up to the first bundle that is rejected already. */
export function beginStretch(
  { failure: unread, opened }: ReadStretch,
  { limits, memory }: StretchRequest,
  answering: Answering,
): Stretch {
  const context = verifyContext(limits);
  const begun: StretchBundle[] = [];
  const questions: SignatureQuestion[] = [];
  let failure: VerifyFailure | undefined = unread;
  for (const bundle of opened) {
    const { runId } = bundle;
    const unsettled = beginJudging(bundle, context);
    if (!unsettled.ok) {
      failure = inRun(unsettled, runId);
      break;
    }
    const key = memory?.keyOf(bundle);
    const isKnown = memory?.recalls(key) === true;
    const { question, settle } = unsettled.value;
    begun.push({ question, settle, runId, key, answer: isKnown ? undefined : questions.length });
    if (!isKnown) questions.push(question);
  }
  const answers = questions.length === 0 ? Promise.resolve([]) : answering(questions);
  // Where the chain ends before, nobody asks for the answers any more.
  answers.catch(() => undefined);
  return { bundles: begun, failure, answers };
}
