import { existsSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeFifo, makeProjectWithKey } from "../../support/command/cli.ts";
import { artifactOf, runFacts, runFactsOf, shell } from "../../support/command/run.ts";

const MADE = ["--output", "made"];

describe.concurrent("runseal run: outputs that are there before and can't be sealed", () => {
  it("are refused before the command runs, all of them, whatever each is refused for", async () => {
    using project = await makeProjectWithKey({ "made/ok": "1", "made/NUL": "1", "made/a\\b": "1" });
    makeFifo(project.at("made/pipe"));
    symlinkSync("/etc", project.at("made/link"));
    const end = await project.changesNothing(shell("touch ran", ...MADE, "--strict", "--json"));
    const facts = runFactsOf(end);
    expect(facts).toMatchObject({ code: "ENTRIES_REFUSED", exit_code: 1, command: null });
    expect(facts["details"]).toEqual({
      reason: "special",
      refused: expect.arrayContaining([
        { path: "made/pipe", reason: "fifo" },
        { path: "made/link", target: "/etc" },
        expect.objectContaining({ path: "made/a\\b" }),
        expect.objectContaining({ path: "made/NUL" }),
      ]),
    });
    expect(existsSync(project.at("ran"))).toBe(false);
  });

  it("are not refused with the options that take them, nor outside of the outputs", async () => {
    using project = await makeProjectWithKey({ "made/ok": "1", "made/NUL": "1" });
    symlinkSync("ok", project.at("made/link"));
    symlinkSync("ok", project.at("link"));
    const options = [...MADE, "--names", "posix"];
    expect(await runFacts(project, "true", options)).toMatchObject({ ok: true, files: 2 });
  });
});

describe.concurrent("runseal run: links that are there before the command", () => {
  it("may climb from a place that the command makes", async () => {
    using project = await makeProjectWithKey({ "made/ok": "1" });
    symlinkSync("later/../ok", project.at("made/link"));
    const script = "mkdir made/later; echo 1 > made/later/x";
    expect(await runFacts(project, script, MADE)).toMatchObject({ ok: true, tree: { links: 1 } });
    expect(await runFacts(project, "rm -r made/later", MADE)).toMatchObject({
      code: "ENTRIES_REFUSED",
      details: { reason: "links-leave-root" },
    });
  });

  it("are refused if they climb above the root, whatever the command makes", async () => {
    using project = await makeProjectWithKey({ "made/ok": "1" });
    symlinkSync("./../../up", project.at("made/link"));
    const facts = await runFacts(project, "touch ran", MADE);
    expect(facts).toMatchObject({
      code: "ENTRIES_REFUSED",
      details: { reason: "links-leave-root" },
      command: null,
    });
    expect(existsSync(project.at("ran"))).toBe(false);
  });
});

describe.concurrent("runseal run: outputs that the command made and that can't be sealed", () => {
  it("are all named, to a person, to a program and in the bundle", async () => {
    using project = await makeProjectWithKey();
    const script = "mkdir made; cd made; ln -s /x link; mkfifo pipe; echo > NUL; echo > ok";
    const end = await project.run(shell(script, ...MADE, "--strict", "--id", "r"));
    expect(end.exitCode).toBe(1);
    expect(end.stderr).toContain('"made/link" -> "/x"\n');
    for (const name of ["pipe", "NUL"]) expect(end.stderr).toMatch(new RegExp(`"made/${name}" \\(`));
    expect(artifactOf(project, "r", "STATUS.json")["error"]).toMatchObject({
      code: "ENTRIES_REFUSED",
      refused: [
        { path: "made/pipe", reason: "fifo" },
        { path: "made/link", target: "/x" },
        { path: "made/NUL", reason: expect.any(String) },
      ],
    });
  });

  it("are left out if they are special files, and a note names them", async () => {
    using project = await makeProjectWithKey();
    const args = shell("mkdir made; mkfifo made/pipe; echo > made/ok", ...MADE);
    const { stderr } = await project.run([...args.slice(0, 1), "--id", "r", ...args.slice(1)]);
    expect(stderr).toContain('note: left out 1 special file: "made/pipe" (fifo)\n');
    expect(artifactOf(project, "r", "OUTPUT_TREE.json")).toMatchObject({
      left_out: [{ path: "made/pipe", reason: "fifo" }],
    });
    const facts = await runFacts(project, "true", MADE);
    expect(facts).toMatchObject({ ok: true, files: 1, left_out: [{ path: "made/pipe", reason: "fifo" }] });
  });

  it("are named in the bundle up to a bound, and the others counted", async () => {
    using project = await makeProjectWithKey();
    const script = "mkdir made; cd made; i=0; while [ $i -lt 1003 ]; do ln -s /x l$i; i=$((i+1)); done";
    await project.run(shell(script, ...MADE, "--id", "r"));
    const error = artifactOf(project, "r", "STATUS.json")["error"] as Readonly<Record<string, unknown>>;
    expect(error["refused"]).toHaveLength(1000);
    expect(error["refused_more"]).toBe(3);
  });
});
