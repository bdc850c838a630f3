/**
 * What the error matrix and the power cuts do to a disk: restores of every kind, undos and recoveries, each time
 * in a fresh copy of the same small disk with foreign files on it.
 *
 * @module
 */

import { linkSync, lstatSync, mkdirSync, readdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { restoreFault } from "../../../src/core/internal.ts";
import type { RecoverSuccess } from "../../../src/node/back/restore/recover/recover-target.ts";
import type { RestoreSuccess } from "../../../src/node/back/restore/target/restore-outcome.ts";
import type { UndoSuccess } from "../../../src/node/back/restore/undo/undo.ts";
import { type RestoreFailure, refused } from "../../../src/node/back/transaction/restore-failure.ts";
import type { FileSystem } from "../../../src/node/system/files/file-system.ts";
import { CLONED_BYTES, cloningFileSystem } from "../files/cloning-file-system.ts";
import { type DiskImage, layOut, listDisk, photograph, STATE_NAME } from "../files/disk-image.ts";
import { type Call, interceptFileSystem } from "../files/faulty-file-system.ts";
import { removeTree } from "../files/tree.ts";
import { obey } from "./kill-orders.ts";
import { DeadSockets } from "./kill-sockets.ts";
import { recoverTarget, restoreChain, undoRestore } from "./restore-acts.ts";
import { Scene, writeAt } from "./restore-scene.ts";
import {
  AFTER,
  BEFORE,
  layOutEntries,
  planBetween,
  type RevertOrder,
  revertFolder,
  writeObjects,
} from "./revert-scene.ts";
import { type TreeChain, writeTreeChain } from "./tree-chain.ts";

/** How an act ends. */
export type Outcome = RestoreSuccess | UndoSuccess | RecoverSuccess | RestoreFailure | Reverted;

type Reverted = Extract<Awaited<ReturnType<typeof revertFolder>>, { ok: true }>;

/** A way to use the engine on the folder `root`, or on `new`, which isn't there, in a container. */
export type Act = (container: string, fs: FileSystem) => Promise<Outcome>;

/** An act on a disk, what brings that to an end afterwards, and its two good ends, as `endOf` tells them. */
export interface Scenario {
  readonly name: string;
  readonly start: DiskImage;
  readonly act: Act;
  readonly recover: Act;
  readonly nothing: string;
  readonly everything: string;
}

/** What identifies the state of a disk at an end. */
export function endOf(disk: DiskImage): string {
  return listDisk(disk).join("\n");
}

/** Files in folders in folders, one without bytes, and one in a folder with foreign files. */
const OUTPUTS = {
  "a.txt": "alpha\n",
  "data/deep/b.txt": "beta\n",
  "data/deep/c.txt": "",
  "keep/d.txt": "d\n",
};
const BIG_OUTPUTS = { "a.bin": "a".repeat(CLONED_BYTES), "keep/b.bin": "b".repeat(CLONED_BYTES) };

const FOREIGN = { "root/keep/own.txt": "other user\n", "root/notes.txt": "too\n", "beside.txt": "!\n" };

/** Who acts in a container has a state folder in it. */
function stateOf(container: string): { readonly environment: Readonly<Record<string, string>> } {
  return { environment: { XDG_STATE_HOME: join(container, STATE_NAME) } };
}

function writeKey(container: string): void {
  const folder = join(container, STATE_NAME, "runseal/journal");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "key"), Buffer.alloc(32, "k"), { mode: 0o600 });
}

/** Bundles, and fresh containers to work in. */
export class FaultScenes implements Disposable {
  readonly #scene: Scene;
  readonly #big: Scene = new Scene(BIG_OUTPUTS);
  readonly #trees: TreeChain;
  readonly #sockets: DeadSockets;
  /** Another user's files in `root`, and one beside it; and a state folder with a key. */
  readonly foreign: DiskImage;
  /** The same without a state folder, as before the first restore of all. */
  readonly stateless: DiskImage;
  /** A folder that a command changed, and the same key. */
  readonly changed: DiskImage;
  /** The folder of the objects, and the plan of the revert. */
  readonly #revert: Pick<RevertOrder, "objects" | "plan">;
  #containers = 0;

  private constructor(scene: Scene, sockets: DeadSockets) {
    this.#scene = scene;
    this.#sockets = sockets;
    this.#trees = writeTreeChain(join(scene.folder, "trees"));
    const container = this.#fresh();
    writeAt(container, FOREIGN);
    this.stateless = photograph(container);
    writeKey(container);
    this.foreign = photograph(container);
    const changed = this.#fresh();
    writeAt(changed, { "beside.txt": "!\n" });
    layOutEntries(join(changed, "root"), AFTER);
    writeKey(changed);
    this.changed = photograph(changed);
    const objects = writeObjects(join(scene.folder, "objects"), BEFORE);
    this.#revert = { objects, plan: planBetween(AFTER, BEFORE) };
  }

  static async make(): Promise<FaultScenes> {
    const scene = new Scene(OUTPUTS);
    const folder = join(scene.folder, "sockets");
    mkdirSync(folder);
    return new FaultScenes(scene, await DeadSockets.make(folder));
  }

