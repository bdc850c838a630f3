/**
 * Asks a timestamp authority over HTTP (RFC 3161, section 3.4). What the server sends is bounded in size and time, and no redirect is
 * followed. TLS trusts what Node trusts, with NODE_EXTRA_CA_CERTS; the token is judged by itself all the same.
 *
 * @module
 */

import type { Result } from "../../../core/internal.ts";
import { Connections } from "../../system/http/connections.ts";
import {
  type ExchangeFault,
  exchange,
  type HttpAnswer,
  type TooLargeFault,
} from "../../system/http/exchange.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { MAX_ANSWER_BYTES } from "./time-stamp-protocol.ts";

/** An authority, and how long to wait for it. */
export interface AuthorityAddress {
  /** An address with http: or https:. */
  readonly url: URL;
  /** The same as the caller gave it, for messages. */
  readonly shown: string;
  /** For the whole answer. */
  readonly seconds: number;
  /** The environment, of which HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read; without it no proxy is used. */
  readonly environment?: Environment | undefined;
}

const REQUEST_TYPE = "application/timestamp-query";
const ANSWER_TYPE = "application/timestamp-reply";

/**
 * Sends one request in DER, and gives the answer in DER, at most 68 KiB. With TLS, a proxy sees host and port alone. In plain HTTP it
 * sees the request, as any machine on the way does: a digest, and no credentials. Fails with TSA_UNREACHABLE, TSA_ANSWER_MALFORMED.
 * Throws an Interruption once the signal has fired.
 */
export async function askAuthority(
  { environment = {}, seconds, shown, url }: AuthorityAddress,
  query: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Result<Uint8Array, OperationFault>> {
  const all = seconds * 1000;
  const patience = { connectMs: all, idleMs: all, wholeMs: all, allMs: all };
  using connections = new Connections(environment, patience, "all");
  const headers = { accept: ANSWER_TYPE, "content-type": REQUEST_TYPE };
  const setting = { connections, patience, signal };
  const answered = await exchange({ method: "POST", url, headers, body: query }, setting);
  if (!answered.ok) return connectionFault(answered, shown, seconds);
  const refused = refuseHead(answered.value, shown);
  if (refused !== undefined) {
    answered.value.close();
    return refused;
  }
  const body = await answered.value.read(MAX_ANSWER_BYTES);
  return body.ok ? body : connectionFault(body, shown, seconds);
}

function refuseHead(answer: HttpAnswer, url: string): OperationFault | undefined {
  const { status } = answer;
  if (status >= 300 && status < 400)
    return operationFault("TSA_ANSWER_MALFORMED", { reason: "redirect", url });
  if (status !== 200) return operationFault("TSA_ANSWER_MALFORMED", { reason: "status", url, status });
  const [type = ""] = (answer.header("content-type") ?? "").split(";");
  return type.trim().toLowerCase() === ANSWER_TYPE
    ? undefined
    : operationFault("TSA_ANSWER_MALFORMED", { reason: "content-type", url });
}

function connectionFault(fault: ExchangeFault | TooLargeFault, url: string, seconds: number): OperationFault {
  switch (fault.code) {
    case "PROXY_FAILED":
      return operationFault("TSA_UNREACHABLE", { reason: "proxy", url, status: fault.status });
    case "TIMED_OUT":
      return operationFault("TSA_UNREACHABLE", { reason: "timeout", url, seconds });
    case "TLS_REFUSED":
    case "PLAIN_HTTP":
      return operationFault("TSA_UNREACHABLE", { reason: "tls", url });
    case "NOT_HTTP":
      return operationFault("TSA_ANSWER_MALFORMED", { reason: "form", url });
    case "TOO_LARGE":
      return operationFault("TSA_ANSWER_MALFORMED", { reason: "too-large", url });
    case "LOST":
    case "BODY_FAILED":
      return operationFault("TSA_UNREACHABLE", { reason: "lost", url });
  }
}
