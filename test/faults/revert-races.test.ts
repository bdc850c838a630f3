import { afterAll, describe, expect, it } from "vitest";
import { countingFileSystem } from "../support/faults/race-victims.ts";
import { REVERT_VICTIMS, RevertRace, type RevertVictim } from "../support/faults/revert-race.ts";
import { Matrix, TAKES_ALL } from "../support/rings/matrix.ts";

/** Calls of all victims together that are made under attack. */
const TRIES = TAKES_ALL ? 104_000 : 8_000;
const ROW_TRIES = Math.ceil(TRIES / REVERT_VICTIMS.length);

/** Runs of what is known to be wrong, until it is caught. */
const CONTROL_RUNS = 2_000;

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
async function catchNaive(victim: RevertVictim): Promise<number> {
  await using race = await RevertRace.start(victim.attack, "first");
  const outside = race.outside();
  for (let run = 1; run <= CONTROL_RUNS; run++) {
    const arena = race.newArena();
    race.attack(arena);
    victim.naive(race, arena);
    race.calm();
    if (race.outside() !== outside || race.lost(arena).length > 0) return run;
  }
  return 0;
}