  readonly restore: Act = (container, fs) =>
    this.#scene.restore(join(container, "root"), fs, stateOf(container));
  /** On a file system that makes one clone, and then refuses: the other file is copied. */
  readonly restoreClones: Act = (container, fs) =>
    this.#big.restore(join(container, "root"), cloningFileSystem(fs, 1), stateOf(container));
  readonly restoreTrees: Act = (container, fs) =>
    restoreChain({ ...this.#trees, ...stateOf(container), target: join(container, "root") }, fs);
  /** Under a umask that closes folders: each one that is made gets its mode by a call of its own. */
  readonly restoreTreesNew: Act = (container, fs) =>
    underUmask(0o077, () =>
      restoreChain(
        { ...this.#trees, ...stateOf(container), target: join(container, "new"), mkdir: true },
        fs,
      ),
    );
  readonly undo: Act = (container, fs) =>
    undoRestore({ ...stateOf(container), target: join(container, "root") }, fs);
  readonly revert: Act = (container, fs) =>
    revertFolder({ ...this.#revert, ...stateOf(container), target: join(container, "root") }, fs);
  /** Removes and writes without a journal. */
  readonly naiveRevert: Act = async (container) => {
    await obey({ act: "naive-revert", request: { ...this.#revert, target: join(container, "root") } });
    return { ok: true, recovered: [], isThere: true, protection: "descriptors" };
  };
  readonly recover: Act = (container, fs) =>
    recoverTarget({ ...stateOf(container), target: join(container, "root") }, fs);
  readonly recoverNew: Act = (container, fs) =>
    recoverTarget({ ...stateOf(container), target: join(container, "new") }, fs);

  /** A restore that stages and renames without a journal, and removes its staging folder when something fails. */
  readonly naive: Act = async (container, fs) => {
    const target = join(container, "root");
    const request = { target, root: join(this.#scene.folder, "files"), files: Object.keys(OUTPUTS) };
    try {
      await obey({ act: "naive", request }, fs);
      return { ok: true, recovered: [], isThere: true, protection: "descriptors" };
    } catch {
      for (const name of readdirSync(target)) {
        if (name.startsWith(".spectrum06_")) rmSync(join(target, name), { recursive: true });
      }
      return refused(restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR"));
    }
  };

  /** Makes a scenario of an act that ends well when nothing disturbs it. */
  async scenario(name: string, start: DiskImage, act: Act, recover: Act = this.recover): Promise<Scenario> {
    const everything = endOf(await this.after(start, act));
    return { name, start, act, recover, nothing: endOf(start), everything };
  }

  /** Uses a fresh container with that content, and removes it afterwards. */
  async use<Value>(disk: DiskImage, work: (container: string) => Promise<Value>): Promise<Value> {
    const container = this.#fresh();
    layOut(disk, container, this.#sockets);
    try {
      return await work(container);
    } finally {
      removeTree(container);
    }
  }

  /** The disk after an act that must succeed, and after what is then done to it. */
  after(disk: DiskImage, act: Act, meddle: (container: string) => void = nothing): Promise<DiskImage> {
    return this.use(disk, async (container) => {
      const outcome = await act(
        container,
        interceptFileSystem((_, proceed) => proceed()),
      );
      if (!outcome.ok) throw new Error(`not even without a fault: ${outcome.code}`);
      meddle(container);
      return photograph(container);
    });
  }

  /** The disk on which an act was killed just before the first call that fits. */
  killed(disk: DiskImage, act: Act, fits: (call: Call) => boolean): Promise<DiskImage> {
    return this.use(disk, async (container) => {
      if (!(await kill(act, container, fits))) throw new Error("it was not killed");
      return photograph(container);
    });
  }

  #fresh(): string {
    return join(this.#scene.folder, `container-${this.#containers++}`);
  }

  [Symbol.dispose](): void {
    this.#scene[Symbol.dispose]();
    this.#big[Symbol.dispose]();
  }
}

async function underUmask<Value>(mask: number, work: () => Promise<Value>): Promise<Value> {
  const before = process.umask(mask);
  try {
    return await work();
  } finally {
    process.umask(before);
  }
}

/** Gives a restored file a further name, and writes a file into a restored folder, which an undo then leaves. */
export function useRestored(container: string): void {
  linkSync(join(container, "root/run-001/data/b.txt"), join(container, "root/keep/mine.txt"));
  writeAt(join(container, "root"), { "run-002/mine.txt": "mine\n" });
}

function nothing(): void {
  return;
}

/** The process is no more: from now on nothing that it does reaches the disk. */
class Killed extends Error {}

/** What is disposed of on the way out fails in the same way. */
function isKilled(thrown: unknown): boolean {
  const isSuppressed = thrown instanceof Error && "error" in thrown && "suppressed" in thrown;
  return isSuppressed ? isKilled(thrown.error) && isKilled(thrown.suppressed) : thrown instanceof Killed;
}

/** Runs an act that is killed just before the first call that fits. Gives whether one did. */
export async function kill(
  act: Act,
  container: string,
  fits: (call: Call) => boolean,
  below?: FileSystem,
): Promise<boolean> {
  let revive: (() => void) | undefined;
  const fs = interceptFileSystem((call, proceed) => {
    if (revive === undefined && fits(call)) revive = holdOwners(container);
    // The kernel closes what a process leaves open.
    if (revive !== undefined && call.name !== "closeSync") throw new Killed();
    return proceed();
  }, below);
  try {
    await act(container, fs);
  } catch (thrown) {
    if (!isKilled(thrown)) throw thrown;
  }
  revive?.();
  return revive !== undefined;
}

/**
 * Gives what puts back the owner sockets in a container: a process that is killed for real unlinks nothing, while one
 * that plays dead closes its socket, and Node unlinks the name.
 */
function holdOwners(container: string): () => void {
  const names = readdirSync(container, { recursive: true, encoding: "utf8" });
  const owners = names.filter((name) => name.endsWith("/owner")).map((name) => join(container, name));
  const held = owners.map((owner, index): [string, string] => [owner, `${container}.owner-${index}`]);
  for (const [owner, name] of held) linkSync(owner, name);
  return () => {
    for (const [owner, name] of held) {
      if (lstatSync(owner, { throwIfNoEntry: false }) === undefined) linkSync(name, owner);
      unlinkSync(name);
    }
  };
}
