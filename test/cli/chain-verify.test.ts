import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
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
} from "../support/bundle.ts";
import { type CliEnd, makeProject, makeSealedProject, type Project } from "../support/cli.ts";

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
  return ["chain", "verify", ...runIds.map((id) => `run/${id}`), "--root", "files", ...trust, ...options];
}

function expectRejected({ exitCode, stdout, stderr }: CliEnd, message: string | RegExp): void {
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^error: [^\n]+\n(?:hint: [^\n]+\n){1,2}$/);
}

describe.concurrent("runseal chain verify: an accepted chain", () => {
  it("shows each run in the order given, and the chain root", async () => {
    const runs = plainRuns("b", "a");
    using project = withBundles(runs);
    const { stdout } = await project.changesNothing(chain(["b", "a"]));
    const [first, second] = runs.map(
      ({ runId, bundleRoot }) =>
        `${runId}\n  root    ${bundleRoot}\n  files   1 file, 1 byte\n` +
        "  from    the project root\n" +
        `  signer  ${FIRST.validatorId.slice(0, 8)} (ed25519 ${FIRST.publicKeyHex})\n` +
        "  trust   the signer was not judged: --any-signer accepts any signer\n",
    );
    expect(stdout).toBe(`${first}${second}chain root  ${chainRootOf(runs)}\naccepted\n`);
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

  it("has another root in another order", async () => {
    const runs = plainRuns("a", "b");
    using project = withBundles(runs);
    const { chain_root, run_ids } = await project.json(chain(["b", "a"]));
    expect(run_ids).toEqual(["b", "a"]);
    expect(chain_root).toBe(chainRootOf(runs.toReversed()));
    expect(chain_root).not.toBe(chainRootOf(runs));
  });

  it("may be of one", async () => {
    using project = await makeSealedProject();
    const facts = await project.json(["chain", "verify", ".runseal/runs/one"]);
    expect(facts).toMatchObject({
      ok: true,
      bound: true,
      files: 2,
      run_ids: ["one"],
      signer: { name: "default" },
    });
  });

  it("has the root that is expected", async () => {
    const runs = plainRuns("a", "b");
    using project = withBundles(runs);
    await project.done(chain(["a", "b"], "--expect-chain-root", chainRootOf(runs)));
  });

  it("holds together by links, and is bound", async () => {
    using project = withBundles(sealLinkedRuns(3));
    const facts = await project.json(chain(["run-001", "run-002", "run-003"]));
    expect(facts).toMatchObject({ ok: true, bound: true });
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

describe.concurrent("runseal chain verify: a rejected chain", () => {
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

  it("names a run that isn't there", async () => {
    using project = withBundles(plainRuns("a"));
    const facts = await project.json(chain(["a", "nope"]));
    expect(facts).toMatchObject({ code: "PATH_NOT_FOUND", details: { path: "run/nope" }, exit_code: 4 });
  });

  it("refuses the same run twice, before anything is judged", async () => {
    using project = withBundles(plainRuns("a", "b"));
    for (const runs of [
      ["a", "b", "a"],
      ["a", "./a/"],
    ]) {
      const facts = await project.json(chain(runs));
      expect(facts).toMatchObject({ code: "CHAIN_DUPLICATE_RUN", exit_code: 1 });
    }
    expectRejected(await project.run(chain(["a", "a"])), /^error: CHAIN_DUPLICATE_RUN: [^\n]* a\n/);
  });

  it("has not the root that is expected", async () => {
    using project = withBundles(plainRuns("a"));
    const end = await project.run(chain(["a"], "--expect-chain-root", "0".repeat(64)));
    expectRejected(
      end,
      /^error: EXPECTATION_FAILED: not the expected chain: its root is [0-9a-f]{12}…, not 0{12}…\n/,
    );
    expect(end.stderr, "no run is to blame").not.toContain("run ");
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

  it("gives no verdict where the root isn't there", async () => {
    using project = withBundles(plainRuns("a"));
    const facts = await project.json(["chain", "verify", "run/a", "--root", "nope"]);
    expect(facts).toMatchObject({ code: "ROOT_NOT_FOUND", verdict: null, exit_code: 4 });
  });
});

describe.concurrent("runseal chain verify: trust", () => {
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
        new RegExp(`^error: SIGNER_UNKNOWN: the chain is sound, but run "${blamed}": [^\\n]+\\nhint: `),
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

  it("has no policy to go by where none was given", async () => {
    using project = bySigners();
    const facts = await project.json(["chain", "verify", "run/a", "run/b", "--root", "files"]);
    expect(facts).toMatchObject({ ok: false, code: "TRUST_POLICY_MISSING", exit_code: 3 });
  });

  it("takes the same options as verify, and the same mistakes", async () => {
    using project = bySigners();
    project.write({ trust: `x runseal-ed25519 ${FIRST.publicKeyHex}\ngarbage\n` });
    expect(await project.json(chain(["a"], "--trust", "trust"))).toMatchObject({
      code: "TRUST_FILE_MALFORMED",
      exit_code: 3,
    });
    expect(await project.json(chain(["a"], "--trust", "nope"))).toMatchObject({
      code: "TRUST_FILE_UNREADABLE",
      exit_code: 4,
    });
    expect(await project.json(chain(["a"], "--signer", "x"))).toMatchObject({
      code: "SIGNER_NOT_A_KEY",
      exit_code: 2,
    });
    expect(await project.json(chain(["a"], "--any-signer", "--trust", "trust"))).toMatchObject({
      exit_code: 2,
    });
  });
});

describe.concurrent("runseal chain verify: usage", () => {
  it.each(["", "abc", "A".repeat(64), "0".repeat(63), `${"0".repeat(64)}\n`])(
    "refuses --expect-chain-root %j",
    async (root) => {
      using project = withBundles(plainRuns("a"));
      const { exitCode, stdout, stderr } = await project.run(chain(["a"], `--expect-chain-root=${root}`));
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      expect(stderr).toContain("--expect-chain-root takes 64 lowercase hex characters\n");
    },
  );

  it("takes the root from where the first bundle lies", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    cpSync(project.at(".runseal"), join(project.folder, "copy", ".runseal"), { recursive: true });
    const runs = ["project/.runseal/runs/one", "project/.runseal/runs/two"];
    await project.done(["chain", "verify", ...runs], { cwd: project.folder });
    const elsewhere = await project.run(
      ["chain", "verify", ...runs.map((run) => run.replace("project", "copy"))],
      {
        cwd: project.folder,
      },
    );
    // The copy has a store too, and so the older run.
    expectRejected(elsewhere, /^error: OUTPUT_MISSING: run "two"/);
  });
});
