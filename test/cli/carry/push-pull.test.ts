import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  FIRST_SEED,
  SECOND_SEED,
  sealBundle,
  testSigner,
  writeBundle,
} from "../../support/bundles/bundle.ts";
import { countersignatureOf, countersignaturesFile } from "../../support/bundles/countersign.ts";
import { makeProjectWithKey, makeSealedProject, Project } from "../../support/command/cli.ts";

const LAYOUT = "oci-layout:layout";
const MIB = 1024 * 1024;

interface Manifest {
  readonly layers: readonly {
    readonly digest: string;
    readonly size: number;
    readonly annotations: { readonly "org.opencontainers.image.title": string };
  }[];
}

interface Sent {
  readonly run_id: string;
  readonly reference: string;
  readonly tags: readonly string[];
  readonly sent_bytes: number;
  readonly present: number;
  readonly referrers: number;
}

async function push(project: Project, ...args: readonly string[]): Promise<readonly Sent[]> {
  const facts = await project.json(["push", ...args]);
  expect(facts, JSON.stringify(facts)).toMatchObject({ ok: true });
  return facts["runs"] as readonly Sent[];
}

/** Takes a snapshot of a project, and carries it. Gives the modes of blobs with outputs, in the layout and where they were pulled to. */
async function carriedModes(project: Project, id: string): Promise<Readonly<Record<string, string>>> {
  await project.done(["snapshot", ".", "--id", id, "--ignore", "layout*", "--ignore", "there*"]);
  const layout = `layout-${id}`;
  const [sent] = await push(project, id, `oci-layout:${layout}:v1`);
  await project.done(["pull", `oci-layout:${layout}:v1`, "--here", "--project", `there-${id}`]);
  const manifest = readFileSync(
    project.at(layout, "blobs/sha256", sent?.reference.split("@sha256:")[1] ?? ""),
    "utf8",
  );
  const modes: Record<string, string> = {};
  for (const { annotations, digest, size } of (JSON.parse(manifest) as Manifest).layers) {
    const title = annotations["org.opencontainers.image.title"];
    const kind = /\.pack$/.test(title) ? "pack" : /\.idx$/.test(title) ? "index" : undefined;
    const name = /\/objects\//.test(title) ? (size === MIB + 1 ? "large" : "secret") : kind;
    if (name === undefined) continue;
    const places = [project.at(layout, "blobs/sha256", digest.slice(7)), project.at(`there-${id}`, title)];
    modes[name] = places.map((place) => (lstatSync(place).mode & 0o777).toString(8)).join(" ");
  }
  return modes;
}

