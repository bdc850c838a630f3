import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { makeProjectWithKey, makeSealedProject, type Project } from "../../support/command/cli.ts";

async function sizeOf(project: Project): Promise<number> {
  const { bytes } = await project.json(["store", "size"]);
  if (typeof bytes !== "number") throw new TypeError("store size has a total");
  return bytes;
}

describe.concurrent("runseal store size", () => {
  it("lists the project at hand and the guards, also of a missing folder", async () => {
    using project = await makeSealedProject();
    project.write({ "work/a.txt": "x".repeat(5000) });
    await project.done(["snapshot", "work"]);
    expect(await project.json(["store", "size"])).toMatchObject({
      ok: true,
      places: [
        { kind: "guard", path: project.at("work"), gone: false, changed_at: expect.stringMatching(/Z$/) },
        { kind: "project", path: project.root, home: project.root, gone: false },
      ],
    });
    rmSync(project.at("work"), { recursive: true });
    const end = await project.changesNothing(["store", "size"]);
    expect(end.stdout).toMatch(/ guard {4}.*work\S* {2}\(missing\)\n/);
    expect(end.stderr).toContain("hint: runseal prune --guard ");
  });

  it("counts less after a prune, by the bytes of the objects at least", async () => {
    using project = await makeProjectWithKey();
    for (const id of ["s1", "s2"]) {
      project.write({ "a.txt": id.repeat(5000) });
      await project.done(["snapshot", "--id", id]);
    }
    const before = await sizeOf(project);
    await project.done(["prune", "--keep-last", "1"]);
    expect(await sizeOf(project)).toBeLessThanOrEqual(before - 10_000);
  });

  it("lists the others where one guard can't be read, and names it", async ({ skip }) => {
    using project = await makeProjectWithKey();
    for (const name of ["one", "two"]) {
      project.write({ [`${name}/a.txt`]: name });
      await project.done(["snapshot", name]);
    }
    if (!(await project.becomeOrdinaryUser())) skip("no other user can run runseal here");
    const { places } = await project.json(["store", "size"]);
    const guards = places as readonly { readonly path: string; readonly home: string }[];
    const closed = guards.find(({ path }) => path === project.at("two"))?.home ?? "";
    chmodSync(closed, 0);
    const end = await project.run(["store", "size"]);
    expect(end).toMatchObject({
      exitCode: 4,
      stdout: expect.stringContaining(`  guard    ${project.at("one")}\n`),
      stderr: expect.stringMatching(/^error: READ_FAILED: .*runseal\/guards\//),
    });
    expect(await project.json(["store", "size"])).toMatchObject({
      code: "READ_FAILED",
      places: [{ path: project.at("one") }],
    });
    chmodSync(closed, 0o700);
  });

  it("lists a guard that does not say what it guards, and nothing where there is none", async () => {
    using project = await makeProjectWithKey();
    expect(await project.json(["store", "size"])).toMatchObject({ places: [], bytes: 0 });
    await project.done(["snapshot"]);
    const { places } = await project.json(["store", "size"]);
    const [{ home }] = places as readonly [{ readonly home: string }];
    writeFileSync(join(home, "root"), "no record");
    expect(await project.json(["store", "size"])).toMatchObject({
      places: [{ kind: "guard", path: null, home, gone: false }],
    });
  });
});
