/** Connections to registries that are used again. @module */

import type { Agent, ClientRequest } from "node:http";
import type { Environment } from "../keys/user-home.ts";
import { chooseProxy } from "../proxy/choose-proxy.ts";
import { ProxyFailure } from "../proxy/open-tunnel.ts";

/** Bytes of an answer's headers. */
const MAX_HEADER_BYTES: number = 32 * 1024;

/** Connections to one host at a time: uploads and downloads are spread over them. */
const MAX_CONNECTIONS = 8;

/** What a new connection needs to know. */
export interface ConnectSetting {
  /** For a tunnel through a proxy. */
  readonly connectMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Connections, by protocol. Its owner closes them. */
export class Agents implements Disposable {
  readonly #agents = new Map<string, Agent>();
  readonly #environment: Environment;
  readonly #closed = new AbortController();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /**
   * Begins a request to an address with http: or https:. Its body is not ended. A request with TLS goes through the user's proxy, which
   * sees host and port alone. One in plain HTTP never does: it may carry credentials. Throws a ProxyFailure, also later as the
   * request's error.
   */
  async begin(
    url: URL,
    method: string,
    headers: Readonly<Record<string, string | number>>,
    connect: ConnectSetting,
  ): Promise<ClientRequest> {
    // Both take a while to load, and few commands need them.
    const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
    const agent = await this.#agentFor(url, connect);
    return request(url, { method, headers: { ...headers }, agent, maxHeaderSize: MAX_HEADER_BYTES });
  }

  async #agentFor(url: URL, connect: ConnectSetting): Promise<Agent> {
    const proxy = url.protocol === "https:" ? this.#proxyFor(url) : undefined;
    const kind = proxy === undefined ? url.protocol : "tunnel";
    const known = this.#agents.get(kind);
    if (known !== undefined) return known;
    const made = await this.#makeAgent(url, proxy, connect);
    // Another request may have made one meanwhile. An agent without requests holds nothing.
    const agent = this.#agents.get(kind) ?? made;
    this.#agents.set(kind, agent);
    return agent;
  }

  #proxyFor(url: URL): URL | undefined {
    const proxy = chooseProxy(url, this.#environment);
    if (!proxy.ok) throw new ProxyFailure("HTTPS_PROXY names no proxy with http: or https:", false);
    return proxy.value;
  }

  async #makeAgent(
    { protocol }: URL,
    proxy: URL | undefined,
    { connectMs, signal }: ConnectSetting,
  ): Promise<Agent> {
    const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
    if (proxy !== undefined) {
      const { TunnelAgent } = await import("../proxy/tunnel-agent.ts");
      const ended = AbortSignal.any([this.#closed.signal, ...(signal === undefined ? [] : [signal])]);
      return new TunnelAgent(options, { proxy, milliseconds: connectMs, signal: ended });
    }
    const { Agent } = protocol === "https:" ? await import("node:https") : await import("node:http");
    return new Agent(options);
  }

  /** Closes all connections. */
  close(): void {
    this.#closed.abort();
    for (const agent of this.#agents.values()) agent.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
