/** A gate before a server: its address stays, whether the server can be reached or not. @module */

import { connect, createServer, type Server, type Socket } from "node:net";

/** A gate on the loopback interface. */
export class Gate implements AsyncDisposable {
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  private constructor(target: number) {
    this.#target = target;
  }

  /** Opens a gate before `127.0.0.1:PORT`. */
  static async before(host: string): Promise<Gate> {
    const gate = new Gate(Number(host.split(":")[1]));
    await gate.open();
    return gate;
  }

  /** `127.0.0.1:PORT` */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Lets connections pass. */
  async open(): Promise<void> {
    const server = createServer((incoming) => {
      const outgoing = connect(this.#target, "127.0.0.1");
      for (const socket of [incoming, outgoing]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          this.#sockets.delete(socket);
          incoming.destroy();
          outgoing.destroy();
        });
      }
      incoming.pipe(outgoing).pipe(incoming);
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    const address = server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
    this.#server = server;
  }

  /** Breaks all connections, and refuses others. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
