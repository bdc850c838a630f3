import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { countingFileSystem } from "../support/faults/race-victims.ts";
import { REVERT_VICTIMS, RevertRace, type RevertVictim } from "../support/faults/revert-race.ts";
import { Matrix, TAKES_ALL } from "../support/rings/matrix.ts";

/** Calls of all victims together that are made under attack. */
const TRIES = TAKES_ALL ? 104_000 : 8_000;
const ROW_TRIES = Math.ceil(TRIES / REVERT_VICTIMS.length);

/** Runs of what is known to be wrong, until it is caught, and how many have the same attackers. */
const CONTROL_RUNS = 2_000;
const CONTROL_BATCH = 4;

const SLOW = 600_000;

const matrix = new Matrix("reverts under attack", [
  ...["tries", "runs", "attacks", "escaped", "lost", "broken", "control caught in run"],
]);

afterAll(() => matrix.print());

describe("other processes at work in a folder that is reverted (GUARD 2.6)", () => {
  it.each(REVERT_VICTIMS)(
    "$name, under attack by $attack: nothing outside is touched, and no byte that was written is lost",
    async (victim) => {
      const [tries, runs, attacks, escaped, lost, broken] = await underAttack(victim);
      const caught = await catchNaive(victim);
      const counts = [tries, runs, attacks, escaped, lost.length, broken.length, caught];
      matrix.row(`${victim.name}, ${victim.attack}`, ...counts);
      expect({ escaped, lost, broken }).toEqual({ escaped: 0, lost: [], broken: [] });
      expect(tries).toBeGreaterThanOrEqual(ROW_TRIES);
      expect(attacks).toBeGreaterThan(0);
      expect(caught).toBeGreaterThan(0);
    },
    SLOW,
  );

  it.each(["exchange", "save"] as const)(
    "a control that harms nothing is not caught: %s",
    async (attack) => {
      const naive = (_race: RevertRace, arena: string): void => {
        mkdirSync(join(arena, ".spectrum06_staging_00000000-0000-4000-8000-000000000000"));
        // Until the attackers are at work.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * 2);
      };
      expect(await catchNaive({ attack, naive }, CONTROL_BATCH * 5)).toBe(0);
    },
    SLOW,
  );
});

async function underAttack(
  victim: RevertVictim,
): Promise<
  readonly [
    tries: number,
    runs: number,
    attacks: number,
    escaped: number,
    lost: readonly string[],
    broken: readonly string[],
  ]
> {
  await using race = await RevertRace.start(victim.attack, "any");
  const arenas: string[] = [];
  let outside = race.outside();
  let [tries, escaped] = [0, 0];
  // The moment for which an attacker waits does not come in each run.
  while (tries < ROW_TRIES || (victim.attack !== "exchange" && !race.hasWritten)) {
    const arena = race.newArena();
    arenas.push(arena);
    await victim.prepare(race, arena);
    const counting = countingFileSystem(arena);
    race.attack(arena);
    await victim.act(race, arena, counting.fs);
    race.calm();
    tries += counting.tries();
    const now = race.outside();
    if (now !== outside) escaped++;
    outside = now;
  }
  const attacks = await race.stop();
  const lost = arenas.flatMap((arena) => race.lost(arena));
  const broken: string[] = [];
  for (const arena of arenas) if (!(await race.isWhole(arena))) broken.push(arena);
  return [tries, arenas.length, attacks, escaped, lost, broken];
}

/** The number of the run in which something outside was touched or a byte was lost; 0 if none was. */
async function catchNaive(
  victim: Pick<RevertVictim, "attack" | "naive">,
  runs: number = CONTROL_RUNS,
): Promise<number> {
  for (let done = 0; done < runs; done += CONTROL_BATCH) {
    const caught = await catchInBatch(victim);
    if (caught > 0) return done + caught;
  }
  return 0;
}

/** Looks for lost bytes once the attackers have ended: in an arena that they have just left, they may be about to write or rename. */
async function catchInBatch({ attack, naive }: Pick<RevertVictim, "attack" | "naive">): Promise<number> {
  await using race = await RevertRace.start(attack, "first");
  const arenas: string[] = [];
  const outside = race.outside();
  while (arenas.length < CONTROL_BATCH) {
    const arena = race.newArena();
    arenas.push(arena);
    race.attack(arena);
    naive(race, arena);
    race.calm();
    if (race.outside() !== outside) return arenas.length;
  }
  await race.stop();
  return arenas.findIndex((arena) => race.lost(arena).length > 0) + 1;
}
