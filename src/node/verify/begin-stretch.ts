/**
 * A stretch of a chain: bundles that follow each other, opened and judged as far as is possible without asking whether
 * their signatures hold, which is asked for all of them at once.
 *
 * @module
 */

import {
  beginJudging,
  type Limits,
  type OpenedBundle,
  type SignatureQuestion,
  type UnsettledBundle,
} from "../../core/index.ts";
import { availableCores } from "../files/available-cores.ts";
import { openBundle, runIdOf } from "../files/open-bundle.ts";
import { answerSignatures } from "./answer-signatures.ts";
import { inRun } from "./in-run.ts";
import type { MemoryKey, SignatureMemory } from "./signature-memory.ts";
import { type VerifyFailure, verifyContext } from "./verify-bundle-files.ts";

/** Bundles in a stretch, at most: enough for the threads to be busy, few enough to hear of a signal soon. */
const MOST_BUNDLES = 128;

/** Bytes of artifacts with which a stretch ends: whatever a chain holds, so much of it and one bundle are in memory. */
const HEAVY_BYTES: number = 4 * 1024 * 1024;

/** Some bundles of a chain, in its order. */
export interface Stretch {
  /** Those that were not rejected, up to the first that was. */
  readonly bundles: readonly StretchBundle[];
  /** Why the bundle after these is rejected, or could not be read. */
  readonly failure: VerifyFailure | undefined;
  /** Whether the signatures hold that are not known to. */
  readonly answers: Promise<readonly boolean[]>;
  /** The index in the chain of the first bundle that is not part of it. */
  readonly end: number;
  /** Whether their artifacts are so large that one stretch at a time is enough. */
  readonly isHeavy: boolean;
}

/** A bundle that awaits the answer, or does not need one. */
export type StretchBundle = UnsettledBundle & {
  readonly runId: string;
  /** Where its answer is; undefined where it is known that its signature holds. */
  readonly answer: number | undefined;
  /** Its name in the memory. */
  readonly key: MemoryKey | undefined;
};

/** Which chain, and how. */
export interface StretchRequest {
  readonly bundles: readonly string[];
  readonly jobs?: number | undefined;
  readonly limits?: Limits;
  /** Whose signatures are known to hold; those that are found to are added. */
  readonly memory?: SignatureMemory | undefined;
}

/** Opens and judges bundles from a place in the chain on. */
export function beginStretch({ bundles, jobs, limits, memory }: StretchRequest, start: number): Stretch {
  const context = verifyContext(limits);
  const begun: StretchBundle[] = [];
  const questions: SignatureQuestion[] = [];
  let failure: VerifyFailure | undefined;
  let bytes = 0;
  let end = start;
  while (end < bundles.length && end - start < MOST_BUNDLES && bytes < HEAVY_BYTES) {
    const path = bundles[end++] ?? "";
    const opened = openBundle(path, limits);
    const unsettled = opened.ok ? beginJudging(opened.value, context) : opened;
    if (!opened.ok || !unsettled.ok) {
      if (!unsettled.ok) failure = inRun(unsettled, runIdOf(path));
      break;
    }
    const { runId } = opened.value;
    const key = memory?.keyOf(opened.value);
    const isKnown = memory?.recalls(key) === true;
    begun.push({ ...unsettled.value, runId, key, answer: isKnown ? undefined : questions.length });
    if (!isKnown) questions.push(unsettled.value.question);
    bytes += bytesOf(opened.value);
  }
  const answers = answerSignatures(questions, jobs ?? availableCores());
  // Where the chain ends before, nobody asks for the answers any more.
  answers.catch(() => undefined);
  return { bundles: begun, failure, answers, end, isHeavy: bytes >= HEAVY_BYTES };
}

function bytesOf({ artifacts }: OpenedBundle): number {
  let bytes = 0;
  for (const artifact of Object.values(artifacts))
    bytes += artifact.kind === "bytes" ? artifact.bytes.length : 0;
  return bytes;
}
