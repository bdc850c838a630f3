import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, namesIn, type Project } from "../../support/command/cli.ts";
import { artifactOf, runFacts, shell } from "../../support/command/run.ts";
import { ofRing } from "../../support/rings/ring.ts";

/** How often two runs are begun at once. */
const ROUNDS = ofRing(6, 50);

/** The runs of a project from the last to the first, as HEAD and the links have it. */
function lineOf(project: Project): readonly string[] {
  const runs = namesIn(project.at(".runseal", "runs")).map((runId) => {
    const { bundle_root } = artifactOf(project, runId, "SIGNED_PAYLOAD.json");
    const { runseal } = artifactOf(project, runId, "STATUS.json") as { runseal: Record<string, unknown> };
    return { runId, root: bundle_root, previous: runseal["previous_bundle_root"] };
  });
  const line: string[] = [];
  let root: unknown = headOf(project)["bundle_root"];
  while (root !== undefined) {
    const run = runs.find((candidate) => candidate.root === root);
    if (run === undefined || line.includes(run.runId)) throw new Error("the line is broken");
    line.push(run.runId);
    root = run.previous;
  }
  return line;
}

function headOf(project: Project): Record<string, unknown> {
  return JSON.parse(readFileSync(project.at(".runseal", "HEAD"), "utf8")) as Record<string, unknown>;
}

describe("runseal run: the project's line", () => {
  it(`is one line, without a fork and without a lost run, though two run at once ${ROUNDS} times`, async () => {
    using project = await makeProjectWithKey();
    for (let round = 0; round < ROUNDS; round++) {
      const ends = await Promise.all(
        ["a", "b"].map((which) => {
          const id = `${round}-${which}`;
          return project.run(shell(`echo ${id} > ${which}`, "--output", which, "--id", id, "--json"));
        }),
      );
      expect(
        ends.map(({ exitCode }) => exitCode),
        ends.map(({ stderr }) => stderr).join(""),
      ).toEqual([0, 0]);
    }
    const line = lineOf(project);
    expect(line).toHaveLength(2 * ROUNDS);
    expect([...line].sort()).toEqual(namesIn(project.at(".runseal", "runs")));
    const verified = await project.run(["verify", "--history", "--any-signer"]);
    expect(verified.exitCode, verified.stdout + verified.stderr).toBe(0);
  }, 900_000);

  it("has each run name the one before it, bundle and proof", async () => {
    using project = await makeProjectWithKey();
    const first = await runFacts(project, "echo 1 > a", ["--output", "a", "--id", "one"]);
    const second = await runFacts(project, "echo 2 > a", ["--output", "a", "--id", "two"]);
    expect(second["previous_bundle_root"]).toBe(first["bundle_root"]);
    const proof = artifactOf(project, "two", "PROOF.json");
    expect(proof["previous_proof_hash"]).toBe(artifactOf(project, "one", "PROOF.json")["proof_hash"]);
    expect(headOf(project)).toMatchObject({ run_id: "two", bundle_root: second["bundle_root"] });
  });

  it("has a failed run beside it: HEAD stays, what it made is kept, and the next run names the same one", async () => {
    using project = await makeProjectWithKey();
    const first = await runFacts(project, "echo 1 > a", ["--output", "a", "--id", "one"]);
    const failed = await runFacts(project, "echo 2 > a; exit 3", ["--output", "a", "--id", "failed"]);
    expect(failed).toMatchObject({ exit_code: 3, previous_bundle_root: first["bundle_root"], kept: 1 });
    expect(headOf(project)).toMatchObject({ run_id: "one" });
    const third = await runFacts(project, "echo 3 > a", ["--output", "a", "--id", "three"]);
    expect(third["previous_bundle_root"]).toBe(first["bundle_root"]);
    expect(lineOf(project)).toEqual(["three", "one"]);
    expect((await project.run(["verify", "--history", "--any-signer"])).exitCode).toBe(0);
  });

  it("keeps what a run made, unless told otherwise", async () => {
    using project = await makeProjectWithKey();
    const kept = ["--output", "a", "--id", "kept"];
    expect(await runFacts(project, "echo 1 > a", kept)).toMatchObject({ ok: true, kept: 1 });
    const unkept = ["--output", "a", "--no-keep", "--id", "unkept"];
    expect(await runFacts(project, "echo 2 > a", unkept)).toMatchObject({ ok: true, kept: null });
    const stored = ["--stored", "--any-signer"];
    expect((await project.run(["verify", ".runseal/runs/kept", ...stored])).exitCode).toBe(0);
    expect((await project.run(["verify", ".runseal/runs/unkept", ...stored])).exitCode).toBe(1);
  });
});
