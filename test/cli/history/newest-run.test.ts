import { cpSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeSealedProject } from "../../support/command/cli.ts";

describe.concurrent("a command without a run", () => {
  it("takes the newest of the line, and says which", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    for (const args of [
      ["verify"],
      ["show"],
      ["verify", "--report", "report.html"],
      ["restore", "--to", "there", "--mkdir"],
      ["export", "--format", "sums", "-o", "evidence"],
      ["prove", "out/a.txt"],
    ]) {
      const end = await project.run(args);
      expect(end.exitCode, end.stderr).toBe(0);
      expect(end.stderr.split("\n")[0], args[0]).toBe("note: no run was named: this is the newest, two");
      const elsewhere =
        {
          restore: ["--to", "elsewhere"],
          export: ["-o", "more"],
          report: ["-o", "more.html"],
        }[args[0] ?? ""] ?? [];
      const facts = await project.json([...args, ...elsewhere]);
      expect(facts, args[0]).toMatchObject({ newest_run_id: "two", run_id: "two" });
    }
  });

  it("does not name the newest where a run was named", async () => {
    using project = await makeSealedProject();
    expect(await project.json(["verify", "one"])).not.toHaveProperty("newest_run_id");
    await project.done(["verify", "one"]);
  });

  it("takes the newest of --project, and of the project above this folder", async () => {
    using project = await makeSealedProject();
    const below = await project.json(["verify"], { cwd: project.at("out") });
    expect(below).toMatchObject({ ok: true, newest_run_id: "one" });
    const elsewhere = await project.json(["verify", "--project", "project"], { cwd: project.folder });
    expect(elsewhere).toMatchObject({ ok: true, newest_run_id: "one" });
  });

  it("passes over a failed run, which is not in the line", async () => {
    using project = await makeSealedProject();
    const failed = ["run", "--output", "out", "--id", "bad", "--", "false"];
    expect((await project.run(failed)).exitCode).toBe(1);
    expect(await project.json(["verify"])).toMatchObject({ ok: true, newest_run_id: "one" });
  });

  it("takes the project's run where a folder here has the run's name and holds another bundle", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    cpSync(project.at(".runseal/runs/one"), project.at("two"), { recursive: true });
    const facts = await project.json(["verify"]);
    expect(facts).toMatchObject({ ok: true, run_id: "two", newest_run_id: "two" });
  });

  it("warns where HEAD was set back behind a run that this machine has seen", async () => {
    using project = await makeSealedProject();
    cpSync(project.at(".runseal/HEAD"), project.at("old-head"));
    await project.done(["seal", "out", "--id", "two"]);
    cpSync(project.at("old-head"), project.at(".runseal/HEAD"));
    const end = await project.run(["verify"]);
    expect(end.stderr).toContain("this is the newest, one\n");
    expect(end.stderr).toContain("warning: this machine has seen a newer run here");
    expect(end.stderr).toContain("hint: runseal verify --history says what does not fit");
  });

  it("does not say that nothing was sealed where a run was, and .runseal was removed or emptied", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    for (const removed of [".runseal/runs", ".runseal/HEAD", ".runseal"]) {
      rmSync(project.at(removed), { recursive: true });
      const verified = await project.run(["verify"]);
      expect(verified.stderr).not.toContain("nothing was sealed");
      expect(verified.stderr).not.toContain("runseal seal");
      expect((await project.done(["status"])).stdout).not.toContain("nothing was sealed");
      const logged = await project.run(["log"]);
      const gap = removed === ".runseal/runs" ? "missing: [0-9a-f]{8}…, which HEAD names\n" : "";
      expect(logged.stdout).toMatch(new RegExp(`^${gap}no run is here\n$`));
      expect(logged.stderr).toContain("warning: these runs are not one whole history up to HEAD\n");
      if (removed === ".runseal/runs") {
        expect(verified.stderr).toContain("hint: HEAD names the run, and its bundle was removed: ");
        continue;
      }
      expect(verified.exitCode).toBe(1);
      expect(verified.stderr).toBe(
        'error: HEAD_MISSING: there is no ".runseal/HEAD", though runs were sealed here: "two"\n' +
          "hint: this machine saw the run sealed here, and no run is left: get .runseal back from a copy of the project\n",
      );
    }
  });
});

describe.concurrent("runseal prove", () => {
  it("takes its first operand for the bundle where it names one, and else for a file", async () => {
    using project = await makeSealedProject();
    for (const args of [["one", "out/a.txt"], [".runseal/runs/one", "out/a.txt"], ["out/a.txt"]])
      expect(await project.json(["prove", ...args])).toMatchObject({ ok: true, paths: ["out/a.txt"] });
    expect(await project.json(["prove", "out/a.txt", "out/b.txt"])).toMatchObject({
      paths: ["out/a.txt", "out/b.txt"],
    });
  });

  it("proves a file of the newest run that is no longer on the disk", async () => {
    using project = await makeSealedProject();
    rmSync(project.at("out"), { recursive: true });
    expect(await project.json(["prove", "out/a.txt"])).toMatchObject({ ok: true, newest_run_id: "one" });
  });
});
