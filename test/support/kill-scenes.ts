/**
 * What is killed, and where: restores of every kind, recoveries and undos, each in a folder with somebody
 * else's files in it.
 *
 * @module
 */

import { chmodSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { sealBundle, sealLinkedRuns, writeBundle } from "./bundle.ts";
import { type Order, obey } from "./kill-orders.ts";
import { layOut, type Photo, photograph } from "./kill-photo.ts";
import { DeadSockets } from "./kill-sockets.ts";
import { ANY_SIGNER, OUTPUTS, writeAt } from "./restore-scene.ts";
import { makeFolder, removeTree } from "./tree.ts";

/** One thing that is killed. Its two good states are `before` and `after`, and there is no third. */
export interface KillScenario {
  readonly name: string;
  readonly before: Photo;
  readonly after: Photo;
  /** Whether the victim ends well when nobody kills it. */
  readonly succeeds: boolean;
  /** What the victim is told to do in a folder. */
  order(folder: string): Order;
}

/** The folder in the scene's folder that is restored into. */
export function targetIn(folder: string): string {
  return join(folder, "into");
}

/** Brings what a victim left into one of the two good states. */
export function recoverIn(folder: string): Order {
  return { act: "recover", request: { target: targetIn(folder) } };
}

/** Sealed bundles, and folders to restore them into. */
export class KillScenes implements Disposable {
  readonly sockets: DeadSockets;
  readonly #folder: string;
  #folders = 0;

  private constructor(folder: string, sockets: DeadSockets) {
    this.#folder = folder;
    this.sockets = sockets;
  }

  static async make(): Promise<KillScenes> {
    // Thousands of restores need no disk, and what is cut off is a process, never the power.
    const folder = makeFolder(existsSync("/dev/shm") ? "/dev/shm" : undefined);
    mkdirSync(join(folder, "sockets"));
    return new KillScenes(folder, await DeadSockets.make(join(folder, "sockets")));
  }

  /** A folder in which a photo is laid out, for as long as it is used. */
  async inFolder<Value>(photo: Photo, use: (folder: string) => Promise<Value>): Promise<Value> {
    const folder = this.#emptyFolder();
    try {
      layOut(photo, folder, this.sockets);
      return await use(folder);
    } finally {
      removeTree(folder);
    }
  }

  /** All that is killed. */
  async scenarios(): Promise<readonly KillScenario[]> {
    const single = this.#restoreOrder(OUTPUTS);
    const chain = this.#chainOrder();
    const clash = this.#restoreOrder({ "a.txt": "a\n", "data/x": "1\n", "keep/x": "2\n", "z.txt": "z\n" });
    const part = (order: Order & { act: "restore" | "chain" }, only: readonly string[]) =>
      ({ ...order, request: { ...order.request, only } }) as Order;
    const intoNew = (order: Order & { act: "restore" | "chain" }) =>
      ({ ...order, request: { ...order.request, mkdir: true } }) as Order;

    const restore = await this.#scenario("restore, existing root", this.#existing(), single);
    const chained = await this.#scenario("chain, existing root", this.#existing(), chain);
    const undo: Order = { act: "undo", request: { target: "" } };
    return [
      restore,
      await this.#scenario("restore, new root", this.#missing(), intoNew(single)),
      chained,
      await this.#scenario("chain, new root", this.#missing(), intoNew(chain)),
      await this.#scenario("restore --only", this.#existing(), part(single, ["data", "a.txt"])),
      await this.#scenario("chain --only", this.#existing(), part(chain, ["run-002/bin"])),
      await this.#scenario("restore that fails", this.#linked(), clash),
      await this.#scenario("undo", restore.after, undo),
      await this.#scenario("undo of a chain", chained.after, undo),
    ];
  }

  /** What not to do, as a control. */
  async control(): Promise<KillScenario> {
    const { request } = this.#restoreOrder(OUTPUTS);
    const { root } = request;
    const files = Object.keys(OUTPUTS);
    return this.#scenario("control: stage, rename", this.#existing(), {
      act: "naive",
      request: { target: "", root, files },
    });
  }

  async #scenario(name: string, before: Photo, told: Order): Promise<KillScenario> {
    const order = (folder: string): Order =>
      ({ act: told.act, request: { ...told.request, target: targetIn(folder) } }) as Order;
    return this.inFolder(before, async (folder) => {
      const { ok } = await obey(order(folder));
      return { name, before, after: photograph(folder), succeeds: ok, order };
    });
  }

  #restoreOrder(outputs: Readonly<Record<string, string>>): Order & { act: "restore" } {
    const place = writeBundle(this.#emptyFolder(), sealBundle({ outputs }));
    if ("bin/run" in outputs) chmodSync(join(place.root, "bin/run"), 0o755);
    return { act: "restore", request: { ...place, trust: ANY_SIGNER, target: "" } };
  }

  #chainOrder(): Order & { act: "chain" } {
    const folder = this.#emptyFolder();
    const outputs = { "bin/run": "#!/bin/sh\n", "top.txt": "top\n" };
    const places = sealLinkedRuns(2, { outputs }).map((run) => writeBundle(folder, run));
    const root = join(folder, "files");
    chmodSync(join(root, "bin/run"), 0o755);
    const bundles = places.map(({ bundle }) => bundle);
    return { act: "chain", request: { bundles, root, trust: ANY_SIGNER, target: "" } };
  }

  /** A target with somebody else's files, and more of them beside it. */
  #existing(): Photo {
    return this.#photo((folder) => {
      this.#foreign(targetIn(folder));
      mkdirSync(join(targetIn(folder), "data"), 0o750);
      // The restore goes through this link, for it stays inside.
      symlinkSync("other", join(targetIn(folder), "bin"));
    });
  }

  /** A target in which two paths of one bundle lead to one place. */
  #linked(): Photo {
    return this.#photo((folder) => {
      this.#foreign(targetIn(folder));
      symlinkSync("keep", join(targetIn(folder), "data"));
    });
  }

  /** No target, and somebody else's files beside its place. */
  #missing(): Photo {
    return this.#photo((folder) => this.#foreign(folder));
  }

  #foreign(folder: string): void {
    writeAt(folder, {
      "keep/own.txt": "somebody's\n",
      "other/notes.txt": "somebody's too\n",
      "readonly.txt": "never written to\n",
      "secret.txt": "for one's own eyes\n",
    });
    mkdirSync(join(folder, "empty"));
    chmodSync(join(folder, "readonly.txt"), 0o444);
    chmodSync(join(folder, "secret.txt"), 0o600);
    chmodSync(join(folder, "other"), 0o711);
    symlinkSync("nowhere", join(folder, "dangling"));
  }

  #photo(arrange: (folder: string) => void): Photo {
    const folder = this.#emptyFolder();
    writeAt(folder, { "beside.txt": "somebody's, beside\n" });
    arrange(folder);
    return photograph(folder);
  }

  #emptyFolder(): string {
    const folder = join(this.#folder, `scene-${this.#folders++}`);
    mkdirSync(folder);
    return folder;
  }

  [Symbol.dispose](): void {
    removeTree(this.#folder);
  }
}
