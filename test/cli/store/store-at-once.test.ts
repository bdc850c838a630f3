import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { overwrite, packNames, placePackOf } from "../../support/store/packs.ts";

/** On a slow machine a command says that it waits for another one. */
async function succeeds(project: Project, args: readonly string[]): Promise<void> {
  const end = await project.run(args);
  expect(end.exitCode, end.stderr).toBe(0);
}

/** Seals as many runs at once, each with an output of its own beside one that all have. */
async function sealAtOnce(project: Project, ids: readonly string[]): Promise<void> {
  for (const id of ids) project.write({ [`out-${id}/own`]: `only ${id}\n`, [`out-${id}/same`]: "same\n" });
  await Promise.all(ids.map((id) => succeeds(project, ["seal", `out-${id}`, "--id", id])));
}

async function expectAllStored(project: Project, ids: readonly string[]): Promise<void> {
  for (const id of ids) await project.done(["verify", `.runseal/runs/${id}`, "--stored"]);
  expect(await project.json(["store", "check"])).toMatchObject({
    ok: true,
    damaged: [],
    indexes: [],
    not_kept: [],
    partial: 0,
  });
}

describe.concurrent("a store that several commands use at once", () => {
  it("keeps everything of seals that run at once", async () => {
    using project = await makeProjectWithKey({});
    const ids = ["one", "two", "three"];
    await sealAtOnce(project, ids);
    await expectAllStored(project, ids);
  });

  it("keeps everything of seals while collections run", async () => {
    using project = await makeProjectWithKey({});
    placePackOf(project.root, ["garbage"]);
    const ids = ["one", "two", "three"];
    const collections = [1, 2, 3].map(async () => await succeeds(project, ["prune"]));
    await Promise.all([sealAtOnce(project, ids), ...collections]);
    await expectAllStored(project, ids);
    await project.done(["prune"]);
    await expectAllStored(project, ids);
    expect(packNames(project.root)).toHaveLength(1);
  });

  it("is verified and checked while a collection rewrites it", async () => {
    using project = await makeProjectWithKey();
    for (const id of ["one", "two", "three"]) {
      project.write({ "out/own": id });
      await succeeds(project, ["seal", "out", "--id", id]);
      placePackOf(project.root, [`garbage of ${id}`]);
    }
    const reads = ["one", "two", "three"].map((id) =>
      project.done(["verify", `.runseal/runs/${id}`, "--stored"]),
    );
    const checks = [project.json(["store", "check"]), project.json(["store", "check"])];
    const [collected, ...checked] = await Promise.all([project.json(["prune"]), ...checks, ...reads]);
    expect(collected).toMatchObject({ ok: true, removed: 3 });
    for (const facts of checked.slice(0, 2)) expect(facts).toMatchObject({ ok: true, not_kept: [] });
    await expectAllStored(project, ["one", "two", "three"]);
  });
});

describe.concurrent("runseal seal and many packs", () => {
  it("leaves few packs after 64 small seals", { timeout: 600_000 }, async () => {
    using project = await makeProjectWithKey();
    const ids = Array.from({ length: 64 }, (_, index) => `run-${index + 1}`);
    for (const id of ids) {
      project.write({ "out/a.txt": `${id}\n` });
      await succeeds(project, ["seal", "out", "--id", id]);
    }
    expect(packNames(project.root).length).toBeLessThanOrEqual(9);
    expect(readdirSync(project.at(".runseal", "packs"))).toHaveLength(packNames(project.root).length * 2);
    await project.done(["verify", "--history", "--stored"]);
    expect(await project.json(["prune"])).toMatchObject({ removed: 0, kept: 65 });
    expect(packNames(project.root).length).toBeLessThanOrEqual(4);
    await project.done(["verify", "--history", "--stored"]);
  });
});

describe.concurrent("runseal prune and a damaged pack", () => {
  it("warns of one that may hold the only copy of something, until a seal of the same files replaces it", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out", "--id", "one"]);
    const [name = ""] = packNames(project.root);
    overwrite(project.at(".runseal/packs", name), (bytes) => bytes.subarray(0, 40));
    const end = await project.run(["prune"]);
    expect(end.exitCode).toBe(0);
    expect(end.stderr.replaceAll(/\s+/g, " ")).toContain(
      `warning: damaged, and kept so that nothing is lost: ".runseal/packs/${name}" (its end is missing)`,
    );
    await project.done(["seal", "out", "--id", "two"]);
    expect(await project.json(["prune"])).toMatchObject({ damaged: [], kept: 2 });
    await project.done(["verify", ".runseal/runs/one", "--stored"]);
    expect(await project.json(["store", "check"])).toMatchObject({ ok: true });
  });
});
