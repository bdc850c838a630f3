/** A connection through a proxy, by CONNECT (RFC 9110, section 9.3.6). The proxy sees the host and the port, and TLS bytes. @module */

import type { Socket } from "node:net";
import { connectionCode, isTlsRefusal } from "../runtime/connection-errors.ts";
import { throwIfInterrupted } from "../runtime/interruption.ts";
import { proxyAddress } from "./proxy-address.ts";
import { proxyCredentials } from "./proxy-credentials.ts";

/** A proxy that can't be used, can't be reached or refuses. Its text names no address: that may hold a password. */
export class ProxyFailure extends Error {
  /** The status by which the proxy refused; `undefined` where it gave none. */
  readonly status: number | undefined;
  /** Whether the next try may succeed. */
  readonly isTransient: boolean;

  constructor(message: string, isTransient: boolean, status?: number) {
    super(message);
    this.status = status;
    this.isTransient = isTransient;
  }
}

/** A proxy refused. */
function refusal(status: number): ProxyFailure {
  return new ProxyFailure(`the proxy refused with HTTP status ${status}`, status >= 500, status);
}

/** What a tunnel leads to, and how long to wait for it. */
export interface TunnelDemand {
  readonly proxy: URL;
  /** As `URL` gives it: an address of IPv6 in brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly milliseconds: number;
  readonly signal: AbortSignal | undefined;
}

/** Bytes of the headers of a proxy's answer. */
const MAX_HEADER_BYTES: number = 32 * 1024;

/** Opens a tunnel. Rejects with a ProxyFailure, and throws an Interruption. */
export async function openTunnel(demand: TunnelDemand): Promise<Socket> {
  const { hostname, milliseconds, port, proxy, signal } = demand;
  throwIfInterrupted(signal);
  const { request } = proxy.protocol === "https:" ? await import("node:https") : await import("node:http");
  const authority = `${hostname}:${port}`;
  const asked = request({
    method: "CONNECT",
    ...proxyAddress(proxy),
    path: authority,
    headers: { host: authority, ...proxyCredentials(proxy) },
    agent: false,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  return await new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
      act();
    };
    const fail = (failure: ProxyFailure): void =>
      end(() => {
        asked.destroy();
        reject(failure);
      });
    const interrupt = (): void => fail(new ProxyFailure("interrupted", false));
    const timer = setTimeout(() => fail(new ProxyFailure("the proxy does not answer", true)), milliseconds);
    signal?.addEventListener("abort", interrupt, { once: true });
    asked.on("error", (thrown) => {
      const message = `the proxy can't be reached: ${connectionCode(thrown) ?? "other"}`;
      fail(new ProxyFailure(message, !isTlsRefusal(thrown)));
    });
    asked.once("response", ({ statusCode = 0 }) => fail(refusal(statusCode)));
    asked.once("connect", ({ statusCode = 0 }, socket, head) => {
      // Bytes before the tunnel's first ones can't be TLS that was asked for.
      if (statusCode >= 200 && statusCode < 300 && head.length === 0) end(() => resolve(socket));
      else {
        socket.destroy();
        fail(refusal(statusCode));
      }
    });
    asked.end();
  });
}
