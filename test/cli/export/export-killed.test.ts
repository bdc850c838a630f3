import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeSealedProject, namesIn, type Project } from "../../support/command/cli.ts";
import { stopAt } from "../../support/command/stopped-cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";
import { ofRing, sampleOf } from "../../support/rings/ring.ts";

const EXPORT = ["export", "one", "--format", "all", "-o", "new/evidence"];

/** The calls by which an export reads and writes. */
const CALLS = [
  "openSync",
  "readSync",
  "writeSync",
  "mkdirSync",
  "lstatSync",
  "fstatSync",
  "fchmodSync",
  "fsyncSync",
  "closeSync",
  "renameSync",
] as const;

/** More calls than an export makes of any kind. */
const NO_MORE = 400;

/** What a killed export may leave beside the folder that it makes. */
const PARTIAL = /^\.[0-9a-f]{16}\.partial$/;

let complete: Promise<readonly string[]> | undefined;

/** The names of a whole export. */
function allNames(): Promise<readonly string[]> {
  complete ??= (async () => {
    using project = await makeSealedProject();
    await project.json(EXPORT);
    return namesIn(project.at("new/evidence"));
  })();
  return complete;
}

/** Everything, or nothing of the folder's name. */
async function expectWhole(project: Project): Promise<boolean> {
  const names = namesIn(project.at("new/evidence"));
  if (names.length === 0) return false;
  expect(names).toEqual(await allNames());
  return true;
}

/** Runs an export in which the nth call of a function meets `what`; `undefined` once there is no such call. */
async function exportWith(call: string, nth: number, what: string): Promise<boolean | undefined> {
  using project = await makeSealedProject();
  const setting = stopAt(project, `${call}:${nth}:${what}`);
  const before = snapshotTree(project.folder);
  const end = await project.run(EXPORT, { ...setting, process: true });
  const shown = `${call} ${nth} ${what}: ${end.exitCode}\n${end.stdout}${end.stderr}`;
  if (end.exitCode === 0) {
    expect(await expectWhole(project), shown).toBe(true);
    return undefined;
  }
  if (end.exitCode === null) {
    const made = namesIn(project.at("new")).filter((name) => name !== "evidence");
    expect(
      made.filter((name) => !PARTIAL.test(name)),
      shown,
    ).toEqual([]);
    return await expectWhole(project);
  }
  expect(snapshotTree(project.folder), shown).toEqual(before);
  return false;
}

/** How often an export makes a call: the first number at which nothing is met. */
async function countOf(call: string): Promise<number> {
  let [low, high] = [0, NO_MORE];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((await exportWith(call, middle, "SIGKILL")) === undefined) high = middle;
    else low = middle;
  }
  return low;
}

describe("an export leaves everything or nothing", () => {
  it.concurrent.each(ofRing(sampleOf(CALLS, 3), CALLS))(
    "when it is killed before a call of %s, or the system refuses it",
    async (call) => {
      const calls = await countOf(call);
      expect(calls, "it makes such calls").toBeGreaterThan(0);
      const all = Array.from({ length: calls }, (_, index) => index + 1);
      for (const nth of sampleOf(all, ofRing(4, 12))) {
        await exportWith(call, nth, "SIGKILL");
        await exportWith(call, nth, "EIO");
      }
    },
    600_000,
  );
});

describe("an export that fails", () => {
  it("removes the folders that it made for it", async () => {
    using project = await makeSealedProject();
    const setting = stopAt(project, "renameSync:1:EIO");
    const end = await project.run(EXPORT, { ...setting, process: true });
    expect(end.exitCode).toBe(4);
    expect(end.stderr).toContain("error: WRITE_FAILED:");
    expect(readdirSync(project.root).sort()).toEqual([".runseal", "out"]);
  });

  it("leaves all of it where the rename was done and reported as failed, or nothing", async () => {
    using project = await makeSealedProject();
    const setting = stopAt(project, "renameSync:1:EIO:done");
    await project.run(EXPORT, { ...setting, process: true });
    expect(readdirSync(project.root).sort()).toEqual([".runseal", "out"]);
  });
});