describe.concurrent("runseal push and pull", () => {
  it("bring a run into a new project, where it verifies and restores", async () => {
    using project = await makeSealedProject();
    await push(project, "one", `${LAYOUT}:v1`);
    const end = await project.done(["pull", `${LAYOUT}:v1`, "--here", "--project", "there"]);
    expect(end.stdout).toContain("accepted");
    await project.done(["verify", "one", "--stored", "--project", "there"]);
    await project.done(["restore", "one", "--project", "there", "--to", "restored", "--mkdir"]);
    expect(readFileSync(project.at("restored/out/a.txt"), "utf8")).toBe("alpha\n");
  });

  it("keep private what the tree of a snapshot closes to other users", async () => {
    using project = await makeProjectWithKey({ large: "o".repeat(MIB + 1), small: "1" });
    expect(await carriedModes(project, "open")).toEqual({
      large: "644 444",
      pack: "644 444",
      index: "644 444",
    });
    project.write({ group: "2", secret: "s".repeat(MIB + 2) });
    chmodSync(project.at("group"), 0o640);
    chmodSync(project.at("secret"), 0o600);
    expect(await carriedModes(project, "closed")).toEqual({
      large: "644 444",
      secret: "600 400",
      pack: "600 400",
      index: "600 400",
    });
  });

  it("put the files into a new folder with --to, from a layout and from an archive", async () => {
    using project = await makeSealedProject();
    await push(project, "one", `${LAYOUT}:v1`);
    await project.done(["push", "one", "one.runseal"]);
    const before = readdirSync(project.at(".runseal/runs"));
    for (const [source, to] of [
      [`${LAYOUT}:v1`, "new"],
      ["one.runseal", "unpacked"],
    ] as const) {
      expect(await project.json(["pull", source, "--to", to])).toMatchObject({ ok: true, files: 2 });
      expect(readFileSync(project.at(to, "out/a.txt"), "utf8")).toBe("alpha\n");
      expect(existsSync(project.at(to, ".runseal"))).toBe(false);
      await project.changesNothing(["pull", source, "--to", to]);
    }
    expect(readdirSync(project.at(".runseal/runs"))).toEqual(before);
  });

  it("bring a run into the nearest project upwards", async () => {
    using project = await makeSealedProject();
    await push(project, "one", `${LAYOUT}:v1`);
    const reference = `oci-layout:${project.at("layout")}:v1`;
    const facts = await project.json(["pull", reference], { cwd: project.at("out"), env: project.env });
    expect(facts).toMatchObject({ ok: true, was_there: true });
    expect(existsSync(project.at("out/.runseal"))).toBe(false);
  });

  it("never carry HEAD, and leave the project's own alone", async () => {
    using project = await makeSealedProject();
    await push(project, "one", `${LAYOUT}:v1`);
    await project.done(["pull", `${LAYOUT}:v1`, "--here", "--project", "there"]);
    expect(readdirSync(project.at("there/.runseal")).sort()).toEqual([
      ".gitignore",
      "objects",
      "packs",
      "pulled",
    ]);
    await project.done(["seal", "out", "--id", "two"]);
    const head = readFileSync(project.at(".runseal/HEAD"), "utf8");
    await project.done(["pull", `${LAYOUT}:v1`]);
    expect(readFileSync(project.at(".runseal/HEAD"), "utf8")).toBe(head);
  });

  it("say how the files come out of the project: a pull brings none", async () => {
    using project = await makeSealedProject();
    await push(project, "one", `${LAYOUT}:v1`);
    for (const into of [".", "mine"]) {
      const { stdout } = await project.run(["pull", `${LAYOUT}:v1`, "--here", "--project", into]);
      const to = project.at(`../files-of-${into}`);
      const args = ["restore", "one", ...(into === "." ? [] : ["--project", into]), "--to", to, "--mkdir"];
      const typed = args.join(" ").replace("one", "'one'").replace("mine", "'mine'").replace(to, "DIR");
      expect(stdout).toContain(`\nnext     runseal ${typed}\n`);
      await project.done(args);
      expect(readFileSync(`${to}/out/a.txt`, "utf8")).toBe("alpha\n");
    }
  });

  it("keep a run apart from the history of the project, which goes on", async () => {
    using project = await makeSealedProject();
    await push(project, "one", `${LAYOUT}:v1`);
    project.write({ "mine/out/b.txt": "beta\n" });
    const mine = ["--project", "mine"];
    for (const id of ["first", "second"]) {
      const facts = await project.json(["pull", `${LAYOUT}:v1`, "--here", ...mine]);
      expect(facts).toMatchObject({ ok: true, in_history: false, was_there: id === "second" });
      await project.done(["seal", "mine/out", ...mine, "--id", id]);
    }
    expect(await project.json(["seal", "mine/out", ...mine, "--id", "one"])).toMatchObject({
      code: "RUN_EXISTS",
    });
    await project.done(["verify", "--history", ...mine]);
    await project.done(["prune", ...mine]);
    await project.done(["verify", "--stored", "one", ...mine]);
    const listed = await project.json(["log", ...mine]);
    expect(listed["runs"]).toMatchObject([{ run_id: "second" }, { run_id: "first" }]);
    rmSync(project.at("mine/.runseal/pulled"), { recursive: true });
    expect(await project.json(["verify", "one", ...mine])).toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  it("bring back a run that the history names and lost", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    await push(project, "one", `${LAYOUT}:v1`);
    const elsewhere = await project.json(["pull", `${LAYOUT}:v1`, "--here", "--project", "there"]);
    expect(elsewhere).toMatchObject({ ok: true, in_history: false });
    rmSync(project.at(".runseal/runs/one"), { recursive: true });
    expect(await project.json(["pull", `${LAYOUT}:v1`])).toMatchObject({ ok: true, in_history: true });
    expect((await project.run(["pull", `${LAYOUT}:v1`])).stderr).toBe("");
    await project.done(["verify", "--history"]);
  });

  it("print a reference by digest that leads to the same run, whatever becomes of the tag", async () => {
    using project = await makeSealedProject();
    const [first] = await push(project, "one", `${LAYOUT}:v1`);
    await project.done(["seal", "out", "--id", "two"]);
    await push(project, "two", `${LAYOUT}:v1`);
    expect(await project.json(["pull", `${LAYOUT}:v1`, "--here", "--project", "tagged"])).toMatchObject({
      run_id: "two",
    });
    const byDigest = await project.json(["pull", first?.reference ?? "", "--here", "--project", "pinned"]);
    expect(byDigest).toMatchObject({ ok: true, run_id: "one", reference: first?.reference });
  });

  it("tag a run with its bundle root by default, and several runs each with its own", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    const sent = await push(project, "one", "two", LAYOUT);
    expect(sent.map(({ run_id }) => run_id)).toEqual(["one", "two"]);
    for (const { tags } of sent) expect(tags).toEqual([expect.stringMatching(/^r-[0-9a-f]{64}$/)]);
  });

  it("send less than 1 MiB for a second run that shares a large output", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "alpha\n" });
    writeFileSync(project.at("out/large"), Buffer.alloc(8 * MIB, "large"));
    await project.done(["seal", "out", "--id", "one"]);
    const [first] = await push(project, "one", LAYOUT);
    project.write({ "out/a.txt": "another\n" });
    await project.done(["seal", "out", "--id", "two"]);
    const [second] = await push(project, "two", LAYOUT);
    expect(first?.sent_bytes).toBeGreaterThan(8 * MIB);
    expect(second?.sent_bytes).toBeLessThan(MIB);
  });

  it("leave nothing of a run whose signer is not trusted", async () => {
    using project = await makeSealedProject();
    await push(project, "one", `${LAYOUT}:v1`);
    const signer = testSigner(SECOND_SEED).publicKeyHex;
    const facts = await project.json([
      "pull",
      `${LAYOUT}:v1`,
      "--here",
      "--project",
      "there",
      "--signer",
      signer,
    ]);
    expect(facts).toMatchObject({ ok: false, code: "SIGNER_UNKNOWN", exit_code: 3, run_id: "one" });
    expect(existsSync(project.at("there"))).toBe(false);
    await project.done(["pull", `${LAYOUT}:v1`, "--here", "--project", "there", "--any-signer"]);
  });

  it("fetch nothing again that the project has", async () => {
    using project = await makeSealedProject();
    await push(project, "one", `${LAYOUT}:v1`);
    await project.done(["pull", `${LAYOUT}:v1`, "--here", "--project", "there"]);
    const facts = await project.json(["pull", `${LAYOUT}:v1`, "--here", "--project", "there"]);
    expect(facts).toMatchObject({ ok: true, was_there: true, fetched_bytes: 0 });
  });

  it("repair a store that lost bytes", async () => {
    using project = await makeSealedProject();
    await push(project, "one", `${LAYOUT}:v1`);
    await project.done(["pull", `${LAYOUT}:v1`, "--here", "--project", "there"]);
    const packs = project.at("there/.runseal/packs");
    const [pack = ""] = readdirSync(packs).filter((name) => name.endsWith(".pack"));
    const bytes = readFileSync(`${packs}/${pack}`);
    bytes[80] = (bytes[80] ?? 0) ^ 1;
    rmSync(`${packs}/${pack}`);
    writeFileSync(`${packs}/${pack}`, bytes);
    expect(await project.json(["verify", "one", "--stored", "--project", "there"])).toMatchObject({
      ok: false,
    });
    await project.done(["pull", `${LAYOUT}:v1`, "--here", "--project", "there"]);
    await project.done(["verify", "one", "--stored", "--project", "there"]);
  });
});

