/**
 * Commands that remove a private key: what is left is the whole key, a private key that says that it is unfinished, or nothing.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { FIRST_SEED, SECOND_SEED } from "../support/bundles/bundle.ts";
import { type Facts, namesIn } from "../support/command/cli.ts";
import { filesBelow, placeKey, publicKeyOf, textOf } from "./home-files.ts";
import type { WriteCell } from "./write-cell.ts";
import type { Ended, WriteScenario } from "./write-matrix.ts";

const REMOVE = ["key", "rm", "alice", "--yes"];
const ALICE = `alice runseal-ed25519 ${publicKeyOf(FIRST_SEED)}\n`;
const BOB = `bob runseal-ed25519 ${publicKeyOf(SECOND_SEED)}\n`;

export const KEY_REMOVE_SCENARIOS: readonly WriteScenario[] = [
  removing("key rm", placeBoth),
  removing("key rm, no public file", (cell) => {
    placeBoth(cell);
    rmSync(join(cell.config, "keys/alice.pub"));
  }),
];

function removing(name: string, place: (cell: WriteCell) => void): WriteScenario {
  return { name, prepare: async (cell) => place(cell), args: () => REMOVE, judge: judgeRemoved };
}

function placeBoth(cell: WriteCell): void {
  placeKey(cell, "alice", FIRST_SEED);
  placeKey(cell, "bob", SECOND_SEED);
}

/** Which halves of the key are there. */
type Halves = "both" | "private" | "none" | "broken";

function halvesOf(cell: WriteCell): Halves {
  const [key, line] = ["key", "pub"].map((end) => textOf(join(cell.config, `keys/alice.${end}`)));
  if (key === undefined) return line === undefined ? "none" : "broken";
  if (key !== `${FIRST_SEED}\n`) return "broken";
  return line === undefined ? "private" : line === ALICE ? "both" : "broken";
}

async function judgeRemoved(cell: WriteCell, { exitCode }: Ended): Promise<readonly string[]> {
  const problems: string[] = [];
  const left = halvesOf(cell);
  if (left === "broken") problems.push("a public key without its private key, or a key that is not whole");
  if (exitCode === 0 && left !== "none") problems.push(`exit 0, and ${left} left`);
  const listed = await cell.look(["key", "list"]);
  if (listed["ok"] !== true) problems.push(`key list says ${listed["code"]}`);
  if ((left === "both") !== namesOf(listed, "keys").includes("alice"))
    problems.push(`key list is wrong about a key of which ${left} is left`);
  if ((left === "private") !== namesOf(listed, "unfinished").includes("alice"))
    problems.push(`key list is wrong about an unfinished key of which ${left} is left`);
  const again = await cell.run([...REMOVE, "--json"]);
  const { code } = JSON.parse(again.stdout) as { readonly code?: unknown };
  if (code !== (left === "none" ? "KEY_NOT_FOUND" : "OK"))
    problems.push(`the same command again says ${code}`);
  if (halvesOf(cell) !== "none") problems.push(`after the same command again ${halvesOf(cell)} is left`);
  for (const path of filesBelow(cell.folder))
    if (textOf(cell.at(path))?.includes(FIRST_SEED) === true) problems.push(`${path} holds the private key`);
  if (textOf(join(cell.config, "trust")) !== ALICE + BOB) problems.push("the trust file has changed");
  return [...problems, ...(await judgeOthers(cell))];
}

/** The other key signs as before, and the name is free again, for the next command that takes the lock. */
async function judgeOthers(cell: WriteCell): Promise<readonly string[]> {
  const problems: string[] = [];
  const made = await cell.look(["key", "new", "alice", "--no-passphrase"]);
  if (made["code"] !== "OK") problems.push(`key new says ${made["code"]}`);
  const halves = [textOf(join(cell.config, "keys/bob.key")), textOf(join(cell.config, "keys/bob.pub"))];
  if (halves[0] !== `${SECOND_SEED}\n` || halves[1] !== BOB) problems.push("the other key has changed");
  const names = namesIn(join(cell.config, "keys")).filter(
    (name) => !/^(?:alice|bob)\.(?:key|pub)$/.test(name),
  );
  const beside = namesIn(cell.config).filter((name) => name !== "keys" && name !== "trust");
  if (names.length + beside.length > 0) problems.push(`leaves ${[...names, ...beside]}`);
  return problems;
}

function namesOf(facts: Facts, member: string): readonly unknown[] {
  const list: unknown = facts[member];
  if (!Array.isArray(list)) return [];
  return list.map((each: unknown) =>
    typeof each === "object" && each !== null && "name" in each ? each.name : each,
  );
}
