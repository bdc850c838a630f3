/**
 * How one process knows that another one lives: a unix socket that the owner listens on. The kernel accepts
 * connections, also while the owner is busy. After the owner's death, for whatever reason, a connection is refused.
 * That works across containers and needs no process ids, which are reused (SECURITY 3).
 *
 * A process that waits for an owner keeps a connection: it ends when the owner ends.
 *
 * @module
 */

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { publishCause } from "../runtime/cause-channel.ts";
import { errnoOf } from "../runtime/machine-reason.ts";

/** A listening socket under a name. */
export class OwnerSocket {
  readonly #server: Server;
  /** Connections of waiting processes. */
  readonly #callers: ReadonlySet<Socket>;

  private constructor(server: Server, callers: ReadonlySet<Socket>) {
    this.#server = server;
    this.#callers = callers;
  }

  /** Binds a new socket at an address and listens. Throws what the system says, EADDRINUSE where the name is taken. */
  static async listen(address: string): Promise<OwnerSocket> {
    const callers = new Set<Socket>();
    const server = createServer((socket) => receive(socket, callers));
    server.listen(address);
    server.unref();
    await once(server, "listening");
    return new OwnerSocket(server, callers);
  }

  /**
   * Stops listening, and ends the connections of waiting processes. The name is unlinked by its address: the folder must
   * still be open, or its number may already be another folder's.
   */
  close(): void {
    this.#server.close();
    for (const caller of this.#callers) caller.destroy();
  }
}

/** A caller stays connected until it or this process ends the connection. No data is sent. */
function receive(socket: Socket, callers: Set<Socket>): void {
  callers.add(socket);
  socket.on("close", () => callers.delete(socket));
  socket.on("error", publishCause);
  socket.resume();
  socket.unref();
}

/** Whether a process listens at an address. In doubt, as without permission to connect, the answer is yes. */
export async function isOwnerAlive(address: string): Promise<boolean> {
  const socket = connect(address);
  try {
    await once(socket, "connect");
    return true;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined) throw thrown;
    return errno !== "ECONNREFUSED" && errno !== "ENOENT";
  } finally {
    socket.destroy();
  }
}

/** How waiting for an owner ended. */
export type OwnerEnd =
  /** It lived, and has released the lock or died since. */
  | "ended"
  /** No process listens: its owner is dead. */
  | "dead"
  /** The name is missing. */
  | "absent"
  /** Too many processes wait already: no connection is possible now. */
  | "crowded"
  /** This user may not connect, or it is not a socket. */
  | "closed";

/** Waits until no process listens at an address any more, or until the signal fires. */
export function outliveOwner(address: string, signal: AbortSignal | undefined): Promise<OwnerEnd> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const hangUp = (): void => {
      socket.destroy();
    };
    let end: OwnerEnd = "closed";
    socket.on("connect", () => {
      end = "ended";
      socket.resume();
    });
    socket.on("error", (thrown) => {
      publishCause(thrown);
      if (end !== "ended") end = endOf(errnoOf(thrown));
    });
    socket.on("close", () => {
      signal?.removeEventListener("abort", hangUp);
      resolve(end);
    });
    signal?.addEventListener("abort", hangUp, { once: true });
    if (signal?.aborted === true) hangUp();
  });
}

function endOf(errno: string | undefined): OwnerEnd {
  switch (errno) {
    case "ECONNREFUSED":
      return "dead";
    case "ENOENT":
      return "absent";
    // The owner ended before it accepted the connection.
    case "ECONNRESET":
    case "EPIPE":
      return "ended";
    case "EAGAIN":
      return "crowded";
    default:
      return "closed";
  }
}