describe.concurrent("countersignatures in a registry", () => {
  const BUNDLE = sealBundle({ bind: true });
  const FILE = "run/run-001/COUNTERSIGNATURES.json";
  const signers = [FIRST_SEED, SECOND_SEED].map((seed) => testSigner(seed).publicKeyHex);

  /** A project with a run that its owner countersigned, and another key too. */
  function makeScene(...seeds: readonly string[]): Project {
    const project = new Project();
    writeBundle(project.root, BUNDLE);
    countersign(project, ...seeds);
    return project;
  }

  function countersign(project: Project, ...seeds: readonly string[]): void {
    const entries = seeds.map((seed) => countersignatureOf(seed, BUNDLE));
    writeFileSync(project.at(FILE), countersignaturesFile(...entries));
  }

  const PUSH = ["run/run-001", `${LAYOUT}:v1`, "--files", "files"];
  const pull = (...more: readonly string[]): readonly string[] => [
    "pull",
    `${LAYOUT}:v1`,
    "--project",
    "there",
    ...more,
  ];
  const pulled = "there/.runseal/pulled/run-001/COUNTERSIGNATURES.json";

  it("come along where the policy names their keys", async () => {
    using project = makeScene(SECOND_SEED);
    expect(await push(project, ...PUSH)).toMatchObject([{ referrers: 1 }]);
    const facts = await project.json(pull(...signers.flatMap((key) => ["--signer", key])));
    expect(facts).toMatchObject({ ok: true, referrers: { taken: 1, left: 0, more: false } });
    expect(readFileSync(project.at(pulled))).toEqual(readFileSync(project.at(FILE)));
  });

  it("are left out, and said to be, where it does not", async () => {
    using project = makeScene(SECOND_SEED);
    await push(project, ...PUSH);
    const end = await project.run(pull("--signer", signers[0] ?? ""));
    expect(end).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("1 was not taken") });
    expect(existsSync(project.at(pulled))).toBe(false);
  });

  it("are left out where they do not hold", async () => {
    using project = makeScene();
    const other = { ...countersignatureOf(SECOND_SEED, BUNDLE), signed_at: "2026-12-02T00:00:00Z" };
    writeFileSync(project.at(FILE), countersignaturesFile(other));
    await push(project, ...PUSH);
    const facts = await project.json(pull(...signers.flatMap((key) => ["--signer", key])));
    expect(facts).toMatchObject({ ok: true, referrers: { taken: 0, left: 1 } });
    expect(existsSync(project.at(pulled))).toBe(false);
  });

  it("that came later are added to a run that was pulled before", async () => {
    using project = makeScene();
    const trust = signers.flatMap((key) => ["--signer", key]);
    await push(project, ...PUSH);
    await project.json(pull(...trust));
    countersign(project, SECOND_SEED);
    await push(project, ...PUSH);
    expect(await project.json(pull(...trust))).toMatchObject({ ok: true, was_there: true });
    expect(readFileSync(project.at(pulled))).toEqual(readFileSync(project.at(FILE)));
  });
});

