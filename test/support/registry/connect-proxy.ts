/** A proxy on the loopback interface: CONNECT for TLS, absolute addresses for plain HTTP. All of it leads to one server of a test. @module */

import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A request to the proxy. */
export interface SeenByProxy {
  /** `CONNECT host:port`, or `POST http://host/path`. */
  readonly line: string;
  readonly authorization: string | undefined;
}

/** A proxy that is up. */
export interface ConnectProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly port: number;
  readonly seen: readonly SeenByProxy[];
  /** How many connections clients have made. */
  readonly connections: () => number;
  /** Everything that clients sent, through tunnels too. */
  readonly bytes: () => Buffer;
}

/**
 * Starts a proxy to a port of this machine. With a status it refuses each request with that; `hangs`: it never answers. With a key and a
 * certificate, in PEM, it speaks TLS itself.
 */
export async function startProxy(
  port: number,
  refuses?: number | "hangs",
  tls?: { readonly key: Buffer; readonly cert: Buffer },
): Promise<ConnectProxy> {
  const seen: SeenByProxy[] = [];
  const sockets = new Set<Socket>();
  const pieces: Buffer[] = [];
  const note = ({ headers, method, rawHeaders, url }: IncomingMessage): void => {
    seen.push({ line: `${method} ${url}`, authorization: headers["proxy-authorization"] });
    pieces.push(Buffer.from(`${rawHeaders.join("\n")}\n`));
  };
  const onRequest = (asked: IncomingMessage, answer: ServerResponse): void => {
    note(asked);
    const { host: _host, "proxy-authorization": _credentials, ...headers } = asked.headers;
    const { pathname } = new URL(asked.url ?? "");
    const sent = request(
      { host: "127.0.0.1", port, method: asked.method, path: pathname, headers },
      (got) => {
        answer.writeHead(got.statusCode ?? 0, got.headers);
        got.pipe(answer);
      },
    );
    asked.pipe(sent);
  };
  const server = tls === undefined ? createServer(onRequest) : createSecureServer(tls, onRequest);
  server.on("tlsClientError", () => undefined);
  server.on("connect", (asked: IncomingMessage, client: Socket) => {
    note(asked);
    client.on("error", () => undefined);
    if (refuses === "hangs") return;
    if (refuses !== undefined) {
      client.end(`HTTP/1.1 ${refuses} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const target = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connected\r\n\r\n");
      client.pipe(target);
      target.pipe(client);
    });
    target.on("error", () => client.destroy());
    client.on("data", (piece: Buffer) => pieces.push(piece));
    client.on("close", () => target.destroy());
  });
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own = (server.address() as AddressInfo).port;
  return {
    host: `127.0.0.1:${own}`,
    port: own,
    seen,
    connections: () => connections,
    bytes: () => Buffer.concat(pieces),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
