/** A webhook on the loopback interface that keeps what was sent to it. @module */

import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";

/** One message. */
export interface HookMessage {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A webhook. Dispose of it. */
export class Hook implements AsyncDisposable {
  readonly messages: HookMessage[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts one that answers so, and 204 without an answer. */
  static async start(answer?: RequestListener): Promise<Hook> {
    const server = createServer();
    const hook = new Hook(server);
    server.on("request", (request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      request.on("end", () => {
        hook.messages.push({ path: request.url ?? "", headers: request.headers, body });
        if (answer === undefined) response.writeHead(204).end();
        else answer(request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return hook;
  }

  /** `127.0.0.1:PORT` */
  get host(): string {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? `127.0.0.1:${address.port}` : "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
