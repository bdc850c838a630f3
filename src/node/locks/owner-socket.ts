/**
 * How one process knows that another one lives: a unix socket that the owner listens on. The kernel answers
 * for it, also while the owner is busy; once the owner is dead, whatever killed it, a connection is refused.
 * That holds across containers and needs no process ids, which are used again (SECURITY 3).
 *
 * Whoever has to wait for an owner keeps a connection: it ends when the owner does.
 *
 * @module
 */

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { publishCause } from "../runtime/cause-channel.ts";
import { errnoOf } from "../runtime/machine-reason.ts";

/** A sign of life under a name. */
export class OwnerSocket {
  readonly #server: Server;
  /** Connections of those who wait. */
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
   * Falls silent, and lets go of those who wait. The name is unlinked by its address: the folder must still be held
   * open, or its number may already be another folder's.
   */
  close(): void {
    this.#server.close();
    for (const caller of this.#callers) caller.destroy();
  }
}

/** A caller stays connected until it hangs up, or we are gone; it says nothing, and gets no answer. */
function receive(socket: Socket, callers: Set<Socket>): void {
  callers.add(socket);
  socket.on("close", () => callers.delete(socket));
  socket.on("error", publishCause);
  socket.resume();
  socket.unref();
}

/** Whether somebody listens at an address. In doubt, as where we may not even knock, somebody does. */
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
  /** It lived, and has let go or died since. */
  | "ended"
  /** Nobody listens: its owner is dead. */
  | "dead"
  /** There is nothing of that name. */
  | "absent"
  /** So many wait already that nobody can be asked now. */
  | "crowded"
  /** We may not knock, or it is no socket. */
  | "closed";

/** Waits until nobody listens at an address any more; no longer than until the signal fires. */
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
    // It was there to be connected to, and is gone before it took notice.
    case "ECONNRESET":
    case "EPIPE":
      return "ended";
    case "EAGAIN":
      return "crowded";
    default:
      return "closed";
  }
}
