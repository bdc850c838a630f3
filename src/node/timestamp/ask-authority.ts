/**
 * Asks a timestamp authority over HTTP (RFC 3161, section 3.4). What the server sends is bounded in size and time, and no redirect is
 * followed. TLS trusts what Node trusts, with NODE_EXTRA_CA_CERTS; the token is judged by itself all the same.
 *
 * @module
 */

import type { ClientRequest, IncomingMessage } from "node:http";
import { ok, type Result } from "../../core/internal.ts";
import { publishCause } from "../runtime/cause-channel.ts";
import { connectionCode, isTlsRefusal } from "../runtime/connection-errors.ts";
import { Interruption, throwIfInterrupted } from "../runtime/interruption.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { MAX_ANSWER_BYTES } from "./time-stamp-protocol.ts";

/** An authority, and how long to wait for it. */
export interface AuthorityAddress {
  /** An address with http: or https:. */
  readonly url: URL;
  /** The same as the caller gave it, for messages. */
  readonly shown: string;
  /** For the whole answer. */
  readonly seconds: number;
}

const REQUEST_TYPE = "application/timestamp-query";
const ANSWER_TYPE = "application/timestamp-reply";

/**
 * Sends one request in DER, and gives the answer in DER, at most 68 KiB. Fails with TSA_UNREACHABLE, TSA_TLS_FAILED, TSA_TIMEOUT,
 * TSA_REDIRECTED, TSA_HTTP_STATUS, TSA_CONTENT_TYPE, TSA_TOO_LARGE or TSA_MALFORMED. Throws an Interruption once the signal has
 * fired.
 */
export async function askAuthority(
  { seconds, shown, url }: AuthorityAddress,
  query: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Result<Uint8Array, OperationFault>> {
  throwIfInterrupted(signal);
  // Both take a while to load, and few commands ask an authority.
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const headers = { accept: ANSWER_TYPE, "content-type": REQUEST_TYPE, "content-length": query.length };
  // No agent: nothing of the connection may outlive the answer.
  const sent = request(url, { method: "POST", agent: false, headers });
  return await new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
      act();
      sent.destroy();
    };
    const fail = (fault: OperationFault): void => end(() => resolve(fault));
    const interrupt = (): void => end(() => reject(new Interruption("interrupted")));
    const timer = setTimeout(
      () => fail(operationFault("TSA_TIMEOUT", { url: shown, seconds })),
      seconds * 1000,
    );
    signal?.addEventListener("abort", interrupt, { once: true });
    const broken = (thrown: unknown): void => {
      publishCause(thrown);
      fail(connectionFault(thrown, shown));
    };
    sent.on("error", broken);
    sent.on("response", (response) => {
      const refused = refuseHead(response, shown);
      if (refused !== undefined) return fail(refused);
      collect(response, {
        done: (bytes) => end(() => resolve(ok(bytes))),
        tooLarge: () => fail(operationFault("TSA_TOO_LARGE", { url: shown })),
        broken,
      });
    });
    send(sent, query);
  });
}

function send(sent: ClientRequest, query: Uint8Array): void {
  // A server may ask to speak another protocol. Without a listener Node ends the connection with an error.
  sent.end(query);
}

function refuseHead({ headers, statusCode = 0 }: IncomingMessage, url: string): OperationFault | undefined {
  if (statusCode >= 300 && statusCode < 400) return operationFault("TSA_REDIRECTED", { url });
  if (statusCode !== 200) return operationFault("TSA_HTTP_STATUS", { url, status: statusCode });
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== ANSWER_TYPE) return operationFault("TSA_CONTENT_TYPE", { url });
  const declared = Number(headers["content-length"] ?? 0);
  return declared > MAX_ANSWER_BYTES ? operationFault("TSA_TOO_LARGE", { url }) : undefined;
}

interface Ends {
  readonly done: (bytes: Uint8Array) => void;
  readonly tooLarge: () => void;
  readonly broken: (thrown: unknown) => void;
}

/** Reads a body up to the limit. The caller ends the connection. */
function collect(response: IncomingMessage, { broken, done, tooLarge }: Ends): void {
  const pieces: Buffer[] = [];
  let length = 0;
  response.on("data", (piece: Buffer) => {
    length += piece.length;
    if (length > MAX_ANSWER_BYTES) {
      response.pause();
      tooLarge();
    } else pieces.push(piece);
  });
  response.on("error", broken);
  response.on("end", () => done(Buffer.concat(pieces)));
}

function connectionFault(thrown: unknown, url: string): OperationFault {
  if (isTlsRefusal(thrown)) return operationFault("TSA_TLS_FAILED", { url });
  // What llhttp does not read is not an answer.
  return operationFault(connectionCode(thrown)?.startsWith("HPE_") ? "TSA_MALFORMED" : "TSA_UNREACHABLE", {
    url,
  });
}
