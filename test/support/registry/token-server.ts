/**
 * A registry in memory that lets in only requests with a token, and the token server that gives it.
 *
 * @module
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ModelRegistry, sendJson } from "./model-registry.ts";

/** The token that the registry takes: secret, as is all that leads to it. */
export const TOKEN = "canary.token.4e2a";

/** A question to a token server. */
export interface TokenQuestion {
  readonly method: string | undefined;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly authorization: string | undefined;
}

/** A registry with a token server. */
export interface GuardedRegistry extends AsyncDisposable {
  readonly registry: ModelRegistry;
  readonly questions: readonly TokenQuestion[];
  /** Answers a question; by default with TOKEN. */
  give: (response: ServerResponse) => void;
  /** The realm that the registry names. */
  realm: string;
}

/** Starts one. */
export async function startGuarded(): Promise<GuardedRegistry> {
  const registry = await ModelRegistry.start();
  const questions: TokenQuestion[] = [];
  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    ask(request)
      .then((question) => {
        questions.push(question);
        guarded.give(response);
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const guarded: GuardedRegistry = {
    registry,
    questions,
    give: (response) => sendJson(response, 200, { token: TOKEN }),
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?own=1`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await registry[Symbol.asyncDispose]();
    },
  };
  registry.meddler = ({ request, response }) => {
    if (request.headers.authorization === `Bearer ${TOKEN}`) return false;
    const challenge = `Bearer realm="${guarded.realm}",service="a registry",scope="registry:catalog:*"`;
    request.resume();
    response.writeHead(401, { "www-authenticate": challenge }).end();
    return true;
  };
  return guarded;
}

async function ask(request: IncomingMessage): Promise<TokenQuestion> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return {
    method: request.method,
    query: new URL(request.url ?? "", "http://localhost").searchParams,
    body: Buffer.concat(pieces).toString("latin1"),
    authorization: request.headers.authorization,
  };
}
