/**
 * Beginning to judge a stretch of a chain: as far as is possible without asking whether the signatures hold, which is
 * asked for all of them at once.
 *
 * @module
 */

import type {
  Crypto,
  Limits,
  OpenedBundle,
  Rejection,
  RestoreCandidate,
  Result,
  SignatureQuestion,
  UnsettledBundle,
  VerifyContext,
} from "../../core/internal.ts";
import { verifyContext } from "../bundle/verify-context.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { ReadStretch } from "./read-stretch.ts";
import type { MemoryKey, SignatureMemory } from "./signature-memory.ts";

/** A bundle that was opened, and what the phases up to 8 say of it. */
export interface WalkedBundle<Judged> {
  readonly opened: OpenedBundle;
  readonly judged: Result<Judged, Rejection>;
}

/** Some bundles of a chain, in its order. */
export interface WalkedStretch<Judged> {
  readonly bundles: readonly WalkedBundle<Judged>[];
  /** Why the bundle after these could not be read. */
  readonly unread: OperationFault | undefined;
  /** Whether their artifacts are so large that one stretch at a time is enough. */
  readonly isHeavy: boolean;
}

/** A stretch whose signatures are being asked about. */
export interface BegunStretch<Judged> {
  /** Waits for the answers, and settles each bundle. */
  readonly settle: () => Promise<WalkedStretch<Judged>>;
}

/** Judges a bundle up to the question whether its signature holds: as `beginJudging` does, or `beginCandidate`. */
export type Begin<Judged extends RestoreCandidate> = (
  opened: OpenedBundle,
  context: VerifyContext,
) => Result<UnsettledBundle<Judged>, Rejection>;

/** How to judge. */
export interface StretchRequest<Judged extends RestoreCandidate = RestoreCandidate> {
  readonly begin: Begin<Judged>;
  readonly limits?: Limits | undefined;
  /** As `cryptoFor` chooses it. */
  readonly crypto: Crypto;
  /** Whose signatures are known to hold; those that are found to are added. */
  readonly memory?: SignatureMemory | undefined;
  /** Whether nobody wants to know of what comes after the first bundle that is rejected. */
  readonly untilRejected?: boolean | undefined;
}

/** Says of each question whether that signature holds. */
export type Answering = (questions: readonly SignatureQuestion[]) => Promise<readonly boolean[]>;

/** A bundle that awaits the answer, or does not need one. */
interface BegunBundle<Judged extends RestoreCandidate> {
  readonly opened: OpenedBundle;
  readonly begun: Result<UnsettledBundle<Judged>, Rejection>;
  /** Where its answer is; undefined where it needs none. */
  readonly answer: number | undefined;
  /** Its name in the memory. */
  readonly key: MemoryKey | undefined;
}

/** Begins to judge what was read. */
export function beginStretch<Judged extends RestoreCandidate>(
  read: ReadStretch,
  request: StretchRequest<Judged>,
  answering: Answering,
): BegunStretch<Judged> {
  const { memory } = request;
  const context = verifyContext(request.limits, request.crypto);
  const bundles: BegunBundle<Judged>[] = [];
  const questions: SignatureQuestion[] = [];
  for (const opened of read.opened) {
    const begun = request.begin(opened, context);
    if (!begun.ok) {
      bundles.push({ opened, begun, answer: undefined, key: undefined });
      if (request.untilRejected === true) break;
      continue;
    }
    const key = memory?.keyOf(opened);
    const isKnown = memory?.recalls(key) === true;
    bundles.push({ opened, begun, answer: isKnown ? undefined : questions.length, key });
    if (!isKnown) questions.push(begun.value.question);
  }
  const answers = questions.length === 0 ? Promise.resolve([]) : answering(questions);
  // Where the chain ends before, nobody asks for the answers any more.
  answers.catch(() => undefined);
  const { failure: unread, isHeavy } = read;
  return {
    settle: async () => ({ bundles: settleEach(bundles, await answers, request), unread, isHeavy }),
  };
}

function settleEach<Judged extends RestoreCandidate>(
  bundles: readonly BegunBundle<Judged>[],
  answers: readonly boolean[],
  { memory, untilRejected }: StretchRequest<Judged>,
): readonly WalkedBundle<Judged>[] {
  const settled: WalkedBundle<Judged>[] = [];
  for (const { answer, begun, key, opened } of bundles) {
    const judged = begun.ok ? begun.value.settle(answer === undefined || answers[answer] === true) : begun;
    settled.push({ opened, judged });
    if (judged.ok && answer !== undefined) memory?.note(key);
    if (!judged.ok && untilRejected === true) break;
  }
  return settled;
}
