/** A proxy between a client and a server on the loopback interface that cuts connections. @module */

import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A proxy that is up. */
export interface CuttingProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Connections that were cut so far. */
  readonly cuts: number;
}

/**
 * Starts a proxy to a host. Each number is the bytes, of both directions, after which one connection is cut, in the order in which
 * connections are made; later connections are left alone. Every other cut is a reset.
 */
export async function startCuttingProxy(host: string, after: readonly number[]): Promise<CuttingProxy> {
  const [hostname, port] = host.split(":");
  const sockets = new Set<Socket>();
  let connections = 0;
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    let left = after[connections++] ?? Number.POSITIVE_INFINITY;
    const ends = [near, far];
    const count = (bytes: Buffer): void => {
      left -= bytes.length;
      if (left > 0) return;
      left = Number.POSITIVE_INFINITY;
      cuts += 1;
      for (const end of ends) {
        if (cuts % 2 === 0) end.resetAndDestroy();
        else end.destroy();
      }
    };
    for (const end of ends) {
      sockets.add(end);
      end.on("data", count).on("error", () => undefined);
      end.once("close", () => {
        sockets.delete(end);
        for (const other of ends) other.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
