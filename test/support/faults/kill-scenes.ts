/**
 * Folders to be killed in, and what a process that is killed there does.
 *
 * @module
 */

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { STATE } from "../command/state.ts";
import { makeFolder, removeTree } from "../files/tree.ts";
import type { Order } from "./kill-orders.ts";
import { layOut, type Photo, photograph } from "./kill-photo.ts";
import { DeadSockets } from "./kill-sockets.ts";

/** The two states that `recover` may bring a folder into. */
export type GoodState = "nothing" | "everything";

/** One thing that is killed. */
export interface KillScenario {
  readonly name: string;
  /** What the victim finds. */
  readonly start: Photo;
  /** The two good states; there is no third. */
  readonly nothing: Photo;
  readonly everything: Photo;
  /** The end that an undisturbed victim reaches. */
  readonly ends: GoodState;
  /** Whether the victim recovers what another one left: then a kill at any of its calls leads to the same end. */
  readonly isRecovery: boolean;
  /** What the victim does in a folder. */
  order(folder: string): Order;
}

/** The folder in the scene's folder that is restored into. */
export function targetIn(folder: string): string {
  return join(folder, "into");
}

/** Brings what a victim left into one of the two good states. */
export function recoverIn(folder: string): Order {
  return { act: "recover", request: { target: targetIn(folder), environment: STATE } };
}

/** A place for as many folders as it takes. */
export class KillScenes implements Disposable {
  readonly #sockets: DeadSockets;
  readonly #folder: string;
  #folders = 0;

  private constructor(folder: string, sockets: DeadSockets) {
    this.#folder = folder;
    this.#sockets = sockets;
  }

  static async make(): Promise<KillScenes> {
    // Thousands of restores need no disk, and what is cut off is a process, never the power.
    const folder = makeFolder(existsSync("/dev/shm") ? "/dev/shm" : undefined);
    mkdirSync(join(folder, "sockets"));
    return new KillScenes(folder, await DeadSockets.make(join(folder, "sockets")));
  }

  /** A folder in which a photo is laid out, for as long as it is used. */
  async inFolder<Value>(photo: Photo, use: (folder: string) => Promise<Value>): Promise<Value> {
    const folder = this.emptyFolder();
    try {
      layOut(photo, folder, this.#sockets);
      return await use(folder);
    } finally {
      removeTree(folder);
    }
  }

  /** The photo of a folder that is arranged for it. */
  photo(arrange: (folder: string) => void): Photo {
    const folder = this.emptyFolder();
    arrange(folder);
    return photograph(folder);
  }

  /** A folder that is there until all are disposed of. */
  emptyFolder(): string {
    const folder = join(this.#folder, `scene-${this.#folders++}`);
    mkdirSync(folder);
    return folder;
  }

  [Symbol.dispose](): void {
    removeTree(this.#folder);
  }
}
