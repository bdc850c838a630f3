import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { BUNDLE, factsOf, makeProjectWithKey, namesIn, type Project } from "../../support/command/cli.ts";
import { compareSnapshots, snapshotTree } from "../../support/files/tree.ts";
import { LONG_TEST_MS, ofRing } from "../../support/rings/ring.ts";

const DYING = fileURLToPath(new URL("../../support/files/dying-worker.mjs", import.meta.url));

/** Enough that threads share the restore (from 1,024 on), and too few that they share the verification. */
const FILES = 1100;

const KILLS = ofRing(4, 8);

async function makeManyFiles(): Promise<Project & { readonly place: string }> {
  const outputs = Array.from({ length: FILES }, (_, index) => [`out/d${index % 30}/f${index}`, `${index}\n`]);
  const project = await makeProjectWithKey(Object.fromEntries(outputs));
  await project.done(["seal", "out", "--id", "one", "--no-keep"]);
  const place = join(project.folder, "place");
  mkdirSync(place);
  return Object.assign(project, { place });
}

const RESTORE = ["restore", BUNDLE, "--to", "../place", "--any-signer", "--jobs", "3"];

describe("a restore that threads share, through the command", () => {
  it("ends with 70 when a thread dies, and nothing is left", async () => {
    using project = await makeManyFiles();
    const env = { ...project.env, NODE_OPTIONS: `--import ${DYING}`, DYING: "exit" };
    const end = await project.run([...RESTORE, "--json"], { env });
    expect(factsOf(end)).toMatchObject({ ok: false, code: "INTERNAL_ERROR", exit_code: 70 });
    expect(namesIn(project.place)).toEqual([]);
  });

  it("recovers to nothing or everything after kill -9, wherever it was", {
    timeout: LONG_TEST_MS,
  }, async () => {
    using project = await makeManyFiles();
    const before = snapshotTree(project.place);
    await project.done(RESTORE);
    const after = snapshotTree(project.place);
    await project.done(["undo", "--restored", "../place"]);
    const ends = new Set<string>();
    for (let kills = 0; kills < KILLS; kills++) {
      // Once for certain in the middle of staging.
      const moment = kills === 0 ? FILES / 2 : Math.floor(Math.random() * (FILES + 200));
      const when = (): boolean => stagedIn(project.place) > moment;
      await project.run(RESTORE, { kill: { signal: "SIGKILL", when } });
      await project.done(["recover", "../place"]);
      const now = snapshotTree(project.place);
      const isNothing = isSame(before, now);
      expect(isNothing || isSame(after, now), `killed after ${moment} names`).toBe(true);
      ends.add(isNothing ? "nothing" : "everything");
      if (!isNothing) await project.done(["undo", "--restored", "../place"]);
    }
    expect(ends.has("nothing")).toBe(true);
  });
});

/** How many names are in the staging folder. */
function stagedIn(place: string): number {
  const [staging] = readdirSync(place).filter((name) => name.startsWith(".spectrum06_staging_"));
  try {
    return staging === undefined ? 0 : readdirSync(join(place, staging)).length;
  } catch {
    return 0; // It is gone since.
  }
}

function isSame(one: ReturnType<typeof snapshotTree>, other: ReturnType<typeof snapshotTree>): boolean {
  const { added, changed, removed } = compareSnapshots(one, other);
  return Object.keys(added).length + changed.length + removed.length === 0;
}
