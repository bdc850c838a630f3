import { cpSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { sealBundle, writeBundle } from "../../support/bundles/bundle.ts";
import { caseOf } from "../../support/command/case-of.ts";
import { makeProjectWithKey, Project } from "../../support/command/cli.ts";
import { ModelRegistry } from "../../support/registry/model-registry.ts";

const REPOSITORY = "oci-layout:layout";
const TAGGED = `${REPOSITORY}:whole`;

/** A project with two parts and their parent, all of them in a layout too. */
let model: Project;
const made: Project[] = [];
afterEach(() => {
  for (const project of made.splice(0)) project[Symbol.dispose]();
});

beforeAll(async () => {
  model = await makeProjectWithKey({ "p1/a.txt": "alpha\n", "p2/b.txt": "beta\n", "p2/c.txt": "gamma\n" });
  for (const part of ["p1", "p2"]) {
    await model.done(["seal", part, "--id", part]);
    await model.done(["push", part, REPOSITORY]);
    cpSync(model.at(".runseal/runs", part), model.at("parts", part), { recursive: true });
  }
  await model.done(["seal", "parts", "--id", "whole"]);
  await model.done(["push", "whole", TAGGED]);
  return () => model[Symbol.dispose]();
});

function copied(): Project {
  const project = new Project();
  made.push(project);
  cpSync(model.folder, project.folder, { recursive: true });
  return project;
}

const ACCEPTED = {
  ok: true,
  code: "OK",
  run_id: "whole",
  runs: [
    { part: "parts/p1", run_id: "p1", ok: true, code: "OK", files: 1, bytes: 6 },
    { part: "parts/p2", run_id: "p2", ok: true, code: "OK", files: 2, bytes: 11 },
    { run_id: "whole", ok: true },
  ],
};

describe("verify --parts", () => {
  it("accepts a run of a project with its parts, below the root or in the store", async () => {
    const project = copied();
    expect(await project.json(["verify", "whole", "--parts"])).toMatchObject(ACCEPTED);
    expect(await project.json(["verify", "--parts"])).toMatchObject({ ...ACCEPTED, history: { ok: true } });
    writeFileSync(project.at("p1/a.txt"), "other\n");
    rmSync(project.at("p2"), { recursive: true });
    expect(await project.json(["verify", "whole", "--parts"])).toMatchObject(ACCEPTED);
    expect(await project.json(["verify", "whole", "--parts", "--stored"])).toMatchObject(ACCEPTED);
    const { stdout } = await project.done(["verify", "whole", "--parts"]);
    expect(stdout).toMatch(/\nparts {4}2 parts, 0 not accepted\naccepted\n$/);
  });

  it("accepts a run of a repository with its parts there, whatever their tags", async () => {
    const project = copied();
    rmSync(project.at(".runseal"), { recursive: true });
    expect(await project.json(["verify", TAGGED, "--parts"])).toMatchObject(ACCEPTED);
  });

  it("accepts parts that were pulled", async () => {
    const project = copied();
    rmSync(project.at(".runseal"), { recursive: true });
    rmSync(project.at("p1"), { recursive: true });
    const { runs } = await project.json(["verify", TAGGED, "--parts"]).then(async () => {
      const tags = (JSON.parse(readFileSync(project.at("layout/index.json"), "utf8")) as Index).manifests.map(
        ({ annotations }) => annotations["org.opencontainers.image.ref.name"],
      );
      for (const tag of tags) await project.done(["pull", `${REPOSITORY}:${tag}`]);
      return await project.json(["verify", "whole", "--parts", "--stored"]);
    });
    expect(runs).toMatchObject(ACCEPTED.runs);
  });

  it("rejects a run with a part whose outputs changed, and names each such part", async () => {
    const project = copied();
    rmSync(project.at(".runseal/packs"), { recursive: true });
    writeFileSync(project.at("p2/b.txt"), "other\n");
    expect(await project.json(["verify", "whole", "--parts"])).toMatchObject({
      ok: false,
      code: "HASH_MISMATCH",
      phase: "outputs",
      details: { path: "p2/b.txt" },
      exit_code: 1,
      part: "parts/p2",
      runs: [
        { ok: true },
        { part: "parts/p2", ok: false, code: "HASH_MISMATCH" },
        { run_id: "whole", ok: true },
      ],
    });
    const { exitCode, stderr, stdout } = await project.run(["verify", "whole", "--parts"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/\nparts {4}2 parts, 1 not accepted\n {9}"parts\/p2": HASH_MISMATCH\n$/);
    expect(stderr).toContain('run "p2": the output "p2/b.txt" is not the file that was sealed');
  });

  it("rejects a run whose part is gone, from its project or its repository", async () => {
    const project = copied();
    rmSync(project.at(".runseal/runs/p1"), { recursive: true });
    const gone = { code: "RUN_NOT_FOUND", exit_code: 4, runs: [{ ok: false }, { ok: true }, { ok: true }] };
    expect(await project.json(["verify", "whole", "--parts"])).toMatchObject(gone);
    const index = JSON.parse(readFileSync(project.at("layout/index.json"), "utf8")) as Index;
    const [, ...manifests] = index.manifests;
    writeFileSync(project.at("layout/index.json"), JSON.stringify({ ...index, manifests }));
    expect(await project.json(["verify", TAGGED, "--parts"])).toMatchObject(gone);
  });

  it("rejects a run whose part is another run of the same id, also an accepted one", async () => {
    const project = copied();
    const other = copied();
    other.write({ "p1/a.txt": "other\n" });
    for (const id of ["p1", "whole"]) rmSync(other.at(".runseal/runs", id), { recursive: true });
    await other.done(["seal", "p1", "--id", "p1", "--project", other.root, "--out", other.at("made")]);
    for (const name of readdirSync(other.at("made/p1")))
      cpSync(other.at("made/p1", name), project.at(".runseal/runs/p1", name));
    project.write({ "p1/a.txt": "other\n" });
    expect(await project.json(["verify", "p1"])).toMatchObject({ ok: true });
    const { code, details } = await project.json(["verify", "whole", "--parts"]);
    expect({ code, details }).toMatchObject({
      code: "HASH_MISMATCH",
      details: { path: expect.stringMatching(/^parts\/p1\//) },
    });
  });

  describe("with another run of a part's id in the repository", () => {
    /** Pushes one. */
    async function pushOther(reference: string): Promise<void> {
      using other = await makeProjectWithKey({ "p1/a.txt": "other\n" });
      await other.done(["seal", "p1", "--id", "p1"]);
      await other.done(["push", "p1", reference]);
    }

    it.each(["first", "last"])("says why the part can't be read, listed %s", async (at) => {
      const project = copied();
      await pushOther(`oci-layout:${project.at("layout")}:other`);
      const index = JSON.parse(readFileSync(project.at("layout/index.json"), "utf8")) as Index;
      const manifests = at === "last" ? index.manifests : index.manifests.toReversed();
      writeFileSync(project.at("layout/index.json"), JSON.stringify({ ...index, manifests }));
      const blob = (digest = ""): string => project.at("layout/blobs/sha256", digest.replace("sha256:", ""));
      for (const pack of packsIn(readFileSync(blob(index.manifests[0]?.digest)))) rmSync(blob(pack));
      const { code, exit_code, part } = await project.json(["verify", TAGGED, "--parts"]);
      const end = { code: "REGISTRY_NOT_FOUND", exit_code: 4, part: "parts/p1" };
      expect({ code, exit_code, part }).toEqual(end);
    });

    it("rejects it by its manifest, and reads none of its outputs", async () => {
      await using registry = await ModelRegistry.start();
      const project = copied();
      const repository = `${registry.host}/team/runs`;
      await project.done(["push", "whole", `${repository}:whole`]);
      await pushOther(`${repository}:other`);
      const sent = registry.lines.length;
      const { code, details } = await project.json(["verify", `${repository}:whole`, "--parts"]);
      const path: unknown = expect.stringMatching(/^parts\/p1\//);
      expect({ code, details }).toMatchObject({ code: "HASH_MISMATCH", details: { path } });
      const packs = packsIn(registry.manifests.get("other")?.bytes);
      expect(packs).toHaveLength(1);
      for (const pack of packs) expect(registry.lines.slice(sent).join("\n")).not.toContain(pack);
    });
  });

  it("ends with 130 when it is interrupted while the tags are listed", async () => {
    await using registry = await ModelRegistry.start();
    const project = copied();
    await project.done(["push", "whole", `${registry.host}/team/runs:whole`]);
    registry.meddler = ({ line }) => line.includes("/tags/");
    const end = await project.run(["verify", `${registry.host}/team/runs:whole`, "--parts"], {
      process: true,
      kill: { signal: "SIGINT", when: () => registry.lines.at(-1)?.includes("/tags/") === true },
    });
    expect(end, end.stderr).toMatchObject({ exitCode: 130 });
  });

  it("finds a part whose id means something else in a command, and names one that is gone", async () => {
    const project = copied();
    for (const runId of ["latest", "x.runseal"]) {
      writeBundle(project.root, sealBundle({ runId, bind: true }));
      cpSync(project.at("run", runId), project.at("parts", runId), { recursive: true });
      cpSync(project.at("run", runId), project.at(".runseal/pulled", runId), { recursive: true });
    }
    cpSync(project.at("files"), project.root, { recursive: true });
    await project.done(["seal", "parts", "--id", "again"]);
    const verify = ["verify", "again", "--parts", "--any-signer"];
    expect(await project.json(verify)).toMatchObject({ ok: true });
    for (const runId of ["latest", "x.runseal"]) {
      const pulled = project.at(".runseal/pulled", runId);
      renameSync(pulled, project.at("aside"));
      expect(await project.json(verify)).toMatchObject({ code: "RUN_NOT_FOUND", part: `parts/${runId}` });
      renameSync(project.at("aside"), pulled);
    }
  });

  it("rejects a run that holds a part in pieces", async () => {
    const project = copied();
    rmSync(project.at("parts/p2/PROOF.json"));
    await project.done(["seal", "parts", "--id", "again"]);
    expect(await project.json(["verify", "again", "--parts"])).toMatchObject({
      code: "OUTPUT_MISSING",
      details: { path: "parts/p2/PROOF.json" },
      runs: [{ ok: true }, { ok: false }, { ok: true }],
    });
  });

  it("judges the signers of parts by the same policy", async () => {
    const project = copied();
    writeBundle(project.root, sealBundle({ runId: "p3", bind: true }));
    cpSync(project.at("run/p3"), project.at("parts/p3"), { recursive: true });
    cpSync(project.at("run/p3"), project.at(".runseal/runs/p3"), { recursive: true });
    cpSync(project.at("files"), project.root, { recursive: true });
    await project.done(["seal", "parts", "--id", "again"]);
    const { code, exit_code, runs } = await project.json(["verify", "again", "--parts"]);
    expect({ code, exit_code }).toEqual({ code: "SIGNER_UNKNOWN", exit_code: 3 });
    expect(runs).toMatchObject([{ ok: true }, { ok: true }, { ok: false, phase: "trust" }, { ok: true }]);
    expect(await project.json(["verify", "again", "--parts", "--any-signer"])).toMatchObject({ ok: true });
  });

  it("is refused where there are no parts, for an archive, and with options about one run", async () => {
    const project = copied();
    expect(caseOf(await project.json(["verify", "p1", "--parts"]))).toBe("BUNDLE_UNSUITABLE no-parts");
    await project.done(["push", "whole", "p1", "p2", "all.runseal"]);
    // Nothing of the archive is read.
    truncateSync(project.at("all.runseal"), 4096);
    for (const args of [["all.runseal"], ["whole", "--all"], ["whole", "--files", "."], ["--history"]])
      expect(await project.json(["verify", "--parts", ...args])).toMatchObject({ code: "USAGE" });
  });
});

interface Index {
  readonly manifests: readonly Listed[];
}

interface Listed {
  readonly digest: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The packs that the manifest of a run names. */
function packsIn(manifest: Buffer | undefined): readonly string[] {
  const { layers } = JSON.parse(String(manifest)) as { layers: Record<"digest" | "mediaType", string>[] };
  const packs = layers.filter(({ mediaType }) => mediaType === "application/vnd.runseal.pack.v1");
  return packs.map(({ digest }) => digest);
}
