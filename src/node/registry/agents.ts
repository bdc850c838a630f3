/** Connections to registries that are used again. @module */

import type { Agent, ClientRequest } from "node:http";

/** Bytes of an answer's headers. */
const MAX_HEADER_BYTES: number = 32 * 1024;

/** Connections to one host at a time: uploads and downloads are spread over them. */
const MAX_CONNECTIONS = 8;

/** Connections, by protocol. Its owner closes them. */
export class Agents implements Disposable {
  readonly #agents = new Map<string, Agent>();

  /** Begins a request to an address with http: or https:. Its body is not ended. */
  async begin(
    url: URL,
    method: string,
    headers: Readonly<Record<string, string | number>>,
  ): Promise<ClientRequest> {
    // Both take a while to load, and few commands need them.
    const { Agent, request } =
      url.protocol === "https:" ? await import("node:https") : await import("node:http");
    const agent =
      this.#agents.get(url.protocol) ?? new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
    this.#agents.set(url.protocol, agent);
    return request(url, { method, headers: { ...headers }, agent, maxHeaderSize: MAX_HEADER_BYTES });
  }

  /** Closes all connections. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
