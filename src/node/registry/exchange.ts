/**
 * One request and its answer over HTTP. Redirects, credentials and further tries are the caller's.
 *
 * By node:http and node:https: the built-in fetch keeps a second copy of what it sends, 2 GiB for a blob of 2 GiB.
 *
 * @module
 */

import { once } from "node:events";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type Fault, ok, type Result } from "../../core/internal.ts";
import { ProxyFailure } from "../proxy/open-tunnel.ts";
import { publishCause } from "../runtime/cause-channel.ts";
import { connectionCode, isNotHttp, isNotTls, isTlsRefusal } from "../runtime/connection-errors.ts";
import { Interruption, throwIfInterrupted } from "../runtime/interruption.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { Agents } from "./agents.ts";
import type { Patience } from "./patience.ts";
import { Watchdog } from "./watchdog.ts";

/** Bytes of a body that is not needed, and is read completely so that the connection can be used again. */
const CHEAP_BYTES: number = 64 * 1024;

/** Bytes that are handed to the system at once. */
const PIECE_BYTES: number = 128 * 1024;

/** Errors of a connection that was never made. */
const UNCONNECTED: Readonly<Record<string, "refused" | "no-host">> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "no-host",
};

/** A body that is read while it is sent. */
export interface StreamedBody {
  readonly length: number;
  /** Exactly so many bytes. The memory of a chunk may be used again once the chunk after it was taken. */
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

/** What requests share. */
export interface ExchangeSetting {
  readonly agents: Agents;
  readonly patience: Patience;
  readonly signal: AbortSignal | undefined;
}

/** Sends a request, and gives its answer once the headers are there. Throws an Interruption. */
export async function exchange(
  { body, headers, method, url }: HttpRequest,
  { agents, patience, signal }: ExchangeSetting,
): Promise<Result<HttpAnswer, ExchangeFault>> {
  throwIfInterrupted(signal);
  const length = body === undefined ? (method === "POST" || method === "PUT" ? 0 : undefined) : body.length;
  const lengths = length === undefined ? {} : { "content-length": length };
  const connect = { connectMs: patience.connectMs, signal };
  let request: ClientRequest;
  try {
    request = await agents.begin(url, method, { ...headers, ...lengths }, connect);
  } catch (thrown) {
    if (thrown instanceof ProxyFailure) return proxyFault(thrown);
    throw thrown;
  }
  const talk = new Conversation(request, patience, signal);
  try {
    const answered = talk.awaitAnswer();
    // An answer may come before the body was sent, and without the rest of it.
    const sent = body === undefined ? void request.end() : await Promise.race([send(talk, body), answered]);
    const failed = sent !== undefined && !("headers" in sent) ? sent : undefined;
    if (failed !== undefined) return talk.end(failed);
    return ok(new HttpAnswer(await answered, talk));
  } catch (thrown) {
    return talk.fail(thrown);
  }
}

/** An answer whose body was not read yet: `read`, `drain` or `discard` it. */
export class HttpAnswer {
  readonly status: number;
  readonly #message: IncomingMessage;
  readonly #talk: Conversation;

  constructor(message: IncomingMessage, talk: Conversation) {
    this.status = message.statusCode ?? 0;
    this.#message = message;
    this.#talk = talk;
  }

