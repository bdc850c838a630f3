/**
 * The page's workers. The page stays responsive while they hash.
 *
 * @module
 */

import type { ReadingCode } from "../../src/core/internal.ts";
import type { HashAnswer, HashRequest } from "./hash-message.ts";

/** What came of a file. A digest has 32 raw bytes. */
export type HashedFile = Uint8Array | ReadingCode;

/** Files that one worker has at the same time: reading a small file waits more than it works. */
const FILES_IN_FLIGHT = 32;

/** Workers beyond these read no faster. */
const MOST_WORKERS = 4;

interface Waiting {
  readonly blob: Blob;
  readonly end: (hashed: HashedFile) => void;
}

interface Member {
  readonly worker: Worker;
  inFlight: number;
}

/** Hashes files in workers, which live as long as the page. */
export class HashPool {
  readonly #members: Member[] = [];
  readonly #started = new Map<number, { readonly member: Member; readonly waiting: Waiting }>();
  readonly #queue: Waiting[] = [];
  readonly #fail: (reason: Error) => void;
  readonly #start: () => Worker;
  #head = 0;
  #next = 0;
  /** Rejects if a worker breaks down, which is a bug or a browser without workers. */
  readonly broken: Promise<never>;
  /** Called with the bytes that were read since the last call. */
  onBytes: (bytes: number) => void = () => undefined;

  /** @param start starts a worker with the program of hash-worker.ts. */
  constructor(start: () => Worker) {
    let fail: (reason: Error) => void = () => undefined;
    this.broken = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    this.broken.catch(() => undefined);
    this.#fail = fail;
    this.#start = start;
    const count = Math.min(MOST_WORKERS, Math.max(1, navigator.hardwareConcurrency));
    for (let index = 0; index < count; index++) this.#members.push(this.#hire());
  }

  /** Hashes one file. */
  hash(blob: Blob): Promise<HashedFile> {
    return new Promise((end) => {
      this.#queue.push({ blob, end });
      this.#hand();
    });
  }

  /** Forgets all files, whose promises stay open. Workers that hash one are replaced: a file may be large. */
  clear(): void {
    this.#queue.splice(0);
    this.#head = 0;
    this.#started.clear();
    for (const [index, { inFlight, worker }] of this.#members.entries()) {
      if (inFlight === 0) continue;
      worker.terminate();
      this.#members[index] = this.#hire();
    }
  }

  #hire(): Member {
    const worker = this.#start();
    const member: Member = { worker, inFlight: 0 };
    worker.addEventListener("message", ({ data }: MessageEvent<HashAnswer>) => this.#take(data));
    worker.addEventListener("error", ({ message }) => this.#fail(new Error(message)));
    return member;
  }

  #take(answer: HashAnswer): void {
    if (answer.kind === "bytes") {
      this.onBytes(answer.bytes);
      return;
    }
    const started = this.#started.get(answer.id);
    if (started === undefined) throw new TypeError("a worker answered without a request");
    this.#started.delete(answer.id);
    started.member.inFlight--;
    started.waiting.end(answer.kind === "digest" ? answer.digest : answer.code);
    this.#hand();
  }

  /** Gives waiting files to the workers that have the fewest. */
  #hand(): void {
    for (;;) {
      const waiting = this.#queue[this.#head];
      const member = this.#members.reduce((least, other) =>
        other.inFlight < least.inFlight ? other : least,
      );
      if (waiting === undefined || member.inFlight >= FILES_IN_FLIGHT) break;
      this.#head++;
      const request: HashRequest = { id: this.#next++, blob: waiting.blob };
      this.#started.set(request.id, { member, waiting });
      member.inFlight++;
      member.worker.postMessage(request);
    }
    if (this.#head < this.#queue.length && this.#head < 4096) return;
    this.#queue.splice(0, this.#head);
    this.#head = 0;
  }
}
