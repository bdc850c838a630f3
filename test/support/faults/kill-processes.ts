/**
 * What becomes of real processes that are killed in one scenario, and whether the simulation knows all that
 * they leave (kill-explore.ts).
 *
 * @module
 */

import { availableParallelism } from "node:os";
import type { Choose } from "../rings/matrix.ts";
import { Explorer } from "./kill-explore.ts";
import { type Identities, identitiesIn, judge } from "./kill-judge.ts";
import { photograph } from "./kill-photo.ts";
import type { KillScenario, KillScenes } from "./kill-scenes.ts";
import { type KillPoint, killAt, listKillPoints, type Victim } from "./kill-strace.ts";

/** What became of them. */
export interface Toll {
  /** At how many calls one can be killed, and at how many one was. */
  points: number;
  kills: number;
  nothing: number;
  everything: number;
  /** Kills that left a disk which the simulation doesn't know. */
  readonly unforeseen: string[];
  /** What is wrong with each that is broken. */
  readonly broken: string[];
}

/** How often to aim at one call. */
const ATTEMPTS = 20;

/** Kills one scenario's victims. */
export class ProcessKiller {
  readonly #scenario: KillScenario;
  readonly #scenes: KillScenes;
  readonly #explorer: Explorer;
  readonly #isExplored: boolean;
  readonly #toll: Toll = { points: 0, kills: 0, nothing: 0, everything: 0, unforeseen: [], broken: [] };

  /** `explorer` knows the disks that kills of the scenario leave, where it explored them before. */
  constructor(scenario: KillScenario, scenes: KillScenes, explorer?: Explorer) {
    this.#scenario = scenario;
    this.#scenes = scenes;
    this.#explorer = explorer ?? new Explorer(scenario, scenes);
    this.#isExplored = explorer !== undefined;
  }

  /** Kills one at each of the chosen calls. */
  async kill(choose: Choose): Promise<Toll> {
    if (!this.#isExplored) await this.#explorer.explore([]);
    const points = await this.#inFolder((folder) => listKillPoints(this.#victimIn(folder)));
    this.#toll.points = points.length;
    const pending = [...choose(points)];
    const work = async (): Promise<void> => {
      for (let point = pending.pop(); point !== undefined; point = pending.pop()) await this.#killAt(point);
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
    return this.#toll;
  }

  async #killAt(point: KillPoint): Promise<void> {
    let aim: KillPoint | undefined = point;
    for (let attempt = 0; attempt < ATTEMPTS && aim !== undefined; attempt++) aim = await this.#aimAt(aim);
    if (aim !== undefined) throw new Error(`no process could be killed at ${JSON.stringify(point)}`);
  }

  /** Gives what to aim at next, where it went astray. */
  #aimAt(aim: KillPoint): Promise<KillPoint | undefined> {
    return this.#inFolder(async (folder) => {
      const owned = identitiesIn(folder, this.#scenario);
      const next = await killAt(aim, this.#victimIn(folder));
      if (next === undefined) await this.#count(`${aim.at} (${aim.name})`, folder, owned);
      return next;
    });
  }

  async #count(where: string, folder: string, owned: Identities): Promise<void> {
    const { ends, isRecovery } = this.#scenario;
    this.#toll.kills++;
    if (!this.#explorer.hasSeen(photograph(folder))) this.#toll.unforeseen.push(where);
    const { state, why } = await judge(this.#scenario, folder, owned);
    const isAstray = isRecovery && state !== ends;
    if (state === "broken" || isAstray) this.#toll.broken.push(`${where}: ${state} ${why}`);
    else this.#toll[state]++;
  }

  #inFolder<Value>(use: (folder: string) => Promise<Value>): Promise<Value> {
    return this.#scenes.inFolder(this.#scenario.start, use);
  }

  #victimIn(folder: string): Victim {
    return { order: this.#scenario.order(folder), log: `${folder}.strace` };
  }
}
