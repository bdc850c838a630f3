/**
 * How one process knows that another one lives: a unix socket that the owner listens on. The kernel answers
 * for it, also while the owner is busy; once the owner is dead, whatever killed it, a connection is refused.
 * That holds across containers and needs no process ids, which are used again (SECURITY 3).
 *
 * @module
 */

import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { errnoOf, machineReason } from "../files/machine-reason.ts";
import { STAGED, type Staging } from "./staging.ts";

/** A sign of life under a name. */
export class OwnerSocket {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Binds a new socket at an address and listens. Throws what the system says, EADDRINUSE where the name is taken. */
  static async listen(address: string): Promise<OwnerSocket> {
    const server = createServer((socket) => socket.destroy());
    server.listen(address);
    server.unref();
    await once(server, "listening");
    return new OwnerSocket(server);
  }

  /**
   * Falls silent. The name is unlinked by its address: the folder must still be held open, or its number
   * may already be another folder's.
   */
  close(): void {
    this.#server.close();
  }
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

/**
 * Gives a sign of life in a staging folder. `undefined` where a recovery took the folder for a dead one's in
 * the moment before. Throws what the system says otherwise.
 */
export async function announce(staging: Staging): Promise<OwnerSocket | undefined> {
  try {
    return await OwnerSocket.listen(staging.address(STAGED.owner));
  } catch (thrown) {
    if (errnoOf(thrown) === undefined || isStillThere(staging)) throw thrown;
    return undefined;
  }
}

function isStillThere(staging: Staging): boolean {
  try {
    return staging.isAtItsPlace();
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return true;
  }
}
