/**
 * Asks a timestamp authority over HTTP (RFC 3161, section 3.4). What the server sends is bounded in size and time, and no redirect is
 * followed. TLS trusts what Node trusts, with NODE_EXTRA_CA_CERTS; the token is judged by itself all the same.
 *
 * @module
 */

import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { ok, type Result } from "../../core/internal.ts";
import type { Environment } from "../keys/user-home.ts";
import { chooseProxy } from "../proxy/choose-proxy.ts";
import { ProxyFailure } from "../proxy/open-tunnel.ts";
import { proxyAddress } from "../proxy/proxy-address.ts";
import { proxyCredentials } from "../proxy/proxy-credentials.ts";
import type { TunnelSetting } from "../proxy/tunnel-agent.ts";
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
  /** The environment, of which HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read; without it no proxy is used. */
  readonly environment?: Environment | undefined;
}

const REQUEST_TYPE = "application/timestamp-query";
const ANSWER_TYPE = "application/timestamp-reply";

/**
 * Sends one request in DER, and gives the answer in DER, at most 68 KiB. Fails with TSA_UNREACHABLE,
 * TSA_ANSWER_MALFORMED. Throws an Interruption once the signal has
 * fired.
 */
export async function askAuthority(
  { environment = {}, seconds, shown, url }: AuthorityAddress,
  query: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Result<Uint8Array, OperationFault>> {
  throwIfInterrupted(signal);
  const proxy = chooseProxy(url, environment);
  if (!proxy.ok) return operationFault("TSA_UNREACHABLE", { reason: "proxy", url: shown });
  const sent = await begin(url, proxy.value, { milliseconds: seconds * 1000, signal }, query.length);
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
      () => fail(operationFault("TSA_UNREACHABLE", { reason: "timeout", url: shown, seconds })),
      seconds * 1000,
    );
    signal?.addEventListener("abort", interrupt, { once: true });
    const broken = (thrown: unknown): void => {
      publishCause(thrown);
      fail(connectionFault(thrown, shown));
    };
    sent.on("error", broken);
    // A server may ask to speak another protocol, unasked. Then no response comes, and no error.
    sent.on("upgrade", (_message, socket) => {
      socket.destroy();
      fail(operationFault("TSA_ANSWER_MALFORMED", { reason: "form", url: shown }));
    });
    sent.on("response", (response) => {
      const refused = refuseHead(response, shown);
      if (refused !== undefined) return fail(refused);
      collect(response, {
        done: (bytes) => end(() => resolve(ok(bytes))),
        tooLarge: () => fail(operationFault("TSA_ANSWER_MALFORMED", { reason: "too-large", url: shown })),
        broken,
      });
    });
    sent.end(query);
  });
}

/**
 * Begins the request; its body is not ended. With TLS, a proxy sees host and port alone. In plain HTTP it sees the request, as any
 * machine on the way does: a digest, and no credentials.
 */
async function begin(
  url: URL,
  proxy: URL | undefined,
  connect: Pick<TunnelSetting, "milliseconds" | "signal">,
  length: number,
): Promise<ClientRequest> {
  const headers = { accept: ANSWER_TYPE, "content-type": REQUEST_TYPE, "content-length": length };
  // No agent that keeps connections: nothing of them may outlive the answer. Modules take a while to load, and few commands need these.
  const options = { method: "POST", agent: false, headers } as const;
  if (url.protocol === "http:" && proxy !== undefined) return await beginAtProxy(url, proxy, options);
  if (url.protocol === "http:") return (await import("node:http")).request(url, options);
  const { request } = await import("node:https");
  if (proxy === undefined) return request(url, options);
  const { TunnelAgent } = await import("../proxy/tunnel-agent.ts");
  return request(url, { ...options, agent: new TunnelAgent({}, { ...connect, proxy }) });
}

/** A request in absolute form (RFC 9112, section 3.2.2). */
async function beginAtProxy(
  url: URL,
  proxy: URL,
  options: { readonly method: "POST"; readonly agent: false; readonly headers: OutgoingHttpHeaders },
): Promise<ClientRequest> {
  const { request } = proxy.protocol === "https:" ? await import("node:https") : await import("node:http");
  return request({
    ...options,
    ...proxyAddress(proxy),
    path: url.href,
    headers: { ...options.headers, host: url.host, ...proxyCredentials(proxy) },
  });
}

function refuseHead({ headers, statusCode = 0 }: IncomingMessage, url: string): OperationFault | undefined {
  if (statusCode >= 300 && statusCode < 400)
    return operationFault("TSA_ANSWER_MALFORMED", { reason: "redirect", url });
  if (statusCode !== 200)
    return operationFault("TSA_ANSWER_MALFORMED", { reason: "status", url, status: statusCode });
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== ANSWER_TYPE)
    return operationFault("TSA_ANSWER_MALFORMED", { reason: "content-type", url });
  const declared = Number(headers["content-length"] ?? 0);
  return declared > MAX_ANSWER_BYTES
    ? operationFault("TSA_ANSWER_MALFORMED", { reason: "too-large", url })
    : undefined;
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
  if (thrown instanceof ProxyFailure) {
    const { status } = thrown;
    const answered = status === undefined ? {} : { status };
    return operationFault("TSA_UNREACHABLE", { reason: "proxy", url, ...answered });
  }
  if (isTlsRefusal(thrown)) return operationFault("TSA_UNREACHABLE", { reason: "tls", url });
  // What llhttp does not read is not an answer.
  return connectionCode(thrown)?.startsWith("HPE_") === true
    ? operationFault("TSA_ANSWER_MALFORMED", { reason: "form", url })
    : operationFault("TSA_UNREACHABLE", { reason: "lost", url });
}
