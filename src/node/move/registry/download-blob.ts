/** Reads blobs, and goes on where a connection broke. @module */

import {
  type BlobName,
  mediaTypeOf,
  ociDigest,
  ok,
  parseContentRange,
  parseCount,
  type Result,
} from "../../../core/internal.ts";
import type { ChunkSink } from "../../judge/source/blob-keeper.ts";
import type { HttpAnswer } from "../../system/http/exchange.ts";
import { type OperationFault, withDetails } from "../../system/runtime/operation-fault.ts";
import { connectionFailure, type Failure, malformedAnswer } from "./failure.ts";
import type { RegistryClient } from "./registry-client.ts";
import type { ByteRange } from "./repository.ts";
import type { Retries } from "./retries.ts";

/** Reads a blob, or a part of it. */
export async function downloadRange(
  client: RegistryClient,
  blob: BlobName,
  range: ByteRange,
  sink: ChunkSink,
  signal: AbortSignal | undefined,
): Promise<Result<undefined, OperationFault>> {
  // Of an empty blob, the registry is asked whether it has it.
  if (range.length === 0 && blob.size > 0) return ok(undefined);
  return await new Download(client, blob, range, sink).run(signal);
}

/** Bytes of a blob, from an offset up to another one. */
interface Span {
  readonly first: number;
  readonly end: number;
}

/** One read of a blob or of a part of it, by as many requests as it takes. */
class Download {
  readonly #client: RegistryClient;
  readonly #blob: BlobName;
  readonly #sink: ChunkSink;
  readonly #end: number;
  #position: number;

  constructor(client: RegistryClient, blob: BlobName, { length, offset }: ByteRange, sink: ChunkSink) {
    this.#client = client;
    this.#blob = blob;
    this.#position = offset;
    this.#end = offset + length;
    this.#sink = sink;
  }

  async run(signal: AbortSignal | undefined): Promise<Result<undefined, OperationFault>> {
    const read = await this.#client.retry(async (retries) => {
      // A registry may answer with a shorter range than it was asked for.
      do {
        const failure = await this.#read(retries, signal);
        if (failure !== undefined) return failure;
      } while (this.#position < this.#end);
      return ok(undefined);
    }, signal);
    return read.ok ? read : withDetails(read, { object: ociDigest(this.#blob.digest) });
  }

  /** One request. Gives why it broke off; `undefined` where the answer was whole. */
  async #read(retries: Retries, signal: AbortSignal | undefined): Promise<Failure | undefined> {
    const isPart = this.#position > 0 || this.#end < this.#blob.size;
    const range = isPart ? { range: `bytes=${this.#position}-${this.#end - 1}` } : {};
    const answered = await this.#client.attempt(
      {
        method: "GET",
        url: this.#client.address(`blobs/${ociDigest(this.#blob.digest)}`),
        // A compressed answer has another length than the blob, and grows without a bound.
        headers: { accept: "*/*", "accept-encoding": "identity", ...range },
        scope: "pull",
        accepts: isPart ? [200, 206] : [200],
      },
      signal,
    );
    if (!answered.ok) return answered;
    const { answer } = answered.value;
    const span = this.#spanOf(answer);
    if (!("first" in span)) {
      await answer.discard();
      return span;
    }
    return await this.#take(answer, span, retries);
  }

  /** Which bytes of the blob an answer has. */
  #spanOf(answer: HttpAnswer): Span | Failure {
    const { reference } = this.#client;
    const encoding = mediaTypeOf(answer.header("content-encoding"));
    if (encoding !== "" && encoding !== "identity") return malformedAnswer(reference, "content-encoding");
    const declared = answer.header("content-length");
    const span = answer.status === 200 ? { first: 0, end: this.#blob.size } : this.#partOf(answer);
    if (span === undefined) return malformedAnswer(reference, "content-range");
    const isAsLong = declared === undefined || parseCount(declared) === span.end - span.first;
    return isAsLong ? span : malformedAnswer(reference, "size");
  }

  /** A part must begin where it was asked for. A registry may give less of it than that. */
  #partOf(answer: HttpAnswer): Span | undefined {
    const range = parseContentRange(answer.header("content-range") ?? "");
    if (range === undefined || range.first !== this.#position || range.last >= this.#end) return undefined;
    if (range.total !== undefined && range.total !== this.#blob.size) return undefined;
    return { first: range.first, end: range.last + 1 };
  }

  /** Hands on what is wanted of an answer. */
  async #take(answer: HttpAnswer, span: Span, retries: Retries): Promise<Failure | undefined> {
    const { reference } = this.#client;
    const before = this.#position;
    let at = span.first;
    const drained = await answer.drain(async (chunk) => {
      const first = Math.max(0, this.#position - at);
      const wanted = chunk.subarray(first, Math.max(first, this.#end - at));
      at += chunk.length;
      if (wanted.length > 0) {
        await this.#sink(wanted);
        this.#position += wanted.length;
        retries.progress(wanted.length);
      }
      // A registry that passes over ranges sends the whole blob: its rest is not read. An answer is never longer than it said.
      return at === span.end || (at < span.end && this.#position < this.#end);
    });
    if (!drained.ok) return connectionFailure(drained, reference);
    if (at > span.end) return malformedAnswer(reference, "too-large");
    if (this.#position === this.#end) return undefined;
    // What ends well and too early would be asked for without an end.
    return at < span.end || this.#position === before ? malformedAnswer(reference, "size") : undefined;
  }
}
