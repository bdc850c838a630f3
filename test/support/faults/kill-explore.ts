/**
 * Every disk that kills can leave, without a process (kill-camera.ts): each is laid out again and recovered, which
 * is photographed in turn, and so on: a recovery that was killed, and its recovery that was killed.
 *
 * That real kills leave nothing else is for the processes to show (kill-strace.ts).
 *
 * @module
 */

import type { Choose } from "../rings/matrix.ts";
import { type Exposure, record } from "./kill-camera.ts";
import { judge, type Verdict } from "./kill-judge.ts";
import { type Order, obey } from "./kill-orders.ts";
import type { Photo } from "./kill-photo.ts";
import { type GoodState, type KillScenario, type KillScenes, recoverIn } from "./kill-scenes.ts";

/** What became of all that were killed equally often. */
export interface Generation {
  /** Calls at which one was killed. */
  kills: number;
  nothing: number;
  everything: number;
  /** Disks that fewer kills do not leave. */
  disks: number;
  /** What is wrong with each that is broken. */
  readonly broken: string[];
}

/** How far to go: after which of the new disks that the first kill left a recovery is killed too, and so on for the second kill. */
export type Depth = readonly Choose[];

const NONE: Choose = () => [];

/** A disk that a kill left. */
interface Disk {
  readonly photo: Photo;
  /** How it came about: who was killed at which call, one after the other. */
  readonly history: string;
  /** What a recovery must come to, where one had begun. */
  readonly expected: GoodState | undefined;
}

/** Kills the victim of one scenario, and those who come after it. */
export class Explorer {
  readonly #scenario: KillScenario;
  readonly #scenes: KillScenes;
  /** What `recover` makes of each disk, by its fingerprint. */
  readonly #verdicts = new Map<string, Verdict>();
  /** Equal photos are kept once. */
  readonly #photos = new Map<string, Photo>();

  constructor(scenario: KillScenario, scenes: KillScenes) {
    this.#scenario = scenario;
    this.#scenes = scenes;
  }

  /** Whether a disk is one of those that were explored. */
  hasSeen({ fingerprint }: Photo): boolean {
    return this.#verdicts.has(fingerprint);
  }

  /**
   * What becomes of the victim where it is killed at each call; of each recovery after that, and each second try
   * of the same, where these are killed at each call; then again of each recovery.
   */
  async explore(depth: Depth): Promise<readonly Generation[]> {
    const { ends, isRecovery, start } = this.#scenario;
    const generations: Generation[] = [];
    let disks = await this.#killed(start, this.#tryOf, "victim", isRecovery ? ends : undefined);
    for (const choose of [...depth, NONE]) {
      const isFirst = generations.length === 0;
      const generation: Generation = { kills: 0, nothing: 0, everything: 0, disks: 0, broken: [] };
      const fresh: Disk[] = [];
      for (const disk of disks) if (await this.#visit(disk, generation)) fresh.push(disk);
      const next: Disk[] = [];
      for (const disk of choose(fresh)) {
        // A recovery goes on as it began, however often it is killed.
        const expected = this.#verdicts.get(disk.photo.fingerprint)?.state;
        next.push(...(await this.#killed(disk.photo, recoverIn, `${disk.history}, recover`, expected)));
        if (isFirst && !isRecovery) next.push(...(await this.#tryAgain(disk, generation)));
      }
      generations.push(generation);
      disks = next;
    }
    return generations;
  }

  /** Judges a disk and counts it. Gives whether it is a new one. */
  async #visit({ expected, history, photo }: Disk, generation: Generation): Promise<boolean> {
    const known = this.#verdicts.get(photo.fingerprint);
    const verdict = known ?? (await this.#scenes.inFolder(photo, (folder) => judge(this.#scenario, folder)));
    this.#verdicts.set(photo.fingerprint, verdict);
    if (known === undefined) generation.disks++;
    generation.kills++;
    const { state, why } = verdict;
    if (state === "broken") generation.broken.push(`${history}: ${why}`);
    else if (expected !== undefined && expected !== state) generation.broken.push(`${history}: ${state}`);
    else generation[state]++;
    return known === undefined;
  }

  readonly #tryOf = (folder: string): Order => this.#scenario.order(folder);

  /** A second try of the same above what the first one left must end as if there were nothing. */
  async #tryAgain({ history, photo }: Disk, generation: Generation): Promise<readonly Disk[]> {
    const { state, why } = await this.#scenes.inFolder(photo, async (folder) => {
      await obey(this.#tryOf(folder));
      return judge(this.#scenario, folder);
    });
    const { ends } = this.#scenario;
    if (state !== ends) generation.broken.push(`${history}, second try that was not killed: ${state} ${why}`);
    return this.#killed(photo, this.#tryOf, `${history}, second try`, undefined);
  }

  /** The disks that a process leaves when it is killed at each of its calls. */
  async #killed(
    start: Photo,
    order: (folder: string) => Order,
    who: string,
    expected: Verdict["state"] | undefined,
  ): Promise<readonly Disk[]> {
    if (expected === "broken") return [];
    const { exposures } = await this.#scenes.inFolder(start, (folder) => record(order(folder), folder));
    return exposures.map(({ photo, where }: Exposure) => {
      const known = this.#photos.get(photo.fingerprint) ?? photo;
      this.#photos.set(photo.fingerprint, known);
      return { photo: known, history: `${who} at ${where}`, expected };
    });
  }
}
