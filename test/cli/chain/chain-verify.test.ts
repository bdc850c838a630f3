import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { identityOf } from "../../../src/core/records/artifacts/identity.ts";
import { keyDigestsOf } from "../../../src/core/records/artifacts/key-digest.ts";
import { nodeCrypto } from "../../../src/node/system/runtime/node-crypto.ts";
import {
  type BundleRecipe,
  canonical,
  FIRST_SEED,
  SECOND_SEED,
  sealBundle,
  sealLinkedRuns,
  sha256,
  type TestBundle,
  testSigner,
  writeBundle,
} from "../../support/bundles/bundle.ts";
import { type CliEnd, makeProject, makeSealedProject, type Project } from "../../support/command/cli.ts";

const FIRST = testSigner(FIRST_SEED);
const SECOND = testSigner(SECOND_SEED);

/** A project with these bundles in `run` and their outputs in `files`. */
function withBundles(bundles: readonly TestBundle[]): Project {
  const project = makeProject({});
  for (const bundle of bundles) writeBundle(project.root, bundle);
  return project;
}

/** Plain bundles of these run ids, each with an output of its own. */
function plainRuns(...runIds: readonly string[]): readonly TestBundle[] {
  return runIds.map((runId) => sealBundle({ runId, outputs: { [`out/${runId}`]: runId } }));
}

/** PROTOCOL 6, in the words of the protocol. */
function chainRootOf(bundles: readonly TestBundle[]): string {
  return sha256(
    canonical({
      bundle_roots: bundles.map(({ bundleRoot }) => bundleRoot),
      run_ids: bundles.map(({ runId }) => runId),
    }),
  );
}

function chain(runIds: readonly string[], ...options: readonly string[]): readonly string[] {
  const trust = options.some((option) => /^--(?:signer|trust|any-signer)/.test(option))
    ? []
    : ["--any-signer"];
  return [
    "verify",
    "--history",
    ...runIds.map((id) => `run/${id}`),
    "--files",
    "files",
    ...trust,
    ...options,
  ];
}

function expectRejected({ exitCode, stdout, stderr }: CliEnd, message: string | RegExp): void {
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^error: [^\n]+\n(?:hint: [^\n]+\n){1,2}$/);
}

describe.concurrent("runseal verify --history: an accepted chain", () => {
  it("shows each run in the order given, and the chain root", async () => {
    const runs = plainRuns("b", "a");
    using project = withBundles(runs);
    const { stdout } = await project.changesNothing(chain(["b", "a"]));
    const [first, second] = runs.map(
      ({ runId, bundleRoot }) =>
        `${runId}  unbound  ${bundleRoot.slice(0, 8)}  ${FIRST.validatorId.slice(0, 8)} (not judged)  ` +
        "1 file, 1 byte, from the project root\n",
    );
    expect(stdout).toBe(`${first}${second}chain root  ${chainRootOf(runs)}\naccepted\n`);
  });

  it("shows all that is known of each run with --verbose", async () => {
    const [run, ...others] = plainRuns("b", "a");
    if (run === undefined) throw new Error("there are runs");
    using project = withBundles([run, ...others]);
    const { stdout } = await project.done([...chain(["b", "a"]), "--verbose"]);
    expect(stdout.split("\n\n")[0]).toBe(
      `run      b\nhash     ${run.bundleRoot}\nfiles    1 file, 1 byte, from the project root\n` +
        "sealed   unbound: no run id, time or proof is signed\n" +
        `signer   ${FIRST.validatorId.slice(0, 8)} (ed25519 ${FIRST.publicKeyHex})\n` +
        `         ${keyDigestsOf(identityOf(FIRST.publicKey, nodeCrypto)).join("\n         ")}\n` +
        "trust    the signer was not judged: --any-signer accepts any signer",
    );
  });

  it("gives the same with --json", async () => {
    const runs = plainRuns("b", "a");
    using project = withBundles(runs);
    expect(await project.json(chain(["b", "a"]))).toEqual({
      ok: true,
      code: "OK",
      phase: null,
      message: "accepted",
      details: {},
      verdict: { ok: true, code: "OK", phase: null },
      bundle_root: runs[1]?.bundleRoot,
      bound: false,
      files: 2,
      bytes: 2,
      signer: {
        fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
        validator_id: FIRST.validatorId,
        key_id: FIRST.validatorId.slice(0, 8),
        public_key: FIRST.publicKeyHex,
      },
      trust: { ok: true, code: "ANY_SIGNER", reason: expect.any(String) },
      chain_root: chainRootOf(runs),
      bundle_roots: runs.map(({ bundleRoot }) => bundleRoot),
      run_ids: ["b", "a"],
      runs: ["b", "a"].map((run_id) => ({ run_id, source: "root", files: 1, differing: 0 })),
      notes: [],
      exit_code: 0,
    });
  });

  it("notes what it doesn't judge", async () => {
    const taskSpec = { inputs: ["from/nowhere\u001b[31m"] };
    using project = withBundles([sealBundle({ runId: "a", taskSpec })]);
    const { stdout } = await project.done(chain(["a"]));
    expect(stdout).toContain('note: INVALID_CHAIN_REFERENCE in run "a": "from/nowhere\\u{1b}[31m"\n');
    const { notes } = await project.json(chain(["a"]));
    expect(notes).toEqual([{ code: "INVALID_CHAIN_REFERENCE", run_id: "a", subject: taskSpec.inputs[0] }]);
  });
});

