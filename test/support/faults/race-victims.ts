/**
 * What is attacked: the real restore, undo and recover, and beside each what one would write without thinking
 * of races.
 *
 * @module
 */

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { FileSystem } from "../../../src/node/system/files/file-system.ts";
import { dyingFileSystem } from "../files/dying-file-system.ts";
import { interceptFileSystem } from "../files/faulty-file-system.ts";
import { type Attack, attempt, OUTPUTS, PREY, type Race } from "./race-arena.ts";
import { recoverTarget, undoRestore } from "./restore-acts.ts";

/** One thing that is attacked. */
export interface Victim {
  readonly name: string;
  readonly attack: Attack;
  /** What is restored into. */
  root(arena: string): string;
  /** Brings an arena into the state that the victim begins with, unattacked. */
  prepare(race: Race, arena: string): Promise<unknown>;
  /** The real thing. */
  act(race: Race, arena: string, fs: FileSystem): Promise<unknown>;
  /** The same by plain paths. */
  naive(race: Race, arena: string): void;
}

const restored = (race: Race, arena: string): Promise<unknown> => race.scene.restore(arena);

/** A restore that was killed somewhere while it put its files in place. */
function killed(race: Race, arena: string): Promise<unknown> {
  const survives = Math.floor(Math.random() * Object.keys(OUTPUTS).length);
  const fs = dyingFileSystem(
    ({ args, name }) => name === "linkSync" && !String(args[1]).includes("lock"),
    survives,
  );
  return race.scene.restore(arena, fs);
}

const nothing = async (): Promise<void> => undefined;
const restore: Victim["act"] = (race, arena, fs) => race.scene.restore(arena, fs);
const undo: Victim["act"] = (_race, arena, fs) => undoRestore({ target: arena }, fs);
const recover: Victim["act"] = (_race, arena, fs) => recoverTarget({ target: arena }, fs);

const here = (arena: string): string => arena;
const RESTORE = { name: "restore", root: here, prepare: nothing, act: restore, naive: restoreNaively };
const RESTORE_TREE = {
  ...RESTORE,
  name: "restore a tree",
  act: (race: Race, arena: string, fs: FileSystem): Promise<unknown> => race.treeScene.restore(arena, fs),
};
const UNDO = { name: "undo", root: here, prepare: restored, act: undo, naive: removeNaively };
const RECOVER = { name: "recover", root: here, prepare: killed, act: recover, naive: removeNaively };

/** All of them, each under each attack. */
export const VICTIMS: readonly Victim[] = [
  { ...RESTORE, attack: "exchange" },
  { ...RESTORE, attack: "create" },
  { ...RESTORE_TREE, attack: "exchange" },
  { ...RESTORE_TREE, attack: "create" },
  {
    name: "restore, new root",
    attack: "create-new",
    root: (arena) => join(arena, "new"),
    prepare: nothing,
    act: (race, arena, fs) => race.scene.restore(join(arena, "new"), fs, { mkdir: true }),
    naive: (_race, arena) => makeNaively(arena),
  },
  { ...UNDO, attack: "exchange" },
  { ...UNDO, attack: "create" },
  { ...RECOVER, attack: "exchange" },
  { ...RECOVER, attack: "create" },
];

/** A port that counts the calls by name below a folder: each is one try of the attackers. */
export function countingFileSystem(root: string): { readonly fs: FileSystem; readonly tries: () => number } {
  const below = new Set<number>();
  let tries = 0;
  const fs = interceptFileSystem((call, proceed) => {
    const fd = Number(/^\/proc\/\d+\/fd\/(\d+)\//.exec(call.address)?.[1] ?? -1);
    if (call.name === "closeSync") below.delete(Number(call.args[0]));
    const isBelow = below.has(fd);
    if (isBelow) tries++;
    const answer = proceed();
    if (call.name === "openSync" && (isBelow || call.address === root)) below.add(Number(answer));
    return answer;
  });
  return { fs, tries: () => tries };
}

/** Looks whether all is inside and free, stages, makes folders, and renames. */
function restoreNaively(_race: Race, arena: string): void {
  attempt(() => {
    mkdirSync(join(arena, ".spectrum06_staging_naive"));
    for (const [path, content] of Object.entries(OUTPUTS)) {
      const to = join(arena, path);
      if (!realpathSync.native(join(arena, path.slice(0, 2))).startsWith(arena) || existsSync(to)) continue;
      writeFileSync(join(arena, ".spectrum06_staging_naive/f"), content);
      mkdirSync(dirname(to), { recursive: true });
      renameSync(join(arena, ".spectrum06_staging_naive/f"), to);
    }
  });
}

/** Fills a folder and gives it its name, after a look whether that is free. */
function makeNaively(arena: string): void {
  attempt(() => {
    const staging = join(arena, ".spectrum06_new_naive");
    mkdirSync(staging);
    for (const n of PREY.keys()) writeFileSync(join(staging, `n${n}`), "ours\n");
    renameSync(join(staging, "n0"), join(staging, "root"));
    if (!existsSync(join(arena, "new"))) renameSync(join(staging, "root"), join(arena, "new"));
  });
}

/** Looks whether all is as it was put there, and removes it by name, the folders with all that is in them. */
function removeNaively(_race: Race, arena: string): void {
  attempt(() => mkdirSync(join(arena, ".spectrum06_staging_naive")));
  for (const [path, content] of Object.entries(OUTPUTS)) {
    attempt(() => {
      if (lstatSync(join(arena, path.slice(0, 2))).isSymbolicLink()) return;
      if (readFileSync(join(arena, path), "utf8") === content) rmSync(join(arena, path));
    });
  }
  for (const prey of PREY) attempt(() => rmSync(join(arena, prey, "made"), { recursive: true, force: true }));
}