  /** A header by its name in lower case; where it was sent more than once, the values with commas. */
  header(name: keyof IncomingHttpHeaders & string): string | undefined {
    const value = this.#message.headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  }

  /** Reads the body into memory, up to the limit. Throws an Interruption. */
  async read(limit: number): Promise<Result<Uint8Array, ExchangeFault | TooLargeFault>> {
    // The body is short: a whole one must come soon.
    this.#talk.watchdog.endSoon();
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
    const chunks = this.#message[Symbol.asyncIterator]();
    for (;;) {
      let next: IteratorResult<Buffer>;
      try {
        next = await chunks.next();
      } catch (thrown) {
        return this.#talk.fail(thrown);
      }
      if (next.done === true) break;
      this.#talk.watchdog.pass(next.value.length);
      this.#talk.watchdog.suspend();
      let goesOn = false;
      try {
        goesOn = await sink(next.value);
      } finally {
        if (!goesOn) this.#talk.close();
      }
      if (!goesOn) return ok(false);
      this.#talk.watchdog.resume();
    }
    if (!this.#message.complete) return this.#talk.fail(undefined);
    this.#talk.finish();
    return ok(true);
  }

  /** Passes over the body. The connection is closed if it is long. */
  async discard(): Promise<void> {
    let left = CHEAP_BYTES;
    await this.drain((chunk) => {
      left -= chunk.length;
      return left >= 0;
    });
  }
}

/** A request in progress: what may end it early, and why it ended. */
export class Conversation {
  readonly request: ClientRequest;
  readonly watchdog: Watchdog;
  readonly #signal: AbortSignal | undefined;
  readonly #interrupt = (): void => void this.request.destroy();
  #timedOut: number | undefined;
  #isOtherProtocol = false;

  constructor(request: ClientRequest, patience: Patience, signal: AbortSignal | undefined) {
    this.request = request;
    this.watchdog = new Watchdog(patience, (milliseconds) => {
      this.#timedOut = milliseconds;
      request.destroy();
    });
    this.#signal = signal;
    signal?.addEventListener("abort", this.#interrupt, { once: true });
    request.once("socket", (socket) => this.#watch(socket));
  }

  /** The answer, once its headers are there. Rejects with the error of the connection. */
  awaitAnswer(): Promise<IncomingMessage> {
    const response: Promise<IncomingMessage[]> = once(this.request, "response");
    const answered = Promise.race([response, this.#otherProtocol()]).then(([message]) => {
      this.watchdog.step();
      if (message === undefined) throw new TypeError("an answer comes with its event");
      // Errors are read where the body is. An answer that is never read must not end the process.
      message.on("error", publishError);
      return message;
    });
    response.catch(() => undefined);
    // A race may be over when it rejects.
    answered.catch(publishError);
    this.request.on("error", publishError);
    return answered;
  }

  /** Rejects where the server switches to another protocol, unasked: no response comes then, and no error. */
  #otherProtocol(): Promise<never> {
    return new Promise((_resolve, reject) => {
      this.request.once("upgrade", (_message, socket) => {
        this.#isOtherProtocol = true;
        socket.destroy();
        reject(new Error("the server switched to another protocol"));
      });
    });
  }

  /** Everything was read: the connection may serve another request. */
  finish(): void {
    this.watchdog.stop();
    this.#signal?.removeEventListener("abort", this.#interrupt);
    // An answer that came before the request was sent leaves a connection that nothing else can use.
    if (!this.request.writableFinished) this.request.destroy();
  }

  /** Closes the connection. */
  close(): void {
    this.finish();
    this.request.destroy();
  }

  /** Closes the connection, and passes a fault on. */
  end<F extends ExchangeFault>(fault: F): F {
    this.close();
    return fault;
  }

  /** Closes the connection, and says why it ended. Throws an Interruption. */
  fail(thrown: unknown): ExchangeFault {
    this.close();
    if (this.#signal?.aborted === true) throw new Interruption("interrupted");
    if (this.#timedOut !== undefined) return { ok: false, code: "TIMED_OUT", milliseconds: this.#timedOut };
    if (thrown instanceof ProxyFailure) return proxyFault(thrown);
    if (isNotTls(thrown)) return { ok: false, code: "PLAIN_HTTP" };
    if (isTlsRefusal(thrown)) return { ok: false, code: "TLS_REFUSED" };
    if (this.#isOtherProtocol || isNotHttp(thrown)) return { ok: false, code: "NOT_HTTP" };
    const why = UNCONNECTED[connectionCode(thrown) ?? ""];
    return { ok: false, code: "LOST", ...(why === undefined ? {} : { why }) };
  }

  #watch(socket: Socket): void {
    if (!socket.connecting) {
      this.watchdog.step();
      return;
    }
    this.watchdog.begin();
    socket.once("encrypted" in socket ? "secureConnect" : "connect", () => this.watchdog.step());
  }
}

function proxyFault({ isTransient, status }: ProxyFailure): ExchangeFault {
  return { ok: false, code: "PROXY_FAILED", isTransient, status };
}

/** Sends a body. Rejects with the error of the connection. */
async function send(talk: Conversation, body: Uint8Array | StreamedBody): Promise<ExchangeFault | undefined> {
  if (body instanceof Uint8Array) {
    await write(talk, body);
    talk.request.end();
    return undefined;
  }
  let left = body.length;
  let before: Promise<void> | undefined;
  for await (const chunk of body.chunks()) {
    // The chunk before this one may be sent while this one is read, but not while the next one is.
    await before;
    if (!(chunk instanceof Uint8Array)) return { ok: false, code: "BODY_FAILED", fault: chunk };
    left -= chunk.length;
    if (left < 0) break;
    before = write(talk, chunk);
    before.catch(publishError);
  }
  await before;
  if (left !== 0) return { ok: false, code: "BODY_FAILED", fault: undefined };
  talk.request.end();
  return undefined;
}

/** Writes bytes, and resolves once the system has them. In pieces: on a slow line, a long chunk would look like none at all. */
async function write(talk: Conversation, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES);
    await writePiece(talk.request, piece);
    talk.watchdog.pass(piece.length);
  }
}

async function writePiece(request: ClientRequest, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // After an error no callback may come.
    request.once("close", closed);
    function closed(): void {
      reject(new Error("the connection was closed"));
    }
    request.write(bytes, (error) => {
      request.off("close", closed);
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}

/** Publishes the error of a connection. What could not be parsed stays out: it may be the answer of a token server. */
function publishError(thrown: unknown): void {
  if (thrown instanceof Error) Reflect.deleteProperty(thrown, "rawPacket");
  publishCause(thrown);
}
