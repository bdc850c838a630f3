/**
 * One request and its answer over HTTP. Redirects, credentials and further tries are the caller's.
 *
 * @module
 */

import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { type Fault, ok, type Result } from "../../../core/internal.ts";
import { publishCause } from "../runtime/cause-channel.ts";
import { Interruption, throwIfInterrupted, ticks } from "../runtime/interruption.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { connectionCode, isNotHttp, isNotTls, isTlsRefusal } from "./connection-errors.ts";
import { type Connections, type ConnectionTimes, ProxyFailure } from "./connections.ts";

/** Bytes of a body that is not needed, and is read completely so that the connection can be used again. */
const CHEAP_BYTES: number = 64 * 1024;

/** Bytes that are handed to the system at once: on a slow line, a long chunk would look like none at all. */
const PIECE_BYTES: number = 128 * 1024;

/** An answer of which fewer bytes than these come in `idleMs` is given up: a byte a minute is not an answer. */
const LEAST_BYTES: number = 16 * 1024;

/** Errors of a connection that was never made. */
const UNCONNECTED: Readonly<Record<string, "refused" | "no-host">> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "no-host",
};

/** Errors of a broken installation, or of a mistake of ours: no server is to blame. */
const BUGS: ReadonlySet<string> = new Set([
  "UND_ERR_INVALID_ARG",
  "ERR_MODULE_NOT_FOUND",
  "MODULE_NOT_FOUND",
]);

/** A body that is read while it is sent. */
export interface StreamedBody {
  readonly length: number;
  /** Exactly so many bytes. The memory of a chunk may be used again once the next one was asked for. */
  chunks(): AsyncIterable<Uint8Array | OperationFault>;
}

/** A request. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  /** With http: or https:. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | StreamedBody | undefined;
}

/** Why there is no answer, or no whole one. */
export type ExchangeFault =
  | Fault<"TLS_REFUSED" | "PLAIN_HTTP" | "NOT_HTTP">
  /** There was no connection for a known reason, or it ended. */
  | (Fault<"LOST"> & { readonly why?: "refused" | "no-host" })
  /** The user's proxy can't be used or reached, or refuses with a status. */
  | (Fault<"PROXY_FAILED"> & Pick<ProxyFailure, "isTransient" | "status">)
  | (Fault<"TIMED_OUT"> & { readonly milliseconds: number })
  /** The body could not be read, or, without a fault, has another length than it should have. */
  | (Fault<"BODY_FAILED"> & { readonly fault: OperationFault | undefined });

/** A body that is longer than the caller takes. */
export type TooLargeFault = Fault<"TOO_LARGE">;

/** Times of an exchange, in milliseconds. */
export interface ExchangeTimes extends ConnectionTimes {
  /** For a whole answer that is kept in memory, from its headers on. */
  readonly wholeMs: number;
  /** For everything, connection included. Absent where a long body may take its time. */
  readonly allMs?: number;
}

/** What requests share. */
export interface ExchangeSetting {
  readonly connections: Connections;
  readonly patience: ExchangeTimes;
  readonly signal: AbortSignal | undefined;
}

/** Sends a request, and gives its answer once the headers are there. Throws an Interruption. */
export async function exchange(
  { body, headers, method, url }: HttpRequest,
  { connections, patience, signal }: ExchangeSetting,
): Promise<Result<HttpAnswer, ExchangeFault>> {
  throwIfInterrupted(signal);
  const talk = new Conversation(patience, signal);
  try {
    const { dispatcher, headers: added, origin, path } = await connections.routeTo(url);
    const sent = body === undefined ? {} : { body: talk.bodyOf(body) };
    const length = body === undefined ? {} : { "content-length": String(body.length) };
    const asked = dispatcher.request({
      origin,
      path,
      method,
      headers: { ...headers, ...length, ...added },
      signal: talk.signal,
      // Else undici closes the connection after a HEAD.
      reset: false,
      ...sent,
    });
    // The signal reaches a request only once its connection stands.
    const answer = await Promise.race([asked, talk.ended()]);
    return ok(new HttpAnswer(answer, talk));
  } catch (thrown) {
    return talk.fail(thrown);
  }
}