describe.concurrent("runseal verify --history: a rejected chain", () => {
  it("names the run and what is wrong with it", async () => {
    using project = withBundles(plainRuns("a", "b", "c"));
    rmSync(project.at("files", "out", "b"));
    const end = await project.changesNothing(chain(["a", "b", "c"]));
    expectRejected(end, /^error: OUTPUT_MISSING: run "b": the output "out\/b" is not there/);
    expect(await project.json(chain(["a", "b", "c"]))).toEqual({
      ok: false,
      code: "OUTPUT_MISSING",
      phase: "outputs",
      message: expect.any(String),
      details: { run_id: "b", path: "out/b" },
      verdict: { ok: false, code: "OUTPUT_MISSING", phase: "outputs" },
      bundle_root: null,
      bound: null,
      files: null,
      bytes: null,
      signer: null,
      trust: { ok: false, code: null, reason: expect.any(String) },
      chain_root: null,
      bundle_roots: null,
      run_ids: null,
      hint: expect.any(String),
      runs: [
        { run_id: "a", source: "root", files: 1, differing: 0 },
        { run_id: "b", source: "root", files: 1, differing: 1 },
      ],
      exit_code: 1,
    });
  });

  it("notices a run that was taken out, put elsewhere or put in", async () => {
    using project = withBundles([...sealLinkedRuns(3), ...plainRuns("other")]);
    for (const [runs, blamed] of [
      [["run-001", "run-003"], "run-003"],
      [["run-002", "run-003"], "run-002"],
      [["run-001", "run-003", "run-002"], "run-003"],
      [["run-001", "run-002", "other"], "other"],
    ] as const) {
      const facts = await project.json(chain(runs));
      expect(facts).toMatchObject({ code: "CHAIN_ROOT_MISMATCH", details: { run_id: blamed }, exit_code: 1 });
    }
  });
});

describe.concurrent("runseal verify --history: trust", () => {
  /** Run `a` by the first signer, run `b` by the second. */
  function bySigners(recipe: BundleRecipe = {}): Project {
    return withBundles([
      sealBundle({ ...recipe, runId: "a" }),
      sealBundle({ ...recipe, runId: "b", seed: SECOND_SEED }),
    ]);
  }

  it("wants every bundle's signer trusted, and names the first that isn't", async () => {
    using project = bySigners();
    await project.done(chain(["a", "b"], "--signer", FIRST.publicKeyHex, "--signer", SECOND.publicKeyHex));
    for (const [signer, blamed] of [
      [FIRST, "b"],
      [SECOND, "a"],
    ] as const) {
      const args = chain(["a", "b"], "--signer", signer.publicKeyHex);
      const { exitCode, stdout, stderr } = await project.changesNothing(args);
      expect(exitCode).toBe(3);
      expect(stdout).toContain("chain root  ");
      expect(stdout).not.toContain("accepted");
      expect(stderr).toMatch(
        new RegExp(`^error: SIGNER_UNKNOWN: the history is sound, but run "${blamed}": [^\\n]+\\nhint: `),
      );
      const other = signer === FIRST ? SECOND : FIRST;
      expect(await project.json(args)).toMatchObject({
        ok: false,
        code: "SIGNER_UNKNOWN",
        phase: "trust",
        details: { run_id: blamed },
        verdict: { ok: true, code: "OK", phase: null },
        signer: { validator_id: other.validatorId },
        trust: { ok: false, code: "SIGNER_UNKNOWN" },
        chain_root: expect.stringMatching(/^[0-9a-f]{64}$/),
        run_ids: ["a", "b"],
      });
    }
  });
});

describe.concurrent("runseal verify --history: usage", () => {
  it("takes the root from where the first bundle lies", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    cpSync(project.at(".runseal"), join(project.folder, "copy", ".runseal"), { recursive: true });
    const runs = ["project/.runseal/runs/one", "project/.runseal/runs/two"];
    await project.done(["verify", "--history", ...runs], { cwd: project.folder });
    const elsewhere = await project.run(
      ["verify", "--history", ...runs.map((run) => run.replace("project", "copy"))],
      {
        cwd: project.folder,
      },
    );
    // The copy has a store too, and so the older run.
    expectRejected(elsewhere, /^error: OUTPUT_MISSING: run "two"/);
  });
});
