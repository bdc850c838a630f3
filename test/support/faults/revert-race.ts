/**
 * Folders to revert, and processes at work in them: they exchange folders for links to outside, save files by rename, create files at
 * names that are free for a moment, and fill folders that are about to go.
 *
 * @module
 */

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FileSystem } from "../../../src/node/system/files/file-system.ts";
import { dyingFileSystem } from "../files/dying-file-system.ts";
import { makeFolder, removeTree, snapshotTree } from "../files/tree.ts";
import { Attacked, Attacker, attempt, putBack } from "./race-arena.ts";
import { recoverTarget } from "./restore-acts.ts";
import {
  type Entries,
  layOutEntries,
  planBetween,
  type RevertOrder,
  revertFolder,
  writeObjects,
} from "./revert-scene.ts";

/** What the attackers of a race do. */
export type RevertAttack = "exchange" | "save" | "create" | "fill";

/** When files are written: as soon as a revert is at work, or at another moment in each arena. */
export type AttackMoment = "first" | "any";

const PREY = ["p0", "p1", "p2", "p3"] as const;
const FILES = Array.from({ length: 12 }, (_, number) => number);

function treeOf(when: "after" | "before"): Entries {
  const entries = PREY.flatMap((prey): (readonly [string, Entries[string]])[] => [
    [prey, 0o755],
    [`${prey}/kept`, "kept\n"],
    ...FILES.map((number) => [`${prey}/f${number}`, `${when} ${number}\n`] as const),
    [`${prey}/link`, { link: when }],
    [`${prey}/${when}-only`, 0o755],
    ...FILES.map((number) => [`${prey}/${when}-only/g${number}`, `${when} only\n`] as const),
  ]);
  return Object.fromEntries(entries);
}

const AFTER = treeOf("after");
const BEFORE = treeOf("before");
const PLAN = planBetween(AFTER, BEFORE);
const MOVED = PLAN.moves.map(({ path }) => path);

const SCRIPT = fileURLToPath(new URL("revert-attacker.mjs", import.meta.url));

/** One attacked scene. */
export class RevertRace extends Attacked {
  protected readonly outsideFolder: string;
  readonly #folder: string;
  readonly #objects: string;
  readonly #log: string;
  #arenas = 0;