/** An answer whose body was not read yet: `read`, `drain` or `discard` it. */
export class HttpAnswer {
  readonly status: number;
  readonly #answer: Dispatcher.ResponseData;
  readonly #talk: Conversation;

  constructor(answer: Dispatcher.ResponseData, talk: Conversation) {
    this.status = answer.statusCode;
    this.#answer = answer;
    this.#talk = talk;
    // Errors are read where the body is. An answer that is never read must not end the process.
    answer.body.on("error", publishError);
  }

  /** A header by its name in lower case; where it was sent more than once, the values with commas. */
  header(name: string): string | undefined {
    const value = this.#answer.headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  }

  /** Reads the body into memory, up to the limit. Throws an Interruption. */
  async read(limit: number): Promise<Result<Uint8Array, ExchangeFault | TooLargeFault>> {
    if (Number(this.header("content-length") ?? 0) > limit) {
      this.close();
      return { ok: false, code: "TOO_LARGE" };
    }
    // The body is short: a whole one must come soon.
    this.#talk.endIn(this.#talk.patience.wholeMs);
    const pieces: Uint8Array[] = [];
    let length = 0;
    const drained = await this.drain((chunk) => {
      length += chunk.length;
      if (length <= limit) pieces.push(chunk);
      return length <= limit;
    });
    if (!drained.ok) return drained;
    return drained.value ? ok(Buffer.concat(pieces)) : { ok: false, code: "TOO_LARGE" };
  }

  /**
   * Gives the body chunk by chunk to a sink. Once that gives `false`, the connection is closed; gives whether the body was read to
   * its end. Throws what the sink throws, and an Interruption.
   */
  async drain(sink: (chunk: Buffer) => Promise<boolean> | boolean): Promise<Result<boolean, ExchangeFault>> {
    const { idleMs } = this.#talk.patience;
    const chunks: AsyncIterator<Buffer> = this.#answer.body[Symbol.asyncIterator]();
    // The time that this side takes does not count.
    let left = idleMs;
    let bytes = 0;
    for (;;) {
      const begun = ticks();
      const next = await this.#next(chunks, left);
      if ("code" in next) return next;
      if (next.done === true) break;
      bytes += next.value.length;
      left -= ticks() - begun;
      if (bytes >= LEAST_BYTES) {
        left = idleMs;
        bytes = 0;
      }
      let goesOn = false;
      try {
        goesOn = await sink(next.value);
      } finally {
        if (!goesOn) this.close();
      }
      if (!goesOn) return ok(false);
    }
    this.#talk.finish();
    // The connection is free for the next request once its last events are through.
    await setImmediate();
    return ok(true);
  }

  async #next(
    chunks: AsyncIterator<Buffer>,
    milliseconds: number,
  ): Promise<IteratorResult<Buffer> | ExchangeFault> {
    const timer = setTimeout(() => this.#talk.expire(this.#talk.patience.idleMs), Math.max(0, milliseconds));
    try {
      return await chunks.next();
    } catch (thrown) {
      return this.#talk.fail(thrown);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Passes over the body. The connection is closed if it is long. */
  async discard(): Promise<void> {
    let left = CHEAP_BYTES;
    await this.drain((chunk) => {
      left -= chunk.length;
      return left >= 0;
    });
  }

  /** Closes the connection; nothing of the body is read any more. */
  close(): void {
    this.#talk.finish();
    this.#answer.body.destroy();
  }
}

/** A request in progress: what may end it early, and why it ended. */
class Conversation {
  readonly patience: ExchangeTimes;
  readonly #signal: AbortSignal | undefined;
  readonly #ended = new AbortController();
  readonly #interrupt = (): void => this.#ended.abort();
  readonly #timers: NodeJS.Timeout[] = [];
  #fault: ExchangeFault | undefined;

  constructor(patience: ExchangeTimes, signal: AbortSignal | undefined) {
    this.patience = patience;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#interrupt, { once: true });
    if (patience.allMs !== undefined) this.endIn(patience.allMs);
  }

  /** Fires when the exchange is to end. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Rejects when the exchange is to end. */
  ended(): Promise<never> {
    return new Promise((_resolve, reject) => {
      const end = (): void => reject(new Error("the exchange was ended"));
      if (this.signal.aborted) end();
      else this.signal.addEventListener("abort", end, { once: true });
    });
  }

  /** Ends the exchange after so many milliseconds, unless it is finished. */
  endIn(milliseconds: number): void {
    this.#timers.push(setTimeout(() => this.expire(milliseconds), milliseconds));
  }

  /** Ends the exchange: so many milliseconds were waited. */
  expire(milliseconds: number): void {
    this.#fault ??= { ok: false, code: "TIMED_OUT", milliseconds };
    this.#ended.abort();
  }

  /** Nothing is awaited any more. */
  finish(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#signal?.removeEventListener("abort", this.#interrupt);
  }

  /** A body as undici takes it. Its types lack that it also takes what is iterable, and ends a request sooner then than with a stream. */
  bodyOf(body: Uint8Array | StreamedBody): Uint8Array | Readable {
    if (body instanceof Uint8Array && body.length <= PIECE_BYTES) return body;
    return this.piecesOf(body) as AsyncIterable<Uint8Array> as Readable;
  }

  /** The pieces of a body. Each is a copy: it may wait in memory until the line takes it. Throws where the body fails. */
  async *piecesOf(body: Uint8Array | StreamedBody): AsyncGenerator<Uint8Array> {
    let left = body.length;
    for await (const chunk of body instanceof Uint8Array ? [body] : body.chunks()) {
      if (!(chunk instanceof Uint8Array)) throw this.#bodyFailed(chunk);
      left -= chunk.length;
      if (left < 0) break;
      for (let at = 0; at < chunk.length; at += PIECE_BYTES)
        yield new Uint8Array(chunk.subarray(at, at + PIECE_BYTES));
    }
    if (left !== 0) throw this.#bodyFailed(undefined);
  }

  #bodyFailed(fault: OperationFault | undefined): Error {
    this.#fault ??= { ok: false, code: "BODY_FAILED", fault };
    return new Error("the body can't be sent");
  }

  /** Says why the exchange ended. Throws an Interruption. */
  fail(thrown: unknown): ExchangeFault {
    this.finish();
    publishError(thrown);
    if (this.#signal?.aborted === true) throw new Interruption("interrupted");
    if (this.#fault !== undefined) return this.#fault;
    if (thrown instanceof ProxyFailure) {
      const { isTransient, status } = thrown;
      return { ok: false, code: "PROXY_FAILED", isTransient, status };
    }
    const code = connectionCode(thrown) ?? "";
    if (BUGS.has(code) || thrown instanceof TypeError || thrown instanceof RangeError) throw thrown;
    const { connectMs, idleMs } = this.patience;
    if (code === "UND_ERR_CONNECT_TIMEOUT") return { ok: false, code: "TIMED_OUT", milliseconds: connectMs };
    if (code === "UND_ERR_HEADERS_TIMEOUT") return { ok: false, code: "TIMED_OUT", milliseconds: idleMs };
    if (isNotTls(thrown)) return { ok: false, code: "PLAIN_HTTP" };
    if (isTlsRefusal(thrown)) return { ok: false, code: "TLS_REFUSED" };
    if (isNotHttp(thrown)) return { ok: false, code: "NOT_HTTP" };
    const why = UNCONNECTED[code];
    return { ok: false, code: "LOST", ...(why === undefined ? {} : { why }) };
  }
}

/** Publishes the error of a connection. What could not be parsed stays out: it may be the answer of a token server. */
function publishError(thrown: unknown): void {
  if (thrown instanceof Error) Reflect.deleteProperty(thrown, "data");
  publishCause(thrown);
}
