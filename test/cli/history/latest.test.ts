import { cpSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProject, makeProjectWithKey, makeSealedProject } from "../../support/command/cli.ts";

describe.concurrent("latest and latest~N", () => {
  it("are the run of HEAD and those before it, in every command that takes a run", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    await project.done(["seal", "out", "--id", "three"]);
    for (const [text, runId] of [
      ["latest", "three"],
      ["latest~0", "three"],
      ["latest~1", "two"],
      ["latest~2", "one"],
    ] as const)
      for (const command of ["verify", "show"])
        expect(await project.json([command, text])).toMatchObject({ ok: true, run_id: runId });
    expect(await project.json(["diff", "latest~1", "latest"])).toMatchObject({
      before: { run_id: "two" },
      after: { run_id: "three" },
    });
    expect(await project.json(["prove", "latest~2", "out/a.txt"])).toMatchObject({ run_id: "one" });
    expect(await project.json(["verify", "--history", "latest~2", "latest~1", "latest"])).toMatchObject({
      ok: true,
    });
    expect(await project.json(["verify", "latest~3"])).toMatchObject({
      code: "RUN_NOT_FOUND",
      details: { run_id: "latest~3" },
    });
  });

  it("pass over a failed run, which is not in the history", async () => {
    using project = await makeSealedProject();
    await project.run(["run", "--output", "out", "--id", "bad", "--", "false"]);
    expect(await project.json(["verify", "latest"])).toMatchObject({ ok: true, run_id: "one" });
  });

  it("leave out the snapshots of a guard", async () => {
    using project = makeProject({ "a.txt": "alpha\n" });
    for (const id of ["first", "second"])
      await project.run(["run", "--guard", ".", "--id", id, "--", "sh", "-c", `echo ${id} > b.txt`]);
    project.write({ "c.txt": "gamma\n" });
    await project.run(["snapshot", "--id", "later"]);
    expect(await project.json(["show", "later"])).toMatchObject({ run_id: "later" });
    expect(await project.json(["show", "latest"])).toMatchObject({ run_id: "second" });
    expect(await project.json(["show", "latest~1"])).toMatchObject({ run_id: "first" });
    expect(await project.json(["undo", "latest", "--dry-run"])).toMatchObject({ ok: true, run_id: "second" });
  });

  it.each(["latest", "latest~1"])("are not given to a run: --id %s is refused", async (id) => {
    using project = await makeProjectWithKey({ "out/a.txt": "alpha\n" });
    for (const args of [
      ["seal", "out", "--id", id],
      ["run", "--id", id, "--", "true"],
      ["snapshot", "--id", id],
    ]) {
      const end = await project.run(args);
      expect(end.exitCode).toBe(2);
      expect(end.stderr).toContain(`error: ARGUMENT_MALFORMED: "${id}" can't be a run id\n`);
    }
  });

  it("are not the run of another that has that name: its path names it", async () => {
    using project = await makeSealedProject();
    cpSync(project.at(".runseal/runs/one"), project.at("latest"), { recursive: true });
    await project.done(["seal", "out", "--id", "two"]);
    expect(await project.json(["show", "latest"])).toMatchObject({ run_id: "two" });
    expect(await project.json(["show", "./latest"])).toMatchObject({ code: "PAYLOAD_MISMATCH" });
  });
});
