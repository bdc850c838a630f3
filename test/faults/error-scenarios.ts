/**
 * What the fault tests restore, undo and recover: each time in a fresh copy of the same small disk.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { FileSystem } from "../../src/node/files/file-system.ts";
import { type RecoverSuccess, recoverTarget } from "../../src/node/restore/recover-target.ts";
import { type RestoreChainRequest, restoreChain } from "../../src/node/restore/restore-bundle.ts";
import type { RestoreFailure, RestoreSuccess } from "../../src/node/restore/restore-outcome.ts";
import { type UndoSuccess, undoRestore } from "../../src/node/restore/undo.ts";
import { sealLinkedRuns, writeBundle } from "../support/bundle.ts";
import { type Call, interceptFileSystem } from "../support/faulty-file-system.ts";
import { ANY_SIGNER, Scene, writeAt } from "../support/restore-scene.ts";
import { snapshotTree, type TreeSnapshot } from "../support/tree.ts";
import { type Disk, holdOwners, layOut, makeDeadSocket, photograph } from "./power-disk.ts";

/** How an act ends. */
export type Outcome = RestoreSuccess | UndoSuccess | RecoverSuccess | RestoreFailure;

/** Files in folders in folders, one without bytes, and one in a folder that somebody else uses too. */
const OUTPUTS = {
  "a.txt": "alpha\n",
  "data/deep/b.txt": "beta\n",
  "data/deep/c.txt": "",
  "keep/d.txt": "delta\n",
};

const FOREIGN = {
  "root/keep/own.txt": "somebody's\n",
  "root/other/notes.txt": "somebody's too\n",
  "beside.txt": "!\n",
};

/** A way to use the engine in the folder `root` (or `new`, which isn't there) of a container. */
export type Act = (container: string, fs: FileSystem) => Promise<Outcome>;

/** One act on one disk, and its two good ends. */
export interface Scenario {
  readonly name: string;
  /** A recovery has only one good end, that of `done`. */
  readonly isRecovery: boolean;
  readonly start: Disk;
  readonly act: Act;
  readonly nothing: TreeSnapshot;
  readonly everything: TreeSnapshot;
  /** What ends what the act left behind. */
  readonly recover: Act;
}

/** The engine's process is no more: from now on nothing it does reaches the disk. */
export class Killed extends Error {}

/** Bundles, and fresh containers to work in. */
export class Workshop implements Disposable {
  readonly #scene = new Scene(OUTPUTS);
  readonly #chain: Pick<RestoreChainRequest, "bundles" | "root" | "trust">;
  readonly deadSocket: string = join(this.#scene.folder, "dead");
  #containers = 0;

  private constructor() {
    const runs = sealLinkedRuns(2, { outputs: { "a.txt": "alpha\n", "data/b.txt": "beta\n" } });
    const written = runs.map((run) => writeBundle(join(this.#scene.folder, "chain"), run));
    const root = join(this.#scene.folder, "chain", "files");
    this.#chain = { bundles: written.map(({ bundle }) => bundle), root, trust: ANY_SIGNER };
  }

  static async open(): Promise<Workshop> {
    const workshop = new Workshop();
    await makeDeadSocket(workshop.deadSocket);
    return workshop;
  }

  readonly restore: Act = (container, fs) => this.#scene.restore(join(container, "root"), fs);
  readonly restoreNew: Act = (container, fs) =>
    this.#scene.restore(join(container, "new"), fs, { mkdir: true });
  readonly restorePart: Act = (container, fs) =>
    this.#scene.restore(join(container, "root"), fs, { only: ["a.txt", "data/deep"] });
  readonly restoreRuns: Act = (container, fs) =>
    restoreChain({ ...this.#chain, target: join(container, "root") }, fs);
  readonly restoreRunsNew: Act = (container, fs) =>
    restoreChain({ ...this.#chain, target: join(container, "new"), mkdir: true }, fs);
  readonly undo: Act = (container, fs) => undoRestore({ target: join(container, "root") }, fs);
  readonly recover: Act = (container, fs) => recoverTarget({ target: join(container, "root") }, fs);
  readonly recoverNew: Act = (container, fs) => recoverTarget({ target: join(container, "new") }, fs);

  /** A container with somebody else's files in it. */
  foreign(): Disk {
    const container = this.#fresh();
    writeAt(container, FOREIGN);
    const disk = photograph(container);
    rmSync(container, { recursive: true });
    return disk;
  }

  /** Uses a fresh container with that content, and removes it afterwards. */
  async use<Value>(disk: Disk, work: (container: string) => Promise<Value>): Promise<Value> {
    const container = this.#fresh();
    layOut(disk, container, this.deadSocket);
    try {
      return await work(container);
    } finally {
      rmSync(container, { recursive: true });
    }
  }

  /** The disk after an act went well. */
  async after(disk: Disk, act: Act): Promise<Disk> {
    return this.use(disk, async (container) => {
      const outcome = await act(
        container,
        interceptFileSystem((_, proceed) => proceed()),
      );
      if (!outcome.ok) throw new Error(`not even without a fault: ${outcome.code}`);
      return photograph(container);
    });
  }

  /** The disk on which an act was killed just before a call. */
  async killed(disk: Disk, act: Act, fits: (call: Call) => boolean): Promise<Disk> {
    return this.use(disk, async (container) => {
      await kill(act, container, fits);
      return photograph(container);
    });
  }

  /** Makes a scenario of an act and the disk to begin with. */
  async scenario(name: string, start: Disk, act: Act, recover: Act = this.recover): Promise<Scenario> {
    const everything = await this.#snapshot(await this.after(start, act));
    const nothing = await this.#snapshot(start);
    return { name, isRecovery: false, start, act, recover, nothing, everything };
  }

  /** Makes a scenario of a recovery. */
  async recovery(name: string, start: Disk, recover: Act = this.recover): Promise<Scenario> {
    const scenario = await this.scenario(name, start, recover, recover);
    return { ...scenario, isRecovery: true, nothing: scenario.everything };
  }

  async #snapshot(disk: Disk): Promise<TreeSnapshot> {
    return this.use(disk, async (container) => snapshotTree(container));
  }

  #fresh(): string {
    return join(this.#scene.folder, `container-${this.#containers++}`);
  }

  [Symbol.dispose](): void {
    this.#scene[Symbol.dispose]();
  }
}

/** Runs an act that is killed just before the first call that fits. */
export async function kill(act: Act, container: string, fits: (call: Call) => boolean): Promise<void> {
  let revive: (() => void) | undefined;
  const fs = interceptFileSystem((call, proceed) => {
    if (revive === undefined && fits(call)) revive = holdOwners(container);
    // The kernel closes what a process leaves open.
    if (revive !== undefined && call.name !== "closeSync") throw new Killed("killed");
    return proceed();
  });
  try {
    await act(container, fs);
    throw new Error("it was not killed");
  } catch (thrown) {
    if (!(thrown instanceof Killed)) throw thrown;
  }
  revive?.();
}
