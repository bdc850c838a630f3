import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { sealPlain } from "../../support/bundles/plain-run.ts";
import { caseOf } from "../../support/command/case-of.ts";
import {
  BUNDLE,
  makeProjectWithKey,
  makeSealedProject,
  modeOf,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { digestOf, objectOf } from "../../support/store/keep.ts";
import { corruptStored } from "../../support/store/store-forms.ts";

/** Outputs of two sizes: a store keeps small ones in packs, and large ones in files. */
const OUTPUTS = {
  packs: { alpha: "alpha\n", beta: "beta\n" },
  files: { alpha: "alpha\n".repeat(200_000), beta: "beta\n".repeat(250_000) },
} as const;

type StoreForm = keyof typeof OUTPUTS;

const STORE_FORMS: readonly StoreForm[] = ["packs", "files"];

/** A project whose outputs are kept, and then overwritten. */
async function makeMovedOn(form: StoreForm = "packs"): Promise<Project> {
  const { alpha, beta } = OUTPUTS[form];
  const project = await (form === "packs"
    ? makeSealedProject()
    : makeSealedProject({ "out/a.txt": alpha, "out/b.txt": beta }));
  project.write({ "out/a.txt": "ALPHA, and more\n", "out/b.txt": "BETA\n" });
  return project;
}

/** Writes other bytes of the same length into an object. */
function corrupt(project: Project, content: string): void {
  corruptStored(project.root, content, content.toUpperCase());
}

const restored = (project: Project, ...path: readonly string[]): string =>
  readFileSync(join(project.folder, "new", ...path), "utf8");

const RESTORE = ["restore", BUNDLE, "--to", "../new", "--mkdir"];

describe.concurrent("runseal verify --stored", () => {
  it.each(STORE_FORMS)("accepts a bundle whose root has moved on, from its %s alone", async (form) => {
    using project = await makeMovedOn(form);
    const { alpha, beta } = OUTPUTS[form];
    expect(await project.json(["verify", BUNDLE])).toMatchObject({ code: "HASH_MISMATCH", source: "root" });
    expect(await project.json(["verify", BUNDLE, "--stored"])).toMatchObject({
      ok: true,
      code: "OK",
      source: "store",
      files: 2,
      bytes: alpha.length + beta.length,
    });
    rmSync(project.at("out"), { recursive: true });
    await project.done(["verify", BUNDLE, "--stored"]);
  });

  it("does not look below the root, however right the files there are", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out", "--id", "one", "--out", "runs"]);
    const end = await project.run(["verify", "runs/one", "--files", ".", "--stored"]);
    expect(end.exitCode).toBe(1);
    expect(end.stderr).toMatch(
      /^error: OUTPUT_MISSING: the output "out\/a\.txt" is not in the project's store\nhint: the store does not keep it/,
    );
    expect(end.stderr).not.toContain("below the root");
    const facts = await project.json(["verify", "runs/one", "--files", ".", "--stored"]);
    expect(facts["message"]).toBe('the output "out/a.txt" is not in the project\'s store');
    const chain = await project.run(["verify", "--history", "runs/one", "--files", ".", "--stored"]);
    expect(chain.stderr).toContain('run "one": the output "out/a.txt" is not in the project\'s store\n');
  });

  it.each(STORE_FORMS)("names a corrupted object among %s, and what to do", async (form) => {
    using project = await makeMovedOn(form);
    const { beta } = OUTPUTS[form];
    corrupt(project, beta);
    const end = await project.run(["verify", BUNDLE, "--stored"]);
    expect(end.exitCode).toBe(1);
    expect(end.stderr).toMatch(/^error: HASH_MISMATCH: .*"out\/b\.txt"/);
    const digest = digestOf(beta);
    expect(end.stderr).toContain(`in the store the object ${digest} is corrupted`);
    expect(end.stderr).toContain("runseal store check");
    expect(await project.json(["verify", BUNDLE, "--stored"])).toMatchObject({
      source: "store",
      details: {
        path: "out/b.txt",
        expected: `sha256:${digest}`,
        actual: `sha256:${digestOf(beta.toUpperCase())}`,
      },
    });
  });

  it.each([
    [".runseal/packs"],
    [".runseal/objects"],
    [dirname(`.runseal/objects/${digestOf(OUTPUTS.files.beta).slice(0, 2)}/x`)],
  ])(
    "takes nothing through a link at %s that leads out, however right what it leads to is",
    async (place) => {
      using project = await makeMovedOn(place === ".runseal/packs" ? "packs" : "files");
      renameSync(project.at(place), join(project.folder, "elsewhere"));
      symlinkSync(join(project.folder, "elsewhere"), project.at(place));
      const isStore = place === ".runseal/objects" || place === ".runseal/packs";
      const code = isStore ? "STORE_UNUSABLE folder" : "OUTPUT_MISSING";
      const facts = await project.json(["verify", BUNDLE, "--stored"]);
      expect(facts).toMatchObject({ ok: false });
      expect(caseOf(facts)).toBe(code);
    },
  );
});

