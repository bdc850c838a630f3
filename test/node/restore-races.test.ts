import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { RestoreOutcome } from "../../src/node/restore/restore-outcome.ts";
import { interceptFileSystem, puts, systemError } from "../support/faulty-file-system.ts";
import { Scene, UNCHANGED } from "../support/restore-scene.ts";
import { compareSnapshots, snapshotTree } from "../support/tree.ts";

const ATTACKER = fileURLToPath(new URL("../support/race-attacker.mjs", import.meta.url));

/** The prey is a folder that was there, and holds a file, a folder, and a file in it. */
const OUTPUTS = { "a.txt": "alpha\n", "prey/b.txt": "beta\n", "prey/deep/c.txt": "gamma\n" };

/** A scene, and an attacker at work in the arena of the moment. */
class Race implements AsyncDisposable {
  readonly scene: Scene = new Scene(OUTPUTS);
  readonly #arena: string = join(this.scene.folder, "arena");
  readonly #attacker: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    this.nextArena();
    this.#attacker = spawn(process.execPath, [ATTACKER, this.#arena], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (this.#attacker.stdout === null) throw new Error("the attacker has no voice");
    this.#lines = createInterface(this.#attacker.stdout)[Symbol.asyncIterator]();
  }

  /** Waits until the attack is on. */
  async start(): Promise<void> {
    await this.#lines.next();
  }

  /** Makes a new folder to restore into and turns the attacker on it. */
  nextArena(): string {
    const target = this.scene.existingTarget({ "prey/own.txt": "somebody's\n" });
    symlinkSync(this.scene.outside, join(target, "link"));
    symlinkSync(target, `${this.#arena}-next`);
    renameSync(`${this.#arena}-next`, this.#arena);
    return target;
  }

  /** Ends the attack and gives how often folder and link were exchanged. */
  async stop(): Promise<number> {
    this.#attacker.kill("SIGTERM");
    const { value } = await this.#lines.next();
    return Number(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#attacker.exitCode === null && this.#attacker.kill("SIGKILL"))
      await once(this.#attacker, "exit");
    this.scene[Symbol.dispose]();
  }
}

/** The last thing that can fail does, so that everything is taken back while the attack goes on. */
const failingLate = interceptFileSystem((call, proceed) => {
  if (puts("RESTORE_REPORT.json")(call)) throw systemError("EIO", call.name);
  return proceed();
});

/** Our files in a folder and below, wherever they were moved to. */
function ours(target: string): readonly string[] {
  const names = new Set([
    ...Object.keys(OUTPUTS).map((path) => path.split("/").at(-1)),
    "RESTORE_MANIFEST.json",
  ]);
  return [...snapshotTree(target).keys()].filter((path) => names.has(path.split("/").at(-1)));
}

describe("a folder exchanged for a link to outside in a tight loop (SECURITY 8.5, H-04)", () => {
  it("never leads a restore, or its rollback, outside", async () => {
    await using race = new Race();
    const outside = snapshotTree(race.scene.outside);
    await race.start();
    const runs: { readonly target: string; readonly outcome: RestoreOutcome }[] = [];
    for (let run = 0; run < 200; run++) {
      const target = race.nextArena();
      const outcome = await race.scene.restore(target, run % 2 === 0 ? undefined : failingLate);
      runs.push({ target, outcome });
    }
    expect(await race.stop()).toBeGreaterThan(0);
    expect(compareSnapshots(outside, snapshotTree(race.scene.outside))).toEqual(UNCHANGED);
    const unclean = runs.filter(({ outcome, target }) => !outcome.ok && ours(target).length > 0);
    expect(unclean.map(({ outcome }) => outcome.code)).toEqual([]);
  });

  it("leads a restore by plain paths outside, though it looked before (control)", async () => {
    await using race = new Race();
    const isOutside = (): boolean => readdirSync(race.scene.outside).length > 1;
    await race.start();
    for (let run = 0; run < 10_000 && !isOutside(); run++) {
      restoreNaively(race.nextArena(), `prey/deep-${run}`);
    }
    expect(isOutside()).toBe(true);
  });
});

/** What one would write without thinking of races: look whether all is inside, then make folders and move files. */
function restoreNaively(target: string, below: string): void {
  const staged = join(target, "staged");
  for (let file = 0; file < 20; file++) {
    try {
      if (file === 0 && !realpathSync.native(join(target, "prey")).startsWith(target)) return;
      writeFileSync(staged, "alpha\n");
      mkdirSync(join(target, below), { recursive: true });
      renameSync(staged, join(target, below, `${file}.txt`));
    } catch {
      // The prey was away just now.
    }
  }
}