describe.concurrent("runseal log of a repository", () => {
  it("lists its runs, newest first, with their tags, and hides tags of referrers", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    await push(project, "one", `${LAYOUT}:first`);
    await push(project, "two", `${LAYOUT}:second`, "--tag", "latest");
    await push(project, "one", `${LAYOUT}:first`, "--attest", "sigstore");
    const facts = await project.json(["log", LAYOUT]);
    expect(facts).toMatchObject({
      repository: LAYOUT,
      head: null,
      other_tags: 0,
      runs: [
        { run_id: "two", tags: ["latest", "second"], trust: { ok: true }, verdict: { ok: true } },
        { run_id: "one", tags: ["first"] },
      ],
    });
    const end = await project.done(["log", LAYOUT, "--limit", "1"]);
    expect(end.stdout).toMatch(/^two .*bundle ok\n {2}latest second\n1 run of 2; .* their files were not/);
  });

  it("hashes the outputs with --verify", async () => {
    using project = await makeSealedProject();
    await push(project, "one", LAYOUT);
    expect((await project.done(["log", LAYOUT, "--verify"])).stdout).toContain("verified");
  });

  it("lists the others where a tag leads to something broken", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    await push(project, "one", `${LAYOUT}:one`);
    await push(project, "two", `${LAYOUT}:two`);
    const blob = (digest: string): string =>
      project.at(`layout/blobs/sha256/${digest.slice("sha256:".length)}`);
    const index = project.at("layout/index.json");
    const { manifests, ...rest } = JSON.parse(readFileSync(index, "utf8")) as {
      manifests: readonly { readonly digest: string; readonly mediaType: string }[];
    };
    const [, two] = manifests;
    const gone = { ...two, digest: `sha256:${"ab".repeat(32)}`, size: 500, annotations: {} };
    const wrong = { ...two, size: 500, annotations: { "org.opencontainers.image.ref.name": "wrong" } };
    writeFileSync(index, JSON.stringify({ ...rest, manifests: [...manifests, gone, wrong] }));
    const { layers } = JSON.parse(readFileSync(blob(two?.digest ?? ""), "utf8")) as {
      layers: readonly { readonly digest: string; readonly annotations: Readonly<Record<string, string>> }[];
    };
    const status = layers.find(({ annotations }) => JSON.stringify(annotations).includes("STATUS.json"));
    rmSync(blob(status?.digest ?? ""));
    const facts = await project.json(["log", LAYOUT]);
    expect(facts).toMatchObject({
      ok: true,
      other_tags: 1,
      runs: expect.arrayContaining([
        expect.objectContaining({ run_id: "one", verdict: { ok: true, code: "OK", phase: null } }),
        expect.objectContaining({
          run_id: "two",
          verdict: expect.objectContaining({ ok: false, code: "REGISTRY_NOT_FOUND" }),
        }),
      ]),
    });
    const end = await project.run(["log", LAYOUT]);
    expect(end).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("REGISTRY_NOT_FOUND") });
  });
});
