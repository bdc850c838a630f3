import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SECOND_SEED, sealLinkedRuns, type TestBundle, testSigner, writeBundle } from "../support/bundle.ts";
import { type Facts, makeProject, makeSealedProject, modeOf, type Project } from "../support/cli.ts";

const RUNS = sealLinkedRuns(3);

const FOLDER = "home/.local/state/runseal/verified";

/** A project with three linked runs in `run` and their outputs in `files`. */
function withRuns(): Project {
  const project = makeProject({});
  for (const run of RUNS) writeBundle(project.root, run);
  return project;
}

function chain(...options: readonly string[]): readonly string[] {
  const trust = options.includes("--signer") ? [] : ["--any-signer"];
  const bundles = RUNS.map(({ runId }) => `run/${runId}`);
  return ["chain", "verify", ...bundles, "--root", "files", ...trust, ...options];
}

function cacheOf(project: Project): string {
  return join(project.folder, FOLDER, "bundles");
}

async function verifyCached(project: Project, ...options: readonly string[]): Promise<Facts> {
  return project.json(chain("--cached", ...options));
}

/** The first run with a signature that no key made. */
function forge(project: Project, { artifacts, runId }: TestBundle): void {
  const signature = JSON.parse(artifacts["SIGNATURE.json"].toString());
  const forged = { ...signature, signature: testSigner(SECOND_SEED).sign(Buffer.from("something else")) };
  writeFileSync(project.at("run", runId, "SIGNATURE.json"), JSON.stringify(forged));
}

/** Writes what a process with the user's rights could write: that everything in `run` was verified. */
async function plantCache(project: Project): Promise<void> {
  const before = readFileSync(cacheOf(project));
  const keysOf = (bytes: Buffer): Buffer => bytes.subarray(0, -32);
  const sha = (...parts: readonly Buffer[]): Buffer =>
    createHash("sha256").update(Buffer.concat(parts)).digest();
  const version: string = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  ).version;
  const policy = createHash("sha256").update("any-signer").digest("hex");
  const circumstances = sha(Buffer.from(JSON.stringify([version, policy])));
  const names = [
    "TASK_SPEC",
    "STATUS",
    "OUTPUT_HASHES",
    "PROOF",
    "VALIDATOR_IDENTITY",
    "SIGNED_PAYLOAD",
    "SIGNATURE",
  ];
  const keys = RUNS.map(({ runId }) =>
    sha(...names.map((name) => sha(readFileSync(project.at("run", runId, `${name}.json`)))), circumstances),
  );
  const body = Buffer.concat([keysOf(before), ...keys]);
  writeFileSync(cacheOf(project), Buffer.concat([body, sha(body)]));
}

