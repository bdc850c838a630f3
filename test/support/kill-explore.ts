/**
 * Every disk that kills can leave, without a process: just before each call that changes something the folder
 * is photographed, for that is what SIGKILL at this call leaves. Each photo is laid out again and recovered,
 * which is photographed in turn, and so on: a recovery that was killed, and its recovery that was killed.
 *
 * That real kills leave nothing else is for the processes to show (kill-strace.ts).
 *
 * @module
 */

import { nodeFileSystem } from "../../src/node/files/file-system.ts";
import { interceptFileSystem, isMutating } from "./faulty-file-system.ts";
import { judge, type Verdict } from "./kill-judge.ts";
import { type Order, type OrderOutcome, obey } from "./kill-orders.ts";
import { type Photo, photograph } from "./kill-photo.ts";
import { type KillScenario, type KillScenes, recoverIn } from "./kill-scenes.ts";

/** What became of all that were killed equally often. */
export interface Generation {
  /** Calls at which one was killed. */
  points: number;
  nothing: number;
  everything: number;
  readonly broken: string[];
  /** Disks that nobody who was killed less often left. */
  disks: number;
}

/** A disk that a kill leaves. */
export interface Disk {
  readonly photo: Photo;
  /** How it came about: who was killed at which call, one after the other. */
  readonly history: string;
  /** What a recovery must come to, where one had begun. */
  readonly expected: Verdict["state"] | undefined;
}

/** Kills the victim of one scenario, and those who come after it. */
export class Explorer {
  /** What `recover` makes of each disk, by its fingerprint. */
  readonly verdicts: Map<string, Verdict> = new Map();
  readonly #scenario: KillScenario;
  readonly #scenes: KillScenes;
  /** Equal photos are kept once. */
  readonly #photos = new Map<string, Photo>();

  constructor(scenario: KillScenario, scenes: KillScenes) {
    this.#scenario = scenario;
    this.#scenes = scenes;
  }

  /**
   * What becomes of the victim where it is killed at each call; of each recovery after that, and each second try
   * of the same, where these are killed at each call; then again of each recovery, up to so many kills.
   */
  async explore(kills: number): Promise<readonly Generation[]> {
    const generations: Generation[] = [];
    const seen: Photo[] = [];
    await this.#scenes.inFolder(this.#scenario.before, (folder) => this.#try(folder, seen));
    let disks = this.#disks(seen, "victim", undefined);
    for (let kill = 1; kill <= kills && disks.length > 0; kill++) {
      const generation: Generation = { points: 0, nothing: 0, everything: 0, broken: [], disks: 0 };
      const left: Disk[] = [];
      for (const disk of disks) {
        const isNew = await this.#visit(disk, generation);
        if (!isNew || kill === kills) continue;
        left.push(...(await this.#recover(disk)));
        if (kill === 1) left.push(...(await this.#tryAgain(disk, generation)));
      }
      generations.push(generation);
      disks = left;
    }
    return generations;
  }

  /** Judges a disk and counts it. Gives whether it is a new one. */
  async #visit({ expected, history, photo }: Disk, generation: Generation): Promise<boolean> {
    const known = this.verdicts.get(photo.fingerprint);
    const verdict = known ?? (await this.#scenes.inFolder(photo, (folder) => judge(this.#scenario, folder)));
    this.verdicts.set(photo.fingerprint, verdict);
    count(generation, verdict, expected, history);
    if (known === undefined) generation.disks++;
    return known === undefined;
  }

  /** A recovery goes on as it began, however often it is killed. */
  async #recover({ history, photo }: Disk): Promise<readonly Disk[]> {
    const seen: Photo[] = [];
    await this.#scenes.inFolder(photo, (folder) => recorded(recoverIn(folder), folder, seen));
    return this.#disks(seen, `${history}, recover`, this.verdicts.get(photo.fingerprint)?.state);
  }

  /** A second try of the same above what the first one left must succeed as if there were nothing. */
  async #tryAgain({ history, photo }: Disk, generation: Generation): Promise<readonly Disk[]> {
    const seen: Photo[] = [];
    const { state } = await this.#scenes.inFolder(photo, async (folder) => {
      await this.#try(folder, seen);
      return judge(this.#scenario, folder);
    });
    const isDone = state === (this.#scenario.succeeds ? "everything" : "nothing");
    if (!isDone) generation.broken.push(`${history}, second try that was not killed: ${state}`);
    return this.#disks(seen, `${history}, second try`, undefined);
  }

  #try(folder: string, seen: Photo[]): Promise<OrderOutcome> {
    return recorded(this.#scenario.order(folder), folder, seen);
  }

  #disks(seen: readonly Photo[], who: string, expected: Disk["expected"]): readonly Disk[] {
    return seen.map((photo, call) => {
      const known = this.#photos.get(photo.fingerprint) ?? photo;
      this.#photos.set(photo.fingerprint, known);
      return { photo: known, history: `${who} at ${call}`, expected };
    });
  }
}

/** Carries an order out with a camera in front of each call that changes something, and in the middle of each write. */
export function recorded(order: Order, folder: string, seen: Photo[]): Promise<OrderOutcome> {
  let isUnchanged = false;
  const look = (): void => {
    const last = seen.at(-1);
    seen.push(isUnchanged && last !== undefined ? last : photograph(folder));
    isUnchanged = false;
  };
  const fs = interceptFileSystem((call, proceed) => {
    if (!isMutating(call)) return proceed();
    look();
    if (call.name === "fsyncSync") {
      // No power is cut here, so there is nothing that it would change.
      isUnchanged = true;
      return undefined;
    }
    const [fd, bytes, offset, length, position] = call.args;
    if (call.name !== "writeSync" || position !== 0 || !(bytes instanceof Uint8Array)) return proceed();
    const written = nodeFileSystem.writeSync(Number(fd), bytes, Number(offset), Number(length) >> 1, 0);
    look();
    return written;
  });
  return obey(order, fs);
}

function count(
  generation: Generation,
  { state, why }: Verdict,
  expected: Disk["expected"],
  history: string,
): void {
  generation.points++;
  if (state === "broken") generation.broken.push(`${history}: ${why}`);
  // A recovery goes on as it began, however often it is killed.
  else if (expected !== undefined && expected !== state) generation.broken.push(`${history}: ${state}`);
  else generation[state]++;
}
