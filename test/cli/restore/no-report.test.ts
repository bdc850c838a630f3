import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, makeSealedProject, namesIn, type Project } from "../../support/command/cli.ts";
import { shell } from "../../support/command/run.ts";

const RESTORE = ["restore", "one", "--to", "www", "--no-report"];
const UNDO = ["undo", "--restored", "www", "one"];

/** A project with a sealed run `one`, and a folder of a web server. */
async function webProject(): Promise<Project> {
  const project = await makeSealedProject();
  project.write({ "www/mine.html": "mine\n" });
  return project;
}

describe.concurrent("runseal restore --no-report", () => {
  it("leaves the outputs in the folder and nothing else, and says how to undo it", async () => {
    using project = await webProject();
    const { exitCode, stderr } = await project.run(RESTORE);
    expect(exitCode).toBe(0);
    expect(namesIn(project.at("www"))).toEqual(["mine.html", "out"]);
    expect(stderr).toContain("runseal undo --restored 'www' 'one' takes the files out again\n");
    rmSync(project.at("www/out"), { recursive: true });
    expect(await project.json(RESTORE)).toMatchObject({ ok: true, report: false, files: 2 });
  });

  it("leaves none in a folder that it makes, and may restore beside the report of another restore", async () => {
    using project = await webProject();
    expect((await project.run(["restore", "one", "--to", "new", "--mkdir", "--no-report"])).exitCode).toBe(0);
    expect(namesIn(project.at("new"))).toEqual(["out"]);
    writeFileSync(project.at("www/RESTORE_REPORT.json"), "{}");
    expect((await project.run(RESTORE)).exitCode).toBe(0);
  });

  it("leaves none in the folders of a chain", async () => {
    using project = await webProject();
    await project.done(["seal", "www", "--id", "two"]);
    const to = ["--to", "chain", "--mkdir", "--no-report"];
    expect((await project.run(["restore", "one", "two", ...to])).exitCode).toBe(0);
    expect(readdirSync(project.at("chain")).sort()).toEqual(["one", "two"]);
    expect(namesIn(project.at("chain/one"))).toEqual(["out"]);
    const undo = ["undo", "--restored", "chain", "one", "two"];
    expect(await project.json(undo)).toMatchObject({ ok: true, files: 3 });
    expect(readdirSync(project.at("chain"))).toEqual([]);
  });
});

describe.concurrent("runseal undo --restored DIR RUN", () => {
  it("takes out what was restored, and nothing else; without a run it says what to name", async () => {
    using project = await webProject();
    await project.run(RESTORE);
    const end = await project.run(["undo", "--restored", "www"]);
    expect(end.exitCode).toBe(5);
    expect(end.stderr).toContain("name the run too: runseal undo --restored DIR RUN");
    expect(await project.json([...UNDO, "--dry-run"])).toMatchObject({ ok: true, files: 2, bytes: 11 });
    expect(await project.json(UNDO)).toMatchObject({ ok: true, files: 2, bytes: 11 });
    expect(namesIn(project.at("www"))).toEqual(["mine.html"]);
  });

  it("takes out a part, where a part was restored", async () => {
    using project = await webProject();
    const only = ["--only", "out/a.txt"];
    await project.run([...RESTORE, ...only]);
    expect(await project.json(UNDO)).toMatchObject({ code: "UNDO_TARGET_CHANGED", exit_code: 5 });
    expect(await project.json([...UNDO, ...only])).toMatchObject({ ok: true, files: 1 });
    expect((await project.run(["undo", "--restored", "www", ...only])).exitCode).toBe(2);
  });

  it("leaves no folder behind after a restore without links, and needs the same --links", async () => {
    using project = await makeProjectWithKey();
    mkdirSync(project.at("out/only"));
    symlinkSync("../a.txt", project.at("out/only/link"));
    await project.done(["seal", "out", "--id", "one"]);
    mkdirSync(project.at("www"));
    const restored = await project.run([...RESTORE, "--links", "none"]);
    expect(restored.stderr).toContain(
      "runseal undo --restored 'www' 'one' --links none takes the files out again\n",
    );
    expect(await project.json(UNDO)).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { changed: [{ path: "out/only/link", change: "missing" }] },
    });
    expect(await project.json([...UNDO, "--links", "none"])).toMatchObject({
      ok: true,
      links: 0,
      empty_folders: 1,
    });
    expect(readdirSync(project.at("www"))).toEqual([]);
    expect((await project.run(["undo", "--restored", "www", "--links", "none"])).exitCode).toBe(2);
  });

  it("removes nothing where a file was changed, or the bundle is not sound or not trusted", async () => {
    using project = await webProject();
    await project.run(RESTORE);
    const stranger = ["--signer", "ab".repeat(32)];
    expect(await project.json([...UNDO, ...stranger])).toMatchObject({
      code: "RESTORE_VERIFY_STRICT_FAILED",
      trust: { code: "SIGNER_UNKNOWN" },
    });
    const status = project.at(".runseal/runs/one/STATUS.json");
    const sound = readFileSync(status, "utf8");
    writeFileSync(status, sound.replace("success", "successs"));
    expect(await project.json(UNDO)).toMatchObject({ code: "RESTORE_VERIFY_STRICT_FAILED", exit_code: 5 });
    writeFileSync(status, sound);
    writeFileSync(project.at("www/out/a.txt"), "other\n");
    expect(await project.json(UNDO)).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { changed: [{ path: "out/a.txt", change: "other-bytes" }] },
    });
    expect(existsSync(project.at("www/out"))).toBe(true);
  });

  it("takes out what a failed run made, too", async () => {
    using project = await makeProjectWithKey();
    await project.run(shell("echo 1 > made; exit 3", "--output", "made", "--id", "bad"));
    mkdirSync(project.at("www"));
    await project.run(["restore", "bad", "--failed", "--to", "www", "--no-report"]);
    expect(namesIn(project.at("www"))).toEqual(["made"]);
    expect(await project.json(["undo", "--restored", "www", "bad"])).toMatchObject({
      ok: true,
      files: 1,
    });
  });
});

describe.concurrent("a project's own folder", () => {
  it("is left out of git by a file that says why, written once", async () => {
    using project = await makeProjectWithKey();
    await project.done(["seal", "out", "--id", "one"]);
    const file = project.at(".runseal/.gitignore");
    expect(readFileSync(file, "utf8")).toMatch(/^# Written by runseal\.(?:.|\n)*\n\*\n$/);
    rmSync(file);
    await project.done(["seal", "out", "--id", "two"]);
    expect(existsSync(file)).toBe(false);
  });

  it("has the file after a run that failed, too, and none where nothing was sealed", async () => {
    using project = await makeProjectWithKey();
    await project.run(["seal", "nothing"]);
    expect(existsSync(project.at(".runseal"))).toBe(false);
    await project.run(shell("exit 3"));
    expect(existsSync(project.at(".runseal/.gitignore"))).toBe(true);
  });
});
