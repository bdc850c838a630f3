/**
 * The hash workers. The session stays able to answer while they hash.
 *
 * @module
 */

import type { HashAnswer, HashedFile, HashRequest } from "./hash-message.ts";

/** Small files that are sent together, and their bytes at most. */
const FILES_TOGETHER = 64;
const BYTES_TOGETHER: number = 4 * 1024 * 1024;

/** Requests that one worker has at the same time: reading waits more than it works. */
const REQUESTS_IN_FLIGHT = 4;

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
  readonly #started = new Map<number, { readonly member: Member; readonly files: readonly Waiting[] }>();
  readonly #queue: Waiting[] = [];
  readonly #fail: (reason: Error) => void;
  readonly #start: () => Worker;
  #head = 0;
  #isHanding = false;
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
      if (this.#isHanding) return;
      this.#isHanding = true;
      // Later in this turn: files that are asked for in the same turn are sent together.
      queueMicrotask(() => {
        this.#isHanding = false;
        this.#hand();
      });
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
    for (const [index, waiting] of started.files.entries()) {
      const hashed = answer.files[index];
      if (hashed === undefined) throw new TypeError("a worker answered fewer files than it was sent");
      waiting.end(hashed);
    }
    this.#hand();
  }

  /** Gives waiting files to the workers that have the fewest requests. */
  #hand(): void {
    for (;;) {
      const member = this.#members.reduce((least, other) =>
        other.inFlight < least.inFlight ? other : least,
      );
      if (member.inFlight >= REQUESTS_IN_FLIGHT) break;
      const files = this.#nextTogether();
      if (files.length === 0) break;
      const request: HashRequest = { id: this.#next++, blobs: files.map(({ blob }) => blob) };
      this.#started.set(request.id, { member, files });
      member.inFlight++;
      member.worker.postMessage(request);
    }
    if (this.#head < this.#queue.length && this.#head < 4096) return;
    this.#queue.splice(0, this.#head);
    this.#head = 0;
  }

  /** Takes the next small files from the queue, or one large file. */
  #nextTogether(): readonly Waiting[] {
    const files: Waiting[] = [];
    let bytes = 0;
    while (files.length < FILES_TOGETHER) {
      const waiting = this.#queue[this.#head];
      if (waiting === undefined) break;
      bytes += waiting.blob.size;
      if (files.length > 0 && bytes > BYTES_TOGETHER) break;
      files.push(waiting);
      this.#head++;
    }
    return files;
  }
}