describe.concurrent("runseal chain verify --cached", () => {
  it("checks each signature the first time, and none the second time", async () => {
    using project = withRuns();
    expect(await verifyCached(project)).toMatchObject({
      ok: true,
      cached: { state: "absent", recalled: 0, saved: true },
    });
    expect(await verifyCached(project)).toMatchObject({
      ok: true,
      cached: { state: "read", recalled: 3, saved: true },
    });
  });

  it("keeps its memory in a file that only the user may read, in a folder that only the user may enter", async () => {
    using project = withRuns();
    await project.done(chain("--cached"));
    expect(modeOf(cacheOf(project))).toBe("0600");
    expect(modeOf(join(project.folder, FOLDER))).toBe("0700");
    expect(readdirSync(join(project.folder, FOLDER))).toEqual(["bundles"]);
  });

  it("prints and decides the same as without", async () => {
    using project = withRuns();
    const plain = await project.done(chain());
    expect(await project.done(chain("--cached"))).toEqual(plain);
    expect(await project.done(chain("--cached"))).toEqual(plain);
  });

  it("checks a bundle anew whose SIGNATURE.json changed, and refuses it", async () => {
    using project = withRuns();
    await verifyCached(project);
    forge(project, RUNS[1] as TestBundle);
    expect(await verifyCached(project)).toMatchObject({
      ok: false,
      code: "SIGNATURE_INVALID",
      details: { run_id: "run-002" },
      exit_code: 1,
    });
  });

  it.for([
    "TASK_SPEC",
    "STATUS",
    "OUTPUT_HASHES",
    "PROOF",
    "VALIDATOR_IDENTITY",
    "SIGNED_PAYLOAD",
    "SIGNATURE",
  ])("checks a bundle anew whose %s.json has one byte more", async (name) => {
    using project = withRuns();
    await verifyCached(project);
    const path = project.at("run", "run-003", `${name}.json`);
    writeFileSync(path, `${readFileSync(path, "utf8")} `);
    expect(await verifyCached(project)).toMatchObject({ cached: { recalled: 2 } });
  });

  it("checks anew under another policy, and remembers each", async () => {
    using project = withRuns();
    const mine = ["--signer", testSigner(SECOND_SEED).publicKeyHex];
    await verifyCached(project);
    expect(await verifyCached(project, ...mine)).toMatchObject({
      code: "SIGNER_UNKNOWN",
      cached: { recalled: 0 },
    });
    expect(await verifyCached(project, ...mine)).toMatchObject({
      code: "SIGNER_UNKNOWN",
      cached: { recalled: 3 },
    });
    expect(await verifyCached(project)).toMatchObject({ ok: true, cached: { recalled: 3 } });
  });

  it("hashes the outputs as ever", async () => {
    using project = withRuns();
    await verifyCached(project);
    project.write({ "files/out/b.txt": "BETA\n" });
    expect(await verifyCached(project)).toMatchObject({
      ok: false,
      code: "HASH_MISMATCH",
      details: { path: "out/b.txt", run_id: "run-001" },
    });
  });

  it("looks at all the other phases as ever", async () => {
    using project = withRuns();
    await verifyCached(project);
    mkdirSync(project.at("run", "run-002", "logs"));
    expect(await verifyCached(project)).toMatchObject({ code: "FORBIDDEN_ARTIFACT", phase: "forbidden" });
    rmSync(project.at("run", "run-002", "logs"), { recursive: true });
    writeFileSync(project.at("run", "run-003", "SIGNATURE.json.bak"), "");
    expect(await verifyCached(project)).toMatchObject({ code: "ARTIFACT_EXTRA", phase: "acceptance" });
  });

  it("is believed only where it was asked for", async () => {
    using project = withRuns();
    await verifyCached(project);
    forge(project, RUNS[0] as TestBundle);
    await plantCache(project);
    // The control: the memory does say that the forged bundle was verified.
    expect(await verifyCached(project)).toMatchObject({ ok: true, cached: { recalled: 3 } });
    const plain = await project.json(chain());
    expect(plain).toMatchObject({ ok: false, code: "SIGNATURE_INVALID" });
    expect(plain).not.toHaveProperty("cached");
  });

  it("writes nothing where it was not asked for", async () => {
    using project = withRuns();
    expect((await project.changesNothing(chain())).exitCode).toBe(0);
    expect(existsSync(cacheOf(project))).toBe(false);
  });

  it("remembers what was verified before the bundle that failed", async () => {
    using project = withRuns();
    const good = readFileSync(project.at("run", "run-003", "SIGNATURE.json"));
    forge(project, RUNS[2] as TestBundle);
    expect(await verifyCached(project)).toMatchObject({ code: "SIGNATURE_INVALID", cached: { saved: true } });
    writeFileSync(project.at("run", "run-003", "SIGNATURE.json"), good);
    expect(await verifyCached(project)).toMatchObject({ ok: true, cached: { recalled: 2 } });
  });

  it("lets two at once both end well, and leaves a whole memory", async () => {
    using project = withRuns();
    const both = await Promise.all([
      verifyCached(project),
      verifyCached(project, "--signer", testSigner(SECOND_SEED).publicKeyHex),
    ]);
    expect(both).toMatchObject([{ cached: { saved: true } }, { cached: { saved: true } }]);
    expect(await verifyCached(project)).toMatchObject({ ok: true, cached: { state: "read" } });
    expect(readdirSync(join(project.folder, FOLDER))).toEqual(["bundles"]);
  });

  it("skips them in a project's history too", async () => {
    using project = await makeSealedProject();
    const cached = ["chain", "verify", "--any-signer", "--cached"];
    expect(await project.json(cached)).toMatchObject({ ok: true, cached: { state: "absent", recalled: 0 } });
    const again = await project.json(cached);
    expect(again).toMatchObject({ ok: true, cached: { state: "read", recalled: 1 } });
    const path = project.at(".runseal/runs/one/SIGNATURE.json");
    writeFileSync(
      path,
      readFileSync(path, "utf8").replace(/"signature":\s*"../, (start) => `${start.slice(0, -2)}00`),
    );
    const { findings } = await project.json(cached);
    expect(findings).toContainEqual(expect.objectContaining({ code: "SIGNATURE_INVALID", run_id: "one" }));
  });
});

describe.concurrent("a memory that can't be used", () => {
  /** Verified once; then something happened to the memory. */
  async function ofMemory(happens: (cache: string, project: Project) => void): Promise<Project> {
    const project = withRuns();
    await verifyCached(project);
    happens(cacheOf(project), project);
    return project;
  }

  it.for<readonly [string, (bytes: Buffer) => Buffer]>([
    ["cut off", (bytes) => bytes.subarray(0, -1)],
    ["empty", () => Buffer.alloc(0)],
    ["of another byte", (bytes) => Buffer.from(bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)))],
    [
      "of another version",
      (bytes) => Buffer.from(bytes.toString("latin1").replace("bundles 1", "bundles 2"), "latin1"),
    ],
  ])("for it is %s is ignored with a remark, and written anew", async ([, change]) => {
    using project = await ofMemory((cache) => writeFileSync(cache, change(readFileSync(cache))));
    const { exitCode, stderr } = await project.run(chain("--cached"));
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^warning: .*verified\/bundles.* is not what runseal writes: .*\nhint: it was written anew\n$/,
    );
    expect(await verifyCached(project)).toMatchObject({ cached: { state: "read", recalled: 3 } });
  });

  it.for<readonly [string, (cache: string, project: Project) => void]>([
    ["its group may write it", (cache) => chmodSync(cache, 0o620)],
    ["everybody may write it", (cache) => chmodSync(cache, 0o602)],
    ["everybody may write its folder", (_, { folder }) => chmodSync(join(folder, FOLDER), 0o777)],
    [
      "it is a link",
      (cache) => {
        writeFileSync(`${cache}.real`, readFileSync(cache), { mode: 0o600 });
        rmSync(cache);
        symlinkSync(`${cache}.real`, cache);
      },
    ],
  ])("for %s is refused with a warning, and left as it is", async ([, change]) => {
    using project = await ofMemory(change);
    const { exitCode, stderr } = await project.changesNothing(chain("--cached"));
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^warning: .*others may write it: nothing was taken from it.*\nhint: .*\n$/);
    expect(await verifyCached(project)).toMatchObject({
      ok: true,
      cached: { state: "refused", recalled: 0, saved: false },
    });
  });

  it("changes no verdict where it can't be written", async () => {
    using project = withRuns();
    mkdirSync(join(project.folder, "home/.local"));
    writeFileSync(join(project.folder, "home/.local/state"), "");
    const facts = await verifyCached(project);
    expect(facts).toMatchObject({ ok: true, exit_code: 0, cached: { recalled: 0, saved: false } });
  });
});
