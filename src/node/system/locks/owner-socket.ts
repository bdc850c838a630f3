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
import { unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { publishCause } from "../runtime/cause-channel.ts";
import { attempt, errnoOf } from "../runtime/machine-reason.ts";
import { socketAddress } from "./socket-address.ts";

/** A listening socket under a name. */
export class OwnerSocket {
  readonly #server: Server;
  /** Connections of waiting processes. */
  readonly #callers: ReadonlySet<Socket>;

  /** The address, if it was too long to listen at. */
  readonly #long: string | undefined;

  private constructor(server: Server, callers: ReadonlySet<Socket>, long: string | undefined) {
    this.#server = server;
    this.#callers = callers;
    this.#long = long;
  }

  /** Binds a new socket at an address and listens. Throws what the system says, EADDRINUSE where the name is taken. */
  static async listen(address: string): Promise<OwnerSocket> {
    const callers = new Set<Socket>();
    const server = createServer((socket) => receive(socket, callers));
    using short = socketAddress(address);
    server.listen(short.address);
    server.unref();
    await once(server, "listening");
    return new OwnerSocket(server, callers, short.address === address ? undefined : address);
  }

  /**
   * Stops listening, and ends the connections of waiting processes. The name is unlinked by its address: the folder must
   * still be open, or its number may already be another folder's.
   */
  close(): void {
    this.#server.close();
    const long = this.#long;
    if (long !== undefined) attempt(() => unlinkSync(long));
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
export async function isSocketOwnerAlive(address: string): Promise<boolean> {
  using short = socketAddress(address);
  const socket = connect(short.address);
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
    const short = socketAddress(address);
    const socket = connect(short.address);
    const hangUp = (): void => {
      socket.destroy();
    };
    let end: OwnerEnd = "closed";
    socket.on("connect", () => {
      end = "ended";
      short[Symbol.dispose]();
      socket.resume();
    });
    socket.on("error", (thrown) => {
      publishCause(thrown);
      if (end !== "ended") end = endOf(errnoOf(thrown));
    });
    socket.on("close", () => {
      if (end !== "ended") short[Symbol.dispose]();
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
