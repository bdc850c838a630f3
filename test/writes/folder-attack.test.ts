import { createPrivateKey } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SECOND_SEED } from "../support/bundles/bundle.ts";
import type { Facts } from "../support/command/cli.ts";
import { Matrix, TAKES_ALL } from "../support/rings/matrix.ts";
import { AttackArena, attackObstacle } from "./attack-arena.ts";
import { ATTACKED, type AttackedCommand, type AttackPlace } from "./attack-commands.ts";
import { buildFaults } from "./faulted-process.ts";
import { WriteCell } from "./write-cell.ts";

/** Runs of each command under attack. In a few, the attacker may come too late each time. */
const TRIES = TAKES_ALL ? 200 : 4;

/** An attacker can keep a command waiting, which does no harm. The test interrupts the command then. */
const PATIENCE_MS = 5000;

/** A loaded machine takes ten times as long as an idle one. */
const TIMEOUT_MS = 900_000;

/** Runs of the naive writer, at most: it is caught long before. */
const CONTROL_TRIES = 20_000;

const obstacle = attackObstacle();
const arena = obstacle === undefined ? new AttackArena() : undefined;
const columns = ["tries", "exchanges", "done", "victim taken", "written outside"];
const matrix = new Matrix("root in another's folder", columns);

afterAll(async () => {
  await arena?.[Symbol.asyncDispose]();
  if (arena !== undefined) matrix.print();
});

describe("root writes in a folder of another user, who exchanges what appears there for links (D1)", () => {
  it.for(ATTACKED.map((command) => [command.name, command] as const))(
    "%s: never touches a file or folder outside",
    { timeout: TIMEOUT_MS },
    async ([name, command], { skip }) => {
      if (arena === undefined) return skip(obstacle);
      const { looksUpFolders = false } = command;
      const toll = await attack(arena, command, looksUpFolders ? "calm" : "go");
      matrix.row(...rowOf(name, toll));
      if (looksUpFolders && TAKES_ALL)
        matrix.control(
          ...rowOf(`not promised: ${name}, folders exchanged`, await attack(arena, command, "go")),
        );
      const { exchanges, taken } = toll;
      expect(taken).toEqual([]);
      // Where others own the state folder, nothing is written.
      if (TAKES_ALL && !looksUpFolders) expect(exchanges).toBeGreaterThan(0);
    },
  );

  it("catches a writer that creates a file, then gives it away by its path", async ({ skip }) => {
    if (arena === undefined) return skip(obstacle);
    const folder = join(arena.theirs, "naive");
    mkdirSync(folder);
    arena.handOver(folder);
    const before = arena.untouchable();
    let [tries, exchanges] = [0, 0];
    for (; tries < CONTROL_TRIES && arena.changes(before).length === 0; tries++) {
      exchanges += await arena.during(folder, async () => replaceNaively(join(folder, `file-${tries}`)));
    }
    const taken = arena.changes(before);
    const counts = [tries, exchanges, tries - taken.length, taken.length, 0];
    matrix.control("control: create, chown by path, rename", ...counts);
    expect(taken).toEqual(["victim"]);
  });
});

interface Toll {
  readonly done: number;
  readonly exchanges: number;
  /** What was changed in each try that was taken. */
  readonly taken: readonly string[];
}

async function attack(arena: AttackArena, command: AttackedCommand, order: "go" | "calm"): Promise<Toll> {
  const { arena: arenaOf, args, begin, env, name, prepare } = command;
  const place = makePlace(arena);
  const folder = join(arena.theirs, `${name.replaceAll(/\W+/g, "-")}-${order}`);
  mkdirSync(folder);
  const cell = new WriteCell(folder);
  await prepare(cell, place);
  cell.keep();
  chownSync(folder, 65_534, 65_534);
  const act = async (): Promise<Facts> =>
    cell.look(args(cell, place), { HOME: place.home, ...env?.(cell) }, AbortSignal.timeout(PATIENCE_MS));
  const beginAnew = async (): Promise<void> => {
    cell.reset();
    await begin?.(cell, place);
    arena.handOver(cell.folder);
  };
  await beginAnew();
  const calm = await act();
  expect(calm, `without an attack: ${JSON.stringify(calm)}`).toMatchObject({ exit_code: 0 });
  const taken: string[] = [];
  let [done, exchanges] = [0, 0];
  for (let turn = 0; turn < TRIES; turn++) {
    await beginAnew();
    const before = arena.untouchable();
    const attacked = async (): Promise<void> => {
      if ((await act())["exit_code"] === 0) done++;
    };
    exchanges += await arena.during(arenaOf(cell), attacked, order);
    const changes = arena.changes(before);
    if (changes.length === 0) continue;
    taken.push(changes.join(", "));
    arena.heal();
  }
  return { done, exchanges, taken };
}

function makePlace({ safe }: AttackArena): AttackPlace {
  const key = join(safe, "root.key");
  const home = join(safe, "home");
  mkdirSync(home, { recursive: true });
  writeFileSync(key, `${SECOND_SEED}\n`, { mode: 0o600 });
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const der = Buffer.concat([prefix, Buffer.from(SECOND_SEED, "hex")]);
  const pem = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  writeFileSync(`${key}.pem`, pem.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  const built = buildFaults(safe);
  if (!("library" in built)) throw new Error(built.obstacle);
  return { key, home, library: built.library };
}

function rowOf(name: string, { done, exchanges, taken }: Toll): readonly [string, ...number[]] {
  const count = (which: string): number => taken.filter((what) => what.includes(which)).length;
  return [name, TRIES, exchanges, done, count("victim"), count("outside")];
}

/** What one would write without thinking of others in the folder. */
function replaceNaively(path: string): void {
  try {
    writeFileSync(`${path}.new`, "ours\n", { mode: 0o600 });
    chownSync(`${path}.new`, 65_534, 65_534);
    chmodSync(`${path}.new`, 0o644);
    renameSync(`${path}.new`, path);
  } catch {
    // The name may be gone under attack.
  }
}
