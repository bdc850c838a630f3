/**
 * Walking along many bundles and judging their artifacts, a stretch after the other: while one is judged the next one is read
 * elsewhere, and where others check signatures, the one before has its own checked.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import type { RestoreCandidate, SignatureQuestion } from "../../core/internal.ts";
import { throwIfInterrupted } from "../runtime/interruption.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { availableCores } from "../runtime/system-limits.ts";
import { answerHere, answerSignatures } from "./answer-signatures.ts";
import { type BegunStretch, beginStretch, type StretchRequest, type WalkedStretch } from "./begin-stretch.ts";
import type { ChainHelper } from "./chain-helper.ts";
import { type ReadStretch, readStretch, type StretchSource } from "./read-stretch.ts";

/** Which bundles, how to judge them, and who helps. */
export interface WalkRequest<Judged extends RestoreCandidate = RestoreCandidate>
  extends StretchSource,
    StretchRequest<Judged> {
  readonly jobs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The thread for these bundles, where there is one; it is used once it is up. */
  readonly helper: ChainHelper | undefined;
}

/**
 * Judges bundles in the order given. A rejected one does not end the walk, nor does one that can't be read: whoever has heard
 * enough stops asking. Throws an Interruption once the signal has fired.
 */
export async function* walkArtifacts<Judged extends RestoreCandidate>(
  request: WalkRequest<Judged>,
): AsyncGenerator<WalkedStretch<Judged>, void, undefined> {
  const { bundles, signal } = request;
  const answering = (questions: readonly SignatureQuestion[]) => answer(questions, request);
  const isAnsweredHere = answersHere(request);
  let ahead: Promise<ReadStretch> | undefined;
  let begun: BegunStretch<Judged> | undefined;
  for (let start = 0; start < bundles.length; ) {
    const read: ReadStretch = await (ahead ?? readFrom(start, request));
    start = read.end;
    // Of large artifacts there is one stretch at a time in memory.
    ahead = start === bundles.length || read.isHeavy ? undefined : readFrom(start, request);
    // Where nobody asks for more, nobody asks for it either.
    ahead?.catch(() => undefined);
    const before = begun;
    begun = beginStretch(read, request, answering);
    if (before !== undefined) yield await settle(before, signal);
    // What this thread has answered itself need not wait: the fewer bundles are under way, the less is moved as garbage is collected.
    if (!read.isHeavy && !isAnsweredHere) continue;
    yield await settle(begun, signal);
    begun = undefined;
  }
  if (begun !== undefined) yield await settle(begun, signal);
}

async function settle<Judged>(
  begun: BegunStretch<Judged>,
  signal: AbortSignal | undefined,
): Promise<WalkedStretch<Judged>> {
  const settled = await begun.settle();
  throwIfInterrupted(signal);
  return settled;
}

/** Reads a stretch in the other thread, or in this one when it is waited for. */
async function readFrom(start: number, { helper, ...source }: WalkRequest): Promise<ReadStretch> {
  if (helper?.isUp === true) return await helper.read(start);
  // Signals and the words of other threads are heard of only between the turns of the event loop.
  await setImmediate();
  return readStretch(source, start);
}

/** One thread by libsodium is as quick as several by OpenSSL, and leaves the cores to what else is going on. */
function answersHere({ crypto }: WalkRequest): boolean {
  return crypto !== nodeCrypto;
}

async function answer(
  questions: readonly SignatureQuestion[],
  request: WalkRequest,
): Promise<readonly boolean[]> {
  if (answersHere(request)) return answerHere(questions, request.crypto);
  return await answerSignatures(questions, request.jobs ?? availableCores());
}
