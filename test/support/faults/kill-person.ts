/**
 * A person who goes on working in a folder where a process was killed, and recovers it later: whatever the person wrote must be there
 * after the recovery.
 *
 * @module
 */

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Choose } from "../rings/matrix.ts";
import { type Exposure, record } from "./kill-camera.ts";
import { obey } from "./kill-orders.ts";
import { type KillScenario, type KillScenes, recoverIn, targetIn } from "./kill-scenes.ts";

/** What a person does to a file that is there, or to a name that is free. */
const ACTS = ["edits", "replaces", "makes", "moves", "edits and moves", "deletes"] as const;
type Act = (typeof ACTS)[number];

/** How many kills were followed by a person, and what became of the person's bytes. */
export interface Going {
  readonly points: number;
  /** Recoveries that ended well at once, and those that named files in the way and ended well once these were away. */
  readonly well: number;
  readonly named: number;
  readonly lost: readonly string[];
}

/** A kill, what the person does then, and to how much. */
interface Point {
  readonly exposure: Exposure;
  readonly act: Act;
  /** All files that the act fits, or the one of this number. */
  readonly which: number | "all";
}

/** Recovers a folder. Gives the code of a failure. */
type Recover = (folder: string) => Promise<string | undefined>;

/** Kills a victim at each call that is chosen, lets the person act, and recovers. */
export async function letPersonGoOn(
  scenario: KillScenario,
  scenes: KillScenes,
  choose: Choose,
  recover: Recover = recoverWithCode,
): Promise<Going> {
  const { exposures } = await scenes.inFolder(scenario.start, (folder) =>
    record(scenario.order(folder), folder),
  );
  const points = exposures.flatMap((exposure, number) =>
    ACTS.flatMap((act): readonly Point[] => [
      { exposure, act, which: number },
      { exposure, act, which: "all" },
    ]),
  );
  const counts = { well: 0, named: 0, lost: [] as string[] };
  const chosen = choose(points);
  for (const point of chosen) {
    const end = await scenes.inFolder(point.exposure.photo, (folder) =>
      goOn(folder, point, namesOf(scenario), recover),
    );
    if (end.startsWith("lost"))
      counts.lost.push(`${point.act} ${point.which} at ${point.exposure.where}: ${end}`);
    else counts[end === "well" ? "well" : "named"]++;
  }
  return { points: chosen.length, ...counts };
}

/** All paths of files that a scenario has before or after it, below the folder that is restored into. */
function namesOf({ everything, nothing }: KillScenario): readonly string[] {
  const nodes = [...nothing.nodes, ...everything.nodes].filter(({ type }) => type === "file");
  return [...new Set(nodes.map(({ path }) => path))].filter((path) => path.startsWith("into/")).sort();
}

async function goOn(
  folder: string,
  { act, which }: Point,
  names: readonly string[],
  recover: Recover,
): Promise<string> {
  const target = targetIn(folder);
  const there = filesBelow(target);
  const fitting =
    act === "makes" ? names.map((path) => path.slice("into/".length)).filter(isFree(target)) : there;
  const taken =
    which === "all" ? fitting : fitting.slice(which % fitting.length, (which % fitting.length) + 1);
  const written = new Map<string, string>();
  for (const path of taken) doTo(target, path, act, written);
  const code = await recover(folder);
  const lost = lostOf(target, written);
  if (lost.length > 0) return `lost ${lost.join()} (${code})`;
  if (code === undefined) return "well";
  if (code !== "UNDO_TARGET_CHANGED" && code !== "RESTORE_UNRESOLVED") return `lost nothing, but ${code}`;
  return await putAway(folder, act, written, recover);
}

/** Moves away what is in the way, and removes what was only moved: it is the victim's. Then a recovery must end well. */
async function putAway(
  folder: string,
  act: Act,
  written: ReadonlyMap<string, string>,
  recover: Recover,
): Promise<string> {
  const mine = join(folder, "mine");
  mkdirSync(mine);
  for (const [number, path] of [...written.keys()].entries()) {
    const address = join(targetIn(folder), path);
    if (act === "moves") rmSync(address);
    else renameSync(address, join(mine, String(number)));
  }
  const code = await recover(folder);
  return code === undefined ? "named" : `lost nothing, but ${code} once all was put away`;
}

const MOVED = ".moved";

function doTo(target: string, path: string, act: Act, written: Map<string, string>): void {
  const address = join(target, path);
  const text = `what a person wrote into ${path}\n`;
  switch (act) {
    case "edits":
    case "makes":
      writeFileSync(address, text);
      written.set(path, text);
      return;
    case "replaces":
      writeFileSync(`${address}.tmp`, text);
      renameSync(`${address}.tmp`, address);
      written.set(path, text);
      return;
    case "edits and moves":
      writeFileSync(address, text);
      renameSync(address, address + MOVED);
      written.set(path + MOVED, text);
      return;
    case "moves":
      written.set(path + MOVED, readFileSync(address, "latin1"));
      renameSync(address, address + MOVED);
      return;
    case "deletes":
      rmSync(address);
      return;
  }
}

function lostOf(target: string, written: ReadonlyMap<string, string>): readonly string[] {
  return [...written].flatMap(([path, text]) => (contentOf(join(target, path)) === text ? [] : [path]));
}

function contentOf(address: string): string | undefined {
  try {
    return readFileSync(address, "latin1");
  } catch {
    return undefined;
  }
}

/** The files that a person sees, not those in a staging folder. */
function filesBelow(target: string): readonly string[] {
  const entries = readdirSync(target, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1))
    .filter((path) => !path.startsWith(".spectrum06_"))
    .sort();
}

/** Whether a name is free, in a folder that is there and behind no link. */
function isFree(target: string): (path: string) => boolean {
  const folders = readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const known = new Set([target, ...folders]);
  return (path) => {
    const address = join(target, path);
    return known.has(dirname(address)) && lstatSync(address, { throwIfNoEntry: false }) === undefined;
  };
}

async function recoverWithCode(folder: string): Promise<string | undefined> {
  const outcome = await obey(recoverIn(folder));
  return outcome.ok ? undefined : (outcome.code ?? "no code");
}

/** What not to do, as a control: remove what is the inode of a staged file, whatever is in it by now. */
export async function recoverByInodes(folder: string): Promise<string | undefined> {
  const target = targetIn(folder);
  const staged = new Set(
    readdirSync(target)
      .filter((name) => name.startsWith(".spectrum06_staging_"))
      .flatMap((name) => stagedIn(join(target, name)))
      .map((address) => statSync(address).ino),
  );
  for (const path of filesBelow(target))
    if (staged.has(statSync(join(target, path)).ino)) rmSync(join(target, path));
  return recoverWithCode(folder);
}

function stagedIn(staging: string): readonly string[] {
  const names = readdirSync(staging).filter((name) => /^f\d+$/.test(name));
  return names.map((name) => join(staging, name)).filter((address) => lstatSync(address).isFile());
}
