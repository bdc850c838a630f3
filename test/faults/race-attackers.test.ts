import { afterAll, describe, expect, it } from "vitest";
import { countOurs, OUTPUTS, putBack, Race } from "../support/faults/race-arena.ts";
import { countingFileSystem, VICTIMS, type Victim } from "../support/faults/race-victims.ts";
import { recoverTarget } from "../support/faults/restore-acts.ts";
import { Matrix, TAKES_ALL } from "../support/rings/matrix.ts";

/** Calls of all victims together that are made under attack. */
const TRIES = TAKES_ALL ? 1_000_000 : 20_000;

const ROW_TRIES = Math.ceil(TRIES / VICTIMS.length);

/** Runs of what is known to be wrong, until it is caught. */
const CONTROL_RUNS = 20_000;

/** What came of one row. */
interface Tally {
  readonly tries: number;
  readonly runs: number;
  /** How often attackers did what they do. */
  readonly attacks: number;
  /** Runs after which something outside was not as before. */
  readonly escaped: number;
  /** Files of the attackers that were replaced or removed. */
  readonly overwritten: number;
  /** Folders in which, after a recovery, there is a part of the restore. */
  readonly broken: number;
}

const matrix = new Matrix("restores under attack", [
  ...["tries", "runs", "attacks", "escaped", "overwritten", "broken", "control caught in run"],
]);

afterAll(() => matrix.print());

describe("attackers in a tight loop, in processes of their own (SECURITY 1, 2 and 8.5; H-03, H-04)", () => {
  it.each(VICTIMS)(
    "$name, under attack by $attack: nothing outside or of another's is touched",
    async (victim) => {
      const tally = await underAttack(victim);
      const caught = await catchNaive(victim);
      matrix.row(`${victim.name}, ${victim.attack}`, ...Object.values(tally), caught);
      expect(tally).toMatchObject({ escaped: 0, overwritten: 0, broken: 0 });
      expect(tally.tries).toBeGreaterThanOrEqual(ROW_TRIES);
      expect(tally.attacks).toBeGreaterThan(0);
      expect(caught).toBeGreaterThan(0);
    },
  );
});

async function underAttack(victim: Victim): Promise<Tally> {
  await using race = await Race.start(victim.attack);
  let outside = race.outside();
  let [tries, escaped] = [0, 0];
  while (tries < ROW_TRIES) {
    const arena = race.newArena();
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
  const { arenas } = race;
  const overwritten = race.overwritten().length;
  let broken = 0;
  for (const arena of arenas) if (!(await isWhole(victim, arena))) broken++;
  return { tries, runs: arenas.length, attacks, escaped, overwritten, broken };
}

/** Whether a recovery brings an arena into one of the two good states. */
async function isWhole(victim: Victim, arena: string): Promise<boolean> {
  putBack(arena);
  const recovered = await recoverTarget({ target: victim.root(arena) });
  const count = countOurs(arena);
  return recovered.ok && (count === 0 || count === Object.keys(OUTPUTS).length);
}

/** The attack on what is known to be wrong makes the zeros above worth something. Gives the run in which it works; 0 if in none. */
async function catchNaive(victim: Victim): Promise<number> {
  await using race = await Race.start(victim.attack);
  const outside = race.outside();
  for (let run = 1; run <= CONTROL_RUNS; run++) {
    const arena = race.newArena();
    await victim.prepare(race, arena);
    race.attack(arena);
    victim.naive(race, arena);
    race.calm();
    if (race.outside() !== outside || race.overwritten().length > 0) return run;
  }
  return 0;
}