  private constructor(folder: string) {
    super(folder);
    this.#folder = folder;
    this.outsideFolder = join(folder, "outside");
    this.#objects = join(folder, "objects");
    this.#log = join(folder, "written");
    mkdirSync(this.outsideFolder);
    for (const number of FILES) writeFileSync(join(this.outsideFolder, `f${number}`), `after ${number}\n`);
    mkdirSync(join(this.outsideFolder, "after-only"));
    writeFileSync(this.#log, "");
    writeObjects(this.#objects, BEFORE);
  }

  /** Starts the attackers, and waits until all are at work. */
  static async start(attack: RevertAttack, when: AttackMoment): Promise<RevertRace> {
    const race = new RevertRace(makeFolder());
    await race.face(race.#start(attack, when));
    return race;
  }

  #start(attack: RevertAttack, when: AttackMoment): readonly Attacker[] {
    if (attack === "exchange") {
      return [
        new Attacker(["exchange", this.link, ...PREY]),
        new Attacker(["staging", this.link, this.outsideFolder]),
      ];
    }
    const going = PREY.flatMap((prey) => [`${prey}/after-only`, `${prey}/before-only`]);
    const paths = attack === "fill" ? going : MOVED;
    return [new Attacker([attack, this.link, this.#log, when, ...paths], SCRIPT)];
  }

  /** Makes a folder that a command changed. */
  newArena(): string {
    const arena = join(this.#folder, `arena-${this.#arenas++}`);
    layOutEntries(arena, AFTER);
    for (const prey of PREY) symlinkSync(this.outsideFolder, join(arena, `link-${prey}`));
    return arena;
  }

  /** Whether an attacker wrote a file so far, in any arena. */
  get hasWritten(): boolean {
    return readFileSync(this.#log, "utf8") !== "";
  }

  /** What attackers wrote below an arena: the bytes and the path. */
  written(arena: string): ReadonlyMap<string, string> {
    const lines = readFileSync(this.#log, "utf8").split("\n");
    const pairs = lines.map((line) => line.split("\t"));
    return new Map(
      pairs.flatMap(([bytes = "", path = ""]) =>
        path.startsWith(`${arena}/`) ? [[bytes, path.slice(arena.length + 1)] as const] : [],
      ),
    );
  }

  /** Files of attackers whose bytes are nowhere in an arena any more. */
  lost(arena: string): readonly string[] {
    const found = new Set(filesIn(arena).values());
    return [...this.written(arena).keys()].filter((bytes) => !found.has(bytes));
  }

  /**
   * Frees the places that attackers took, recovers, and looks: everything that no attacker wrote to is as before the revert, or
   * everything is as after it.
   */
  async isWhole(arena: string): Promise<boolean> {
    putBack(arena);
    const written = this.written(arena);
    for (const [path, bytes] of filesIn(arena)) {
      if (written.has(bytes) && !path.startsWith(".spectrum06_")) unlinkSync(join(arena, path));
    }
    const recovered = await recoverTarget({ target: arena });
    if (!recovered.ok) return false;
    const attacked = new Set(written.values());
    const found = filesIn(arena);
    const isLike = (entries: Entries): boolean => {
      const paths = new Set([...Object.keys(AFTER), ...Object.keys(BEFORE)]);
      return [...paths].every((path) => {
        const entry = entries[path];
        if (attacked.has(path) || typeof (entry ?? AFTER[path] ?? BEFORE[path]) !== "string") return true;
        return found.get(path) === entry;
      });
    };
    return isLike(AFTER) || isLike(BEFORE);
  }

  /** The revert of an arena. */
  order(arena: string): RevertOrder {
    return { target: arena, objects: this.#objects, plan: PLAN };
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    removeTree(this.#folder);
  }
}

/** The bytes of all files in a folder, those in staging too. */
function filesIn(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [path, { type }] of snapshotTree(folder)) {
    if (type === "file") found.set(path, readFileSync(join(folder, path), "utf8"));
  }
  return found;
}

/** One thing that is attacked. */
export interface RevertVictim {
  readonly name: string;
  readonly attack: RevertAttack;
  /** Brings an arena into the state that the victim begins with, unattacked. */
  prepare(race: RevertRace, arena: string): Promise<unknown>;
  act(race: RevertRace, arena: string, fs: FileSystem): Promise<unknown>;
  /** The same by plain paths and without a journal. */
  naive(race: RevertRace, arena: string): void;
}

const ATTACKS: readonly RevertAttack[] = ["exchange", "save", "create", "fill"];

/** A revert that was killed somewhere while it moved things aside or put things in place. */
function killed(race: RevertRace, arena: string): Promise<unknown> {
  const survives = Math.floor(Math.random() * (PLAN.moves.length + PLAN.puts.length));
  const fits = ({ args, name }: { readonly args: readonly unknown[]; readonly name: string }): boolean =>
    (name === "renameSync" && String(args[1]).includes("/o")) ||
    (name === "linkSync" && String(args[0]).includes("/f") && !String(args[1]).includes("lock"));
  return revertFolder(race.order(arena), dyingFileSystem(fits, survives));
}

/** A revert and a recovery under each attack. */
export const REVERT_VICTIMS: readonly RevertVictim[] = ATTACKS.flatMap((attack): RevertVictim[] => [
  {
    name: "revert",
    attack,
    prepare: async () => undefined,
    act: (race, arena, fs) => revertFolder(race.order(arena), fs),
    naive: (_race, arena) => revertNaively(arena),
  },
  {
    name: "recover a revert",
    attack,
    prepare: killed,
    act: (_race, arena, fs) => recoverTarget({ target: arena }, fs),
    naive: (_race, arena) => revertNaively(arena),
  },
]);

/** Looks, then writes beside and renames over, removes files, and removes folders with all that is in them. */
function revertNaively(arena: string): void {
  const staging = join(arena, ".spectrum06_staging_00000000-0000-4000-8000-000000000000");
  mkdirSync(staging, { recursive: true });
  for (const { path } of PLAN.moves) {
    const entry = BEFORE[path];
    attempt(() => {
      if (lstatSync(join(arena, dirname(path))).isSymbolicLink()) return;
      if (typeof entry !== "string") return rmSync(join(arena, path));
      writeFileSync(join(staging, "f"), entry);
      renameSync(join(staging, "f"), join(arena, path));
    });
  }
  for (const { path } of PLAN.gone) attempt(() => rmSync(join(arena, path), { recursive: true }));
  for (const { path, state } of PLAN.puts) {
    attempt(() => {
      mkdirSync(dirname(join(arena, path)), { recursive: true });
      const entry = BEFORE[path];
      if (state.kind === "link") symlinkSync(state.target, join(arena, path));
      else if (!existsSync(join(arena, path))) writeFileSync(join(arena, path), String(entry));
    });
  }
  attempt(() => {
    if (readdirSync(staging).length === 0) rmSync(staging, { recursive: true });
  });
}