describe.concurrent("runseal verify --history --stored", () => {
  it.each([
    ["of bundles", [BUNDLE]],
    ["of a project", []],
  ])("accepts a chain %s whose root has moved on, from its objects alone", async (_what, bundles) => {
    using project = await makeMovedOn();
    const chain = ["verify", "--history", ...bundles];
    expect(await project.json([...chain, "--stored"])).toMatchObject({ ok: true, files: 2, bytes: 11 });
    corrupt(project, "beta\n");
    project.write({ "out/a.txt": "alpha\n", "out/b.txt": "beta\n" });
    expect(await project.json(chain)).toMatchObject({ ok: true });
    const end = await project.run([...chain, "--stored"]);
    expect(end.exitCode).toBe(1);
    expect(end.stderr).toMatch(/^error: HASH_MISMATCH: .*"out\/b\.txt"/);
    expect(end.stderr).toContain("runseal store check");
  });
});

describe.concurrent("runseal restore: from the store", () => {
  it.each(STORE_FORMS)("takes the store of %s where the root has moved on, and says so", async (form) => {
    using project = await makeMovedOn(form);
    const { stdout } = await project.done(RESTORE);
    expect(stdout).toContain("\nfrom     the project's store\n");
    expect(restored(project, "out", "a.txt") === OUTPUTS[form].alpha).toBe(true);
    expect(restored(project, "out", "b.txt") === OUTPUTS[form].beta).toBe(true);
    const again = ["restore", BUNDLE, "--to", "../again", "--mkdir"];
    expect(await project.json(again)).toMatchObject({ ok: true, source: "store" });
  });

  it("takes the store too where an output is gone, and the root while it is as it was", async () => {
    using project = await makeSealedProject();
    expect(await project.json(RESTORE)).toMatchObject({ ok: true, source: "root" });
    rmSync(project.at("out", "a.txt"));
    const again = ["restore", BUNDLE, "--to", "../again", "--mkdir"];
    expect(await project.json(again)).toMatchObject({ ok: true, source: "store" });
  });

  it("tells what the root lacks where not all is kept", async () => {
    using project = await makeMovedOn("files");
    rmSync(objectOf(project.root, OUTPUTS.files.alpha));
    expect(await project.json(RESTORE)).toMatchObject({
      code: "RESTORE_VERIFY_STRICT_FAILED",
      details: { verifier_code: "HASH_MISMATCH", path: "out/a.txt" },
      source: "root",
      exit_code: 5,
    });
    expect(namesIn(project.folder)).not.toContain("new");
  });

  it.each(STORE_FORMS)("never restores a corrupted object (%s)", async (form) => {
    using project = await makeMovedOn(form);
    corrupt(project, OUTPUTS[form].alpha);
    const end = await project.run(RESTORE);
    expect(end.exitCode).toBe(5);
    expect(end.stderr).toMatch(/^error: RESTORE_VERIFY_STRICT_FAILED: .*HASH_MISMATCH "out\/a\.txt"/);
    expect(end.stderr).toContain("is corrupted\nhint: ");
    expect(namesIn(project.folder)).not.toContain("new");
  });

  it("is not led astray by links in the place of objects", async () => {
    using project = await makeMovedOn("files");
    const { alpha } = OUTPUTS.files;
    project.write({ "elsewhere.txt": alpha });
    rmSync(objectOf(project.root, alpha));
    symlinkSync(project.at("elsewhere.txt"), objectOf(project.root, alpha));
    const failed = await project.json(RESTORE);
    expect(failed).toMatchObject({ ok: false, details: { path: "out/a.txt" } });
    expect(namesIn(project.folder)).not.toContain("new");
  });

  it.each([
    { what: "as a program where a tree says so", isPlain: false, stored: "0755" },
    {
      what: "without execute bits of a plain bundle: an object has none",
      isPlain: true,
      stored: "0644",
    },
  ])("restores a program $what", async ({ isPlain, stored }) => {
    using project = await makeProjectWithKey({ "out/tool": "#!/bin/sh\n" });
    chmodSync(project.at("out", "tool"), 0o755);
    if (isPlain) await sealPlain(project, "one", "out");
    else await project.done(["seal", "out", "--id", "one"]);
    await project.done(RESTORE);
    expect(modeOf(join(project.folder, "new", "out", "tool"))).toBe("0755");
    rmSync(project.at("out", "tool"));
    await project.done(["restore", BUNDLE, "--to", "../stored", "--mkdir"]);
    expect(modeOf(join(project.folder, "stored", "out", "tool"))).toBe(stored);
  });

  it("chooses for each run of a chain, and keeps equal bytes under several names", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "same\n", "out/b.txt": "same\n" });
    await project.done(["seal", "out", "--id", "one"]);
    project.write({ "out/a.txt": "new\n", "out/b.txt": "newer\n" });
    await project.done(["seal", "out", "--id", "two"]);
    const runs = [".runseal/runs/one", ".runseal/runs/two"];
    expect(await project.json(["restore", ...runs, "--to", "../new", "--mkdir"])).toMatchObject({
      ok: true,
      runs: [
        { run_id: "one", source: "store" },
        { run_id: "two", source: "root" },
      ],
    });
    expect(restored(project, "one", "out", "b.txt")).toBe("same\n");
    expect(restored(project, "two", "out", "b.txt")).toBe("newer\n");
  });

  it("works from a project that was moved away whole", async () => {
    using project = await makeMovedOn();
    mkdirSync(join(project.folder, "moved"));
    renameSync(project.at(".runseal"), join(project.folder, "moved", ".runseal"));
    const bundle = join("..", "moved", BUNDLE);
    expect(await project.json(["restore", bundle, "--to", "../new", "--mkdir"])).toMatchObject({
      ok: true,
      source: "store",
    });
  });
});
