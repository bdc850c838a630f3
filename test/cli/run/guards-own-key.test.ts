/** What commands say of snapshots that a guard's own key signed, because the user has none. */

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeProject, namesIn, type Project } from "../../support/command/cli.ts";

const OWN = "signed by this guard's own key, which shows accidents, not who";

/** A folder whose guard signs for itself. */
async function makeGuarded(): Promise<Project> {
  const project = await makeProject();
  project.write({ "a.txt": "old\n" });
  const { exitCode } = await project.run(["run", "--guard", ".", "--id", "fix", "--", "touch", "new"]);
  expect(exitCode).toBe(0);
  return project;
}

describe.concurrent("a run that this guard's own key signed", () => {
  it("is shown as such, and as trusted by no trust file", async () => {
    using project = await makeGuarded();
    expect((await project.done(["status"])).stdout).toMatch(
      /^snapshot fix\.after, .* \(this guard's own key\)$/m,
    );
    expect((await project.done(["show", "fix"])).stdout).toContain(`trust    ${OWN}\n`);
    expect((await project.done(["diff", "fix.before", "fix.after"])).stdout).toContain(
      "(this guard's own key)",
    );
  });

  it.each([
    [["verify", "fix"], "the bundle is sound, but "],
    [["verify", "--history"], 'the history is sound, but run "fix.before": '],
    [["verify", "--history", "fix.before", "fix.after"], 'the history is sound, but run "fix.before": '],
  ])("is not accepted, and the advice asks no signer for a key: %j", async (args, sound) => {
    using project = await makeGuarded();
    const { exitCode, stderr } = await project.run(args);
    expect(exitCode).toBe(3);
    expect(stderr.replaceAll("\n      ", " ")).toContain(
      `error: TRUST_POLICY_MISSING: ${sound}${OWN}\nhint: runseal undo believes it; runseal init makes a key of yours for later runs\n`,
    );
    expect(stderr).not.toContain("ask the signer");
  });

  it("keeps its code for programs, with a member that says whose key it was", async () => {
    using project = await makeGuarded();
    expect(await project.json(["verify", "fix"])).toMatchObject({
      code: "TRUST_POLICY_MISSING",
      exit_code: 3,
      trust: { ok: false, code: "TRUST_POLICY_MISSING", reason: OWN, guards_own_key: true },
    });
    await project.done([
      "trust",
      "add",
      "other",
      "45cbd2e9540ab85808f4d3f4bb1cc0e1c0bb5fbe2d0b92f4c7c3eb8f1d7b0f3f",
    ]);
    expect(await project.json(["verify", "fix"])).toMatchObject({
      trust: { code: "SIGNER_UNKNOWN", reason: OWN, guards_own_key: true },
    });
  });

  it("is trusted as any other where a trust file names the key", async () => {
    using project = await makeGuarded();
    const facts = await project.json(["verify", "fix"]);
    const { public_key: key } = facts["signer"] as { readonly public_key: string };
    const trusted = await project.json(["verify", "fix", "--signer", key]);
    expect(trusted).toMatchObject({ ok: true, trust: { ok: true } });
    expect(trusted["trust"]).not.toHaveProperty("guards_own_key");
  });

  it("is a stranger's outside of the guarded folder", async () => {
    using project = await makeGuarded();
    const guards = join(project.env["HOME"] ?? "", ".local/share/runseal/guards");
    const bundle = join(guards, namesIn(guards)[0] ?? "", ".runseal/runs/fix");
    const { stderr } = await project.run(["verify", bundle, "--files", "/"], { cwd: project.folder });
    expect(stderr).toContain("TRUST_POLICY_MISSING");
    expect(stderr).not.toContain("own key");
  });
});
