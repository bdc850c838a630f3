import "../support/command/without-proc.ts";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SECOND_SEED } from "../support/bundles/bundle.ts";
import { Matrix, TAKES_ALL } from "../support/rings/matrix.ts";
import { AttackArena, attackObstacle } from "./attack-arena.ts";
import { ATTACKED, type AttackedCommand, type AttackPlace } from "./attack-commands.ts";
import { WriteCell } from "./write-cell.ts";

/** Runs of each command in each place. */
const TRIES = TAKES_ALL ? 200 : 4;

/** An attacker can keep a command waiting, which does no harm. The test interrupts the command then. */
const PATIENCE_MS = 5000;

/** A loaded machine takes ten times as long as an idle one. */
const TIMEOUT_MS = 900_000;

const obstacle = attackObstacle();
const arena = obstacle === undefined ? new AttackArena() : undefined;
const columns = ["tries", "exchanges", "done", "victim taken", "written outside"];
const matrix = new Matrix("another user attacks folders that are reached by path", columns);

afterAll(async () => {
  await arena?.[Symbol.asyncDispose]();
  if (arena !== undefined) matrix.print();
});

const COMMANDS = ATTACKED.filter(({ name }) => ["restore", "restore --mkdir", "undo"].includes(name));

/** Places in which root writes: the mode of the folder above the target, whether all is the attacker's, and whether root may go on. */
const PLACES = {
  "the folder above is closed to others": { isTheirs: false, mode: 0o755, isRefused: false },
  "the folder above is shared and sticky, as /tmp is": { isTheirs: false, mode: 0o1777, isRefused: false },
  "others may write to the folder above": { isTheirs: false, mode: 0o777, isRefused: true },
  "the folder is the attacker's": { isTheirs: true, mode: 0o755, isRefused: true },
} as const;

const CASES = Object.entries(PLACES).flatMap(([place, setting]) =>
  COMMANDS.map((command) => [command.name, place, command, setting] as const),
);

describe("another user attacks root where folders are reached by path", () => {
  it.for(CASES)(
    "%s, and %s: nothing changes outside",
    { timeout: TIMEOUT_MS },
    async ([name, where, command, { isRefused, isTheirs, mode }], { skip }) => {
      if (arena === undefined) return skip(obstacle);
      const folder = join(dirname(arena.safe), `${name} ${where}`.replaceAll(/\W+/g, "-"));
      mkdirSync(folder);
      const cell = new WriteCell(folder);
      const place = await prepare(arena, command, cell);
      const taken: string[] = [];
      let [done, exchanges] = [0, 0];
      for (let turn = 0; turn < TRIES; turn++) {
        cell.reset();
        const above = cell.at("place");
        chmodSync(above, mode);
        if (isTheirs) arena.handOver(cell.folder);
        const before = arena.untouchable();
        // An attacker who exchanges the path itself decides which folder is meant: it is resolved once.
        exchanges += await arena.during(isTheirs ? command.arena(cell) : above, async () => {
          const said = await cell.look(
            command.args(cell, place),
            { HOME: place.home },
            AbortSignal.timeout(PATIENCE_MS),
          );
          if (said["exit_code"] === 0) done++;
        });
        taken.push(...arena.changes(before));
        arena.heal();
      }
      const count = (which: string): number => taken.filter((what) => what === which).length;
      matrix.row(`${name}, ${where}`, TRIES, exchanges, done, count("victim"), count("outside"));
      expect(taken).toEqual([]);
      expect(done).toBe(isRefused ? 0 : TRIES);
    },
  );
});

/** Prepares the beginning of the command, and what root has out of reach. */
async function prepare(
  { safe }: AttackArena,
  command: AttackedCommand,
  cell: WriteCell,
): Promise<AttackPlace> {
  const place = { key: join(safe, "root.key"), home: join(safe, "home"), library: "" };
  mkdirSync(place.home, { recursive: true });
  writeFileSync(place.key, `${SECOND_SEED}\n`, { mode: 0o600 });
  await command.prepare(cell, place);
  cell.keep();
  return place;
}
