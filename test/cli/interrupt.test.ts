import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BUNDLE, makeProjectWithKey, namesIn, opensBelow, type Project } from "../support/cli.ts";

/** A project with one output of that size, which takes no room at its source. */
async function withOneBigOutput(bytes: number): Promise<Project> {
  const project = await makeProjectWithKey({ "out/big": "" });
  truncateSync(project.at("out", "big"), bytes);
  return project;
}

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

// The work on one file takes seconds: whoever waited for its end would not have been interrupted.
describe("a signal in the middle of one large file", () => {
  it.each(SIGNALS)("%s ends a seal with %i, and nothing is left", async (signal, exitCode) => {
    using project = await withOneBigOutput(16 * 2 ** 30);
    const kill = { signal, when: (pid: number) => opensBelow(pid, project.at("out")) };
    const end = await project.run(["seal", "out"], { kill });
    expect(end).toEqual({ exitCode, stdout: "", stderr: "error: interrupted; nothing was left half-done\n" });
    expect(namesIn(project.root)).toEqual(["out"]);
  });

  it("ends a verification", async () => {
    using project = await withOneBigOutput(0);
    await project.done(["seal", "out", "--id", "one"]);
    truncateSync(project.at("out", "big"), 16 * 2 ** 30);
    const kill = { signal: "SIGINT" as const, when: (pid: number) => opensBelow(pid, project.at("out")) };
    const end = await project.run(["verify", BUNDLE, "--json"], { kill });
    expect(end.exitCode).toBe(130);
    expect(JSON.parse(end.stdout)).toMatchObject({ ok: false, code: "INTERRUPTED", exit_code: 130 });
  });

  it.each(["existing", "new"])(
    "ends a restore while it copies, and nothing is left (%s target)",
    async (kind) => {
      using project = await withOneBigOutput(600 * 2 ** 20);
      await project.done(["seal", "out", "--id", "one"]);
      const place = join(project.folder, "place");
      mkdirSync(place);
      writeFileSync(join(place, "mine"), "mine\n");
      const to = kind === "existing" ? ["--to", "../place"] : ["--to", "../place/new", "--mkdir"];
      const kill = { signal: "SIGINT" as const, when: (pid: number) => opensBelow(pid, place) };
      const end = await project.run(["restore", BUNDLE, ...to, "--json"], { kill });
      expect(end.exitCode, end.stdout).toBe(130);
      expect(namesIn(place)).toEqual(["mine"]);
    },
  );
});
