/**
 * A timestamp authority behind HTTP on the loopback interface, and servers that answer as none should.
 *
 * @module
 */

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Authority } from "./authority.ts";

/** A server that is up. */
export interface RunningServer {
  readonly url: string;
  /** The requests so far, whole. */
  readonly requests: readonly Buffer[];
  readonly close: () => Promise<void>;
}

/** What answers a request to a path, of which `query` is the whole body. */
export type Answer = (query: Buffer, response: ServerResponse, path: string) => void;

/** The type of an honest answer. */
export const REPLY_TYPE = "application/timestamp-reply";

/** Starts a server. With `secure` it speaks TLS. It does not keep the process alive. */
export async function serve(
  answer: Answer,
  secure?: { readonly key: Buffer; readonly cert: Buffer },
): Promise<RunningServer> {
  const requests: Buffer[] = [];
  const listener: RequestListener = (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    response.on("error", () => undefined);
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const query = Buffer.concat(pieces);
      requests.push(query);
      answer(query, response, request.url ?? "");
    });
  };
  const server = secure === undefined ? createServer(listener) : createSecureServer(secure, listener);
  server.on("clientError", (_error, socket) => socket.destroy());
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${secure === undefined ? "http" : "https"}://${secure === undefined ? "127.0.0.1" : "localhost"}:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers as `openssl ts` does. */
export function honestly(authority: Authority): Answer {
  return (query, response) => reply(response, authority.reply(query));
}

/** Sends one answer of the right type. */
export function reply(response: ServerResponse, body: Uint8Array): void {
  response.writeHead(200, { "content-type": REPLY_TYPE, "content-length": body.length });
  response.end(body);
}
