/**
 * Folders to restore into, and processes at work in them that want a restore to do harm: outside of them, or to
 * files that are not its own.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { snapshotTree } from "../files/tree.ts";
import { Scene, writeAt } from "./restore-scene.ts";

/** Foreign folders into which the bundle puts files. */
export const PREY = ["p0", "p1", "p2", "p3"] as const;

/** In each of them: files in the folder itself, and in one that the restore makes. */
const FILES = Array.from({ length: 20 }, (_, n) => n);

/** What the bundle holds: by far more calls in the prey than a restore needs to begin and to end. */
export const OUTPUTS: Readonly<Record<string, string>> = Object.fromEntries(
  PREY.flatMap((prey) => FILES.flatMap((n) => [`${prey}/f${n}`, `${prey}/made/g${n}`])).map((path) => [
    path,
    `ours ${path}\n`,
  ]),
);

const TREE = {
  links: Object.fromEntries(PREY.map((prey) => [`${prey}/made/l`, "../f0"])),
  emptyFolders: PREY.map((prey) => `${prey}/made/empty`),
};

const ATTACKER = fileURLToPath(new URL("race-attacker.mjs", import.meta.url));
const THEIRS = "theirs\n";

/** What attackers do: exchange folders for links to outside, or create what the restore is about to create. */
export type Attack = "exchange" | "create" | "create-new";

/** Attackers, and the link that turns them on one arena after the other. */
export abstract class Attacked implements AsyncDisposable {
  /** Nothing in it may be touched. */
  protected abstract readonly outsideFolder: string;
  protected readonly link: string;
  readonly #rest: string;
  #attackers: readonly Attacker[] = [];

  protected constructor(folder: string) {
    this.link = join(folder, "arena");
    this.#rest = join(folder, "rest");
    mkdirSync(this.#rest);
    this.calm();
  }

  /** Waits until all attackers are at work. */
  protected async face(attackers: readonly Attacker[]): Promise<void> {
    this.#attackers = attackers;
    await Promise.all(attackers.map((attacker) => attacker.said()));
  }

  /** Turns the attackers on an arena. */
  attack(arena: string): void {
    symlinkSync(arena, `${this.link}-next`);
    renameSync(`${this.link}-next`, this.link);
  }

  /** Turns the attackers on nothing. */
  calm(): void {
    this.attack(this.#rest);
  }

  /** Ends the attack, and gives how often it succeeded in its part. */
  async stop(): Promise<number> {
    this.calm();
    const counts = await Promise.all(this.#attackers.map((attacker) => attacker.stop()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** All that is outside, down to the moment when it was last touched: what came and went again shows. */
  outside(): string {
    return ["", ...snapshotTree(this.outsideFolder).keys()]
      .map((path) => {
        const stats = lstatSync(join(this.outsideFolder, path), { bigint: true });
        const { ctimeNs, ino, mtimeNs, nlink, size } = stats;
        return [path, ino, size, nlink, mtimeNs, ctimeNs].join(" ");
      })
      .join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#attackers.map((attacker) => attacker.end()));
  }
}

/** One attacked scene. Arenas are never cleaned up under attack: that would be the very mistake. */
export class Race extends Attacked {
  readonly scene: Scene;
  /** The same files, with links and empty folders among them. */
  readonly treeScene: Scene = new Scene(OUTPUTS, undefined, TREE);
  protected readonly outsideFolder: string;
  readonly #log: string;
  readonly #arenas: string[] = [];

  private constructor(scene: Scene) {
    super(scene.folder);
    this.scene = scene;
    this.outsideFolder = scene.outside;
    this.#log = join(scene.folder, "created");
    // What a naive restore would overwrite there, and a naive undo remove.
    writeAt(scene.outside, { f0: "ours p0/f0\n", f1: "precious\n", "made/g0": "ours p0/made/g0\n" });
  }

  /** Starts the attackers, and waits until all are at work. */
  static async start(attack: Attack): Promise<Race> {
    const race = new Race(new Scene(OUTPUTS));
    await race.face(race.#ordersOf(attack).map((order) => new Attacker(order)));
    return race;
  }

  #ordersOf(attack: Attack): readonly (readonly string[])[] {
    const { outside } = this.scene;
    const staging = ["staging", this.link, outside];
    const create = ["create", this.link, outside, this.#log];
    switch (attack) {
      case "exchange":
        return [["exchange", this.link, ...PREY], staging];
      case "create":
        return [
          // Through the other's link it would create something outside itself.
          [...create, ...Object.keys(OUTPUTS).filter((path) => !path.startsWith("p3/made/"))],
          [...create, "RESTORE_MANIFEST.json", "RESTORE_REPORT.json", "p3/made"],
        ];
      case "create-new":
        return [[...create, "new"], staging];
    }
  }

  /** Makes a folder with foreign files. The attackers are elsewhere still. */
  newArena(): string {
    const arena = join(this.scene.folder, `arena-${this.#arenas.length}`);
    for (const prey of PREY) {
      writeAt(join(arena, prey), { own: "other user\n" });
      symlinkSync(this.scene.outside, join(arena, `link-${prey}`));
    }
    this.#arenas.push(arena);
    return arena;
  }

  /** What attackers have created and what is no longer as they did. */
  overwritten(): readonly string[] {
    if (!existsSync(this.#log)) return [];
    const created = readFileSync(this.#log, "utf8").trimEnd().split("\n");
    return created.filter((path) => !isTheirs(path, this.scene.outside));
  }

  /** All arenas so far. The attack must be over. */
  get arenas(): readonly string[] {
    return this.#arenas;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    this.scene[Symbol.dispose]();
    this.treeScene[Symbol.dispose]();
  }
}

function isTheirs(path: string, outside: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() === true) return readlinkSync(path) === outside;
  return stats?.isFile() === true && readFileSync(path, "utf8") === THEIRS;
}

/** Puts back what attackers left exchanged, and takes away what they put in a new root's place. */
export function putBack(arena: string): void {
  const there = lstatSync(join(arena, "new"), { throwIfNoEntry: false });
  if (there?.isDirectory() === false) unlinkSync(join(arena, "new"));
  for (const name of readdirSync(arena)) {
    const [, place] = /^(?:spare|kept)-(.+)$/.exec(name) ?? [];
    if (place === undefined) continue;
    const there = lstatSync(join(arena, place), { throwIfNoEntry: false });
    if (there?.isSymbolicLink() === true) renameSync(join(arena, place), join(arena, `link-${place}`));
    if (there?.isDirectory() !== true) renameSync(join(arena, name), join(arena, place));
  }
}

/** How many files of the bundle there are in an arena, wherever they were moved. */
export function countOurs(arena: string): number {
  let count = 0;
  for (const [path, node] of snapshotTree(arena)) {
    if (node.type === "file" && readFileSync(join(arena, path), "utf8").startsWith("ours ")) count++;
  }
  return count;
}

/** Under attack anything may be away just now. */
export function attempt(step: () => void): void {
  try {
    step();
  } catch {
    return;
  }
}

/** One attacking process. */
export class Attacker {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(order: readonly string[], script: string = ATTACKER) {
    this.#process = spawn(process.execPath, [script, ...order], { stdio: ["ignore", "pipe", "inherit"] });
    if (this.#process.stdout === null) throw new Error("an attacker has no voice");
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  async said(): Promise<string> {
    const { value } = await this.#lines.next();
    return String(value);
  }

  async stop(): Promise<number> {
    this.#process.kill("SIGTERM");
    return Number(await this.said());
  }

  async end(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.kill("SIGKILL")) await once(this.#process, "exit");
  }
}
