import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { makeProject, runProcess } from "../support/command/cli.ts";
import { compileForPackage } from "../support/files/compile-for-package.ts";
import { IS_FULL_RING, longIt } from "../support/rings/ring.ts";

const demo = (name: string): string => fileURLToPath(new URL(`../../demo/${name}`, import.meta.url));
const here = (program: string): boolean => spawnSync(program, ["-?"]).error === undefined;

/** Runs a demo, which checks the exit code of each of its commands. Gives its output. */
async function transcriptOf(script: string): Promise<string> {
  const setting = { cwd: "/", env: { PATH: String(process.env["PATH"]), TMPDIR: "/tmp" } };
  const { exitCode, stderr, stdout } = await runProcess("bash", [demo(script)], setting);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout;
}

/** The output of one step. */
function step(transcript: string, title: string): string {
  const found = transcript.split("\n# ").find((part) => part.startsWith(title));
  if (found === undefined) throw new Error(`the demo has no step ${title}`);
  return found;
}

describe.concurrent("the demo of each role, from an empty HOME", () => {
  it("CI engineer: the build can't sign, and only sealed files are deployed", async () => {
    const shown = await transcriptOf("ci.sh");
    expect(step(shown, "Job A, on a fresh machine")).toContain("error: KEY_NOT_FOUND: ");
    expect(step(shown, "Job A with the CI secret")).toMatch(
      /keys in reach: 0\nvariables: 0\n.*no descriptor 3\n/s,
    );
    // A line of 80 columns goes on below, behind six blanks.
    expect(step(shown, "Job B, on another machine").replaceAll("\n      ", " ")).toContain(
      'the run was sealed as "build-1"',
    );
    expect(step(shown, "Without a policy")).toMatch(/TRUST_POLICY_MISSING.*SIGNER_UNKNOWN/s);
    expect(step(shown, "An older build")).toContain("error: EXPECTATION_FAILED: ");
    expect(step(shown, "A changed file")).toMatch(/HASH_MISMATCH.*note: 1 file below "dist" was not sealed/s);
    expect(step(shown, "Job B deploys")).toContain("\nrestored 2 files, ");
  });

  it.runIf(IS_FULL_RING && here("ssh-agent"))(
    "operator of agents: no agent signs, and deleted runs are detected",
    async () => {
      const shown = await transcriptOf("agents.sh");
      expect(step(shown, "Task 2")).toContain("FAILED   the run says: the command failed with exit code 3");
      expect(step(shown, "Task 3")).toMatch(
        /\nno agent in reach\n.*lists {4}1 run that failed or was killed: "task-2"/s,
      );
      expect(step(shown, "The whole history")).toContain("error: HISTORY_FAILED_RUN_MISSING: ");
      expect(step(shown, "A mistyped run")).toContain("error: RUN_NOT_FOUND: ");
      expect(step(shown, "The store has the files")).toContain(
        "error: HASH_MISMATCH: the folder has moved on with task-3; ",
      );
      expect(step(shown, "The newest report is edited")).toMatch(
        /error: HASH_MISMATCH: run "task-3".*\naccepted\n/s,
      );
    },
  );

  longIt("auditor: verifies files alone by a pinned root, countersigns, and revokes a key", async () => {
    const shown = await transcriptOf("auditor.sh");
    expect(step(shown, "The release is verified")).toMatch(
      /\n10 acceptance {2}ok\n.*error: EXPECTATION_FAILED: /s,
    );
    expect(step(shown, "The claims of a proof")).toMatch(
      /no file was checked\n.*\naccepted\n.*FILE_NOT_PROVEN/s,
    );
    expect(step(shown, "The auditor countersigns")).toMatch(/SIGNER_UNKNOWN.*\ncountersigned /s);
    expect(step(shown, "The vendor's key")).toContain("error: SIGNER_REVOKED: ");
  });

  longIt("library user: each mistake gives a failure value", async () => {
    using project = makeProject({ "dist/app.txt": "one\n", "dist/LICENSE": "license\n" });
    await project.done(["init", "--name", "vendor", "--no-passphrase"]);
    await project.done(["seal", "dist", "--id", "release-1"]);
    writeFileSync(project.at("dist/app.txt"), "two\n");
    await project.done(["seal", "dist", "--id", "release-2"]);
    const { public_key } = await project.json(["key", "show"]);
    writeFileSync(project.at("library.mts"), readFileSync(demo("library.ts")));
    compileForPackage(project, ["library.mts"]);
    const args = [project.at("library.mjs"), project.root, String(public_key), "ab".repeat(32)];
    const setting = { cwd: project.root, env: project.env };
    const { stderr, stdout } = await runProcess(process.execPath, args, setting);
    expect(stdout + stderr).toBe(
      "accepted release-2: 2 files\n" +
        "another key: SIGNER_UNKNOWN\n" +
        "an older release: EXPECTATION_FAILED\n" +
        "no such release: RUN_NOT_FOUND\n" +
        "a chain of 2 releases\n" +
        "deployed 2 files\n" +
        "proved 1 file to a customer\n",
    );
  });
});
