/**
 * Commands that write packs: seals that replace, index and join them, and collections that rewrite and join.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SPARED_PACKS } from "../../src/node/records/store/join-packs.ts";
import { namesIn } from "../support/command/cli.ts";
import { corruptStored } from "../support/store/store-forms.ts";
import { FIRST, judgeCollected, judgeSealed, LATER, prepareRuns } from "./project-scenarios.ts";
import type { WriteCell } from "./write-cell.ts";
import type { Ended, WriteScenario } from "./write-matrix.ts";

const SEAL = ["seal", "out", "--id", "new"];

/** Runs before a seal that joins packs: as many packs as a seal leaves as they are. */
const MANY = Array.from({ length: SPARED_PACKS }, (_, number) => `run-${number}`);

export const STORE_SCENARIOS: readonly WriteScenario[] = [
  {
    name: "seal, two modes",
    prepare: async (cell) => {
      await prepareRuns(cell, []);
      chmodSync(join(cell.project, "out/b.txt"), 0o600);
    },
    args: () => SEAL,
    judge: (cell, ended) => judgeSealed(cell, ended, FIRST),
  },
  {
    name: "seal, large output",
    prepare: async (cell) => {
      await prepareRuns(cell, ["one"]);
      writeFileSync(join(cell.project, "out/large"), noise("large", 1_200_000));
    },
    args: () => SEAL,
    judge: (cell, ended) => judgeSealed(cell, ended, LATER),
  },
  {
    name: "seal, joins packs",
    prepare: prepareJoin,
    args: () => SEAL,
    judge: (cell, ended) => judgeSealed(cell, ended, { ...LATER, before: MANY }),
  },
  {
    name: "seal, missing index",
    prepare: async (cell) => {
      await prepareRuns(cell, ["one"]);
      for (const path of indexesIn(cell)) rmSync(path);
    },
    args: () => SEAL,
    judge: (cell, ended) => judgeSealed(cell, ended, LATER),
  },
  {
    name: "seal, torn index",
    prepare: async (cell) => {
      await prepareRuns(cell, ["one"]);
      for (const path of indexesIn(cell)) truncateSync(path, 700);
    },
    args: () => SEAL,
    judge: (cell, ended) => judgeSealed(cell, ended, LATER),
  },
  {
    name: "seal, wrong record",
    prepare: async (cell) => {
      await prepareRuns(cell, ["one"]);
      corruptStored(cell.project, "alpha\n", "ALPHA\n");
    },
    args: () => SEAL,
    judge: (cell, ended) => judgeSealed(cell, ended, { ...LATER, isDamaged: true }),
  },
  { name: "prune, rewrites a pack", prepare: prepareHalfDead, args: () => ["prune"], judge },
  {
    name: "prune, joins packs",
    prepare: prepareLoosened,
    args: () => ["prune"],
    judge: (cell, ended) => judgeCollected(cell, ended, ["one", "two"]),
  },
];

async function judge(cell: WriteCell, ended: Ended): Promise<readonly string[]> {
  return await judgeCollected(cell, ended);
}

/** Bytes that no compression makes fewer, always the same. */
function noise(name: string, length: number): Buffer {
  const blocks = Math.ceil(length / 32);
  const all = Array.from({ length: blocks }, (_, at) =>
    createHash("sha256").update(`${name} ${at}`).digest(),
  );
  return Buffer.concat(all).subarray(0, length);
}

function indexesIn({ project }: WriteCell): readonly string[] {
  const folder = join(project, ".runseal/packs");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".idx"))
    .map((name) => join(folder, name));
}

async function prepareJoin(cell: WriteCell): Promise<void> {
  await prepareRuns(cell, []);
  for (const run of MANY) {
    writeFileSync(join(cell.project, "out", run), run);
    await cell.done(["seal", "out", "--id", run]);
  }
  writeFileSync(join(cell.project, "out/d.txt"), "delta\n");
}

/** A pack of which most is dead. */
async function prepareHalfDead(cell: WriteCell): Promise<void> {
  await prepareRuns(cell, []);
  for (const name of ["x", "y"]) writeFileSync(join(cell.project, "out", name), noise(name, 700_000));
  await cell.done(["seal", "out", "--id", "zero"]);
  for (const name of ["x", "y"]) rmSync(join(cell.project, "out", name));
  forgetLine(cell);
  await cell.done(["seal", "out", "--id", "one"]);
  if (namesIn(join(cell.project, ".runseal/packs")).length !== 2)
    throw new Error("there must be one pack and its index");
}

/** Two packs of one size, of seals that were killed before they joined them. */
async function prepareLoosened(cell: WriteCell): Promise<void> {
  await prepareRuns(cell, []);
  const packs = join(cell.project, ".runseal/packs");
  rmSync(join(cell.project, "out/b.txt"));
  await cell.done(["seal", "out", "--id", "zero"]);
  const first = namesIn(packs).map((name) => [name, readFileSync(join(packs, name))] as const);
  forgetLine(cell);
  rmSync(packs, { recursive: true });
  rmSync(join(cell.project, "out/a.txt"));
  writeFileSync(join(cell.project, "out/b.txt"), "beta\n");
  await cell.done(["seal", "out", "--id", "one"]);
  writeFileSync(join(cell.project, "out/a.txt"), "alpha\n");
  await cell.done(["seal", "out", "--id", "two", "--no-keep"]);
  for (const [name, bytes] of first) writeFileSync(join(packs, name), bytes, { mode: 0o444 });
}

/** Begins the line anew: what the store keeps stays. */
function forgetLine(cell: WriteCell): void {
  const own = join(cell.project, ".runseal");
  rmSync(join(own, "runs"), { recursive: true });
  rmSync(join(own, "HEAD"));
  rmSync(cell.at("home/.local"), { recursive: true, force: true });
}
