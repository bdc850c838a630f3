/**
 * Sockets whose listeners are dead, as processes that were killed leave them: a connection is refused.
 *
 * @module
 */

import { once } from "node:events";
import { linkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** As many as restores that were killed in one folder, at most. */
const SOCKETS = 16;

/** Some dead sockets, to be linked into folders of the same file system. */
export class DeadSockets {
  readonly #addresses: readonly string[];

  private constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  /** Makes them in an empty folder. */
  static async make(folder: string): Promise<DeadSockets> {
    const addresses: string[] = [];
    for (let number = 0; number < SOCKETS; number++) {
      const alive = join(folder, "alive");
      const address = join(folder, String(number));
      const server = createServer().listen(alive);
      await once(server, "listening");
      // Closing takes the first name away, which a kill doesn't.
      linkSync(alive, address);
      server.close();
      await once(server, "close");
      addresses.push(address);
    }
    return new DeadSockets(addresses);
  }

  /** The address of one of them. */
  get(number: number): string {
    const address = this.#addresses[number];
    if (address === undefined) throw new RangeError("no scene has that many");
    return address;
  }
}
