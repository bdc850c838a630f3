import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { FakeAgent, type FakeKind, PROMPT } from "../../support/agents/fake-agent.ts";
import { type Facts, factsOf, makeProject, namesIn, type Project } from "../../support/command/cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const HOLDER = fileURLToPath(new URL("../../support/files/hold-project.mjs", import.meta.url));

const KINDS: readonly FakeKind[] = ["claude", "codex", "opencode", "generic"];

/** A guarded git repository, `work`. */
async function guarded(): Promise<Project> {
  const project = await makeProject();
  project.write({ "work/a.txt": "1\n", "work/.gitignore": "ignored\n", "work/ignored/x": "x\n" });
  project.write({ "work/dir/b.txt": "b\n" });
  const git = "git init -q; git config user.email a@b; git config user.name a; git add .; git commit -qm one";
  expect(
    spawnSync("sh", ["-ec", `${git}; ln -s a.txt link; mkdir empty`], { cwd: project.at("work") }).status,
  ).toBe(0);
  await project.json(["snapshot", "work"]);
  return project;
}

function state(project: Project): ReturnType<typeof snapshotTree> {
  return snapshotTree(project.at("work"));
}

async function undo(project: Project, ...args: readonly string[]): Promise<Facts> {
  return await project.json(["undo", "--guard", "work", "--turn", ...args]);
}

async function turnsOf(project: Project): Promise<readonly Facts[]> {
  const { turns } = await project.json(["log", "--guard", "work"]);
  return turns as readonly Facts[];
}

describe.concurrent("runseal hook", () => {
  it.each(KINDS)("takes back what a turn of %s did by shell", async (kind) => {
    using project = await guarded();
    const agent = new FakeAgent(project, kind, "S");
    await agent.tell("start");
    const before = state(project);
    await agent.turn("echo 2 > a.txt; rm -r ignored dir; mkdir new; echo n > new/f; chmod 600 .gitignore");
    const between = state(project);
    await agent.turn("ln -sf /dev/null link; rmdir empty; git commit -qam two; (sleep 3 >/dev/null 2>&1 &)");
    await agent.tell("end");
    expect(await undo(project)).toMatchObject({ run_id: expect.stringMatching(/^turn-[0-9a-f]{12}-2$/) });
    expect(state(project)).toEqual(between);
    await undo(project, "1");
    expect(state(project)).toEqual(before);
  });

  it.each(KINDS)("takes back the turn of a killed %s", async (kind) => {
    using project = await guarded();
    const agent = new FakeAgent(project, kind, "S");
    const before = state(project);
    await agent.turn("rm -rf dir .git; echo 3 > a.txt", true);
    await undo(project);
    expect(state(project)).toEqual(before);
  });

  it.each(KINDS)("brings the folder back that %s removed", async (kind) => {
    using project = await guarded();
    const agent = new FakeAgent(project, kind, "S");
    const before = state(project);
    await agent.tell("prompt");
    rmSync(project.at("work"), { recursive: true });
    const { stdout } = await agent.tell("stop");
    expect(stdout).toContain("no snapshot after this answer");
    await undo(project);
    expect(state(project)).toEqual(before);
  });

  it("keeps nothing of the prompt", async () => {
    using project = await guarded();
    const agent = new FakeAgent(project, "claude", "secret-session");
    await agent.turn("echo 2 > a.txt");
    const kept = spawnSync("grep", ["-rlE", `${PROMPT}|secret-session`, join(project.folder, "home")]);
    expect(kept.stdout.toString()).toBe("");
  });

  it("leaves what the person edited between two turns, and names it where the agent changed it too", async () => {
    using project = await guarded();
    const agent = new FakeAgent(project, "claude", "S");
    await agent.turn("echo agent > a.txt; echo agent > dir/b.txt");
    project.write({ "work/mine.txt": "mine\n", "work/dir/b.txt": "person\n" });
    await agent.turn("echo agent2 > a.txt; echo agent2 >> dir/b.txt");
    const end = await project.run(["undo", "--guard", "work", "--turn", "1", "--json"]);
    expect(factsOf(end)).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { changed: [{ path: "dir/b.txt" }] },
    });
    await undo(project, "1", "--skip-changed");
    const text = (path: string): string => readFileSync(project.at("work", path), "utf8");
    expect([text("a.txt"), text("dir/b.txt"), text("mine.txt")]).toEqual([
      "1\n",
      "person\nagent2\n",
      "mine\n",
    ]);
  });

  it("counts the turns of two sessions in one folder apart, and undoes each", async () => {
    using project = await guarded();
    const [one, two] = [new FakeAgent(project, "claude", "one"), new FakeAgent(project, "codex", "two")];
    const before = state(project);
    await one.turn("echo one > one.txt");
    const between = state(project);
    await two.turn("echo two > two.txt");
    await undo(project, "1", "--session", "one");
    expect(existsSync(project.at("work/one.txt"))).toBe(false);
    expect(existsSync(project.at("work/two.txt"))).toBe(true);
    await project.json(["redo", "--guard", "work"]);
    await undo(project, "--session", "two");
    expect(state(project)).toEqual(between);
    await undo(project, "--session", "one");
    expect(state(project)).toEqual(before);
  });

  it("stops where another session was at work at the same moment, and names its turn", async () => {
    using project = await guarded();
    const [one, two] = [new FakeAgent(project, "claude", "one"), new FakeAgent(project, "claude", "two")];
    await one.tell("prompt");
    one.shell("echo one > one.txt");
    await two.tell("prompt");
    two.shell("echo two > two.txt");
    await one.tell("stop");
    await two.tell("stop");
    const hash = createHash("sha256").update("two").digest("hex");
    const other = (await turnsOf(project)).find(({ session }) => session === hash);
    const end = await project.run(["undo", "--guard", "work", "--turn", "--session", "one", "--json"]);
    expect(factsOf(end)).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { changed: [{ path: "two.txt", by: other?.["turn_id"] }] },
    });
  });

  it("joins a prompt to a turn that has changed nothing, and begins another one after that", async () => {
    using project = await guarded();
    const agent = new FakeAgent(project, "claude", "S");
    await agent.turn("true");
    await agent.tell("prompt");
    await agent.turn("echo 2 > a.txt");
    await agent.turn("echo 3 > a.txt");
    expect((await turnsOf(project)).map(({ number }) => number)).toEqual([2, 1]);
  });

  it("goes on with a turn where the agent answers again without a prompt", async () => {
    using project = await guarded();
    const agent = new FakeAgent(project, "claude", "S");
    const before = state(project);
    await agent.turn("echo 2 > a.txt");
    agent.shell("echo 3 > a.txt; echo new > new.txt");
    await agent.tell("stop");
    await agent.tell("end");
    await undo(project);
    expect(state(project)).toEqual(before);
  });

  it("does nothing in a folder without a guard, and says so when a session begins", async () => {
    using project = await makeProject();
    project.write({ "work/a.txt": "1\n" });
    const agent = new FakeAgent(project, "claude", "S");
    expect((await agent.tell("start")).stdout).toContain("is not guarded");
    expect((await agent.tell("prompt")).stdout).toBe("");
    expect((await agent.tell("stop")).stdout).toBe("");
    expect(existsSync(join(project.folder, "home/.local/share/runseal"))).toBe(false);
  });

  it("finds the guard of the agent's project, wherever the agent is by now", async () => {
    using project = await guarded();
    project.write({ "elsewhere/a.txt": "1\n" });
    const agent = new FakeAgent(project, "claude", "S");
    await agent.tell("prompt", project.at("elsewhere"));
    expect(await turnsOf(project)).toHaveLength(1);
  });

  it.each([
    ["that is not JSON", "hello"],
    ["that is empty", ""],
    ["without a session", '{"hook_event_name":"UserPromptSubmit","cwd":"/"}'],
    [
      "with a session that is too long",
      `{"hook_event_name":"Stop","cwd":"/","session_id":"${"x".repeat(513)}"}`,
    ],
    ["with a relative folder", '{"hook_event_name":"Stop","cwd":"work","session_id":"S"}'],
    ["with a null byte in its folder", '{"hook_event_name":"Stop","cwd":"/a\\u0000","session_id":"S"}'],
    [
      "with a member of every object as its event",
      '{"hook_event_name":"constructor","cwd":"/","session_id":{}}',
    ],
    ["that is an array", "[]"],
    ["of 20 MB", " ".repeat(20 << 20)],
  ])("notes a turn without a snapshot for a message %s, and ends well", async (_what, text) => {
    using project = await guarded();
    const input = Buffer.from(text);
    const { env } = project;
    const end = await project.run(["hook", "claude"], { input, cwd: project.at("work"), env });
    expect(end).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(end.stdout)).toMatchObject({
      systemMessage: expect.stringContaining("INPUT_MALFORMED"),
    });
    expect(await turnsOf(project)).toMatchObject([{ before: null, failure: "INPUT_MALFORMED", number: 1 }]);
    expect((await project.json(["status"], { cwd: project.at("work") }))["guard"]).toMatchObject({
      failed_turns: 1,
    });
    const refused = await project.run(["undo", "--guard", "work", "--turn", "--json"]);
    expect(factsOf(refused)).toMatchObject({ code: "UNDO_NO_AFTER", details: { reason: "INPUT_MALFORMED" } });
    const strict = await project.run(["hook", "claude", "--strict"], { input, cwd: project.at("work"), env });
    expect(strict).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("drops turns that are too old, once a day, after an answer", async () => {
    using project = await makeProject();
    const old = { env: { ...project.env, SOURCE_DATE_EPOCH: "1700000000" } };
    for (let number = 0; number < 55; number++) {
      project.write({ "work/a.txt": `${number}\n` });
      await project.json(["snapshot", "work"], old);
    }
    const agent = new FakeAgent(project, "claude", "S");
    await agent.turn("echo 2 > a.txt");
    const { runs } = await project.json(["log", "--guard", "work"]);
    expect(runs).toHaveLength(51);
    await undo(project);
    expect(readFileSync(project.at("work/a.txt"), "utf8")).toBe("54\n");
  });

  it("waits for another process no longer than 2 seconds, and notes a turn without a snapshot", async () => {
    using project = await guarded();
    const guards = join(project.folder, "home/.local/share/runseal/guards");
    const holder = spawn(process.execPath, [HOLDER, join(guards, namesIn(guards)[0] ?? "", ".runseal")]);
    try {
      const [held] = (await once(holder.stdout, "data")) as [Buffer];
      expect(String(held)).toBe("held\n");
      const agent = new FakeAgent(project, "claude", "S");
      expect((await agent.tell("prompt")).stdout).toContain("no snapshot before this prompt (LOCKED)");
    } finally {
      holder.kill("SIGKILL");
      await once(holder, "exit");
    }
    expect(await turnsOf(project)).toMatchObject([{ before: null, failure: "LOCKED", number: 1 }]);
  });

  it("says that it can't use a guard that others may write to", async () => {
    using project = await guarded();
    chmodSync(join(project.folder, "home/.local/share/runseal/guards"), 0o777);
    const agent = new FakeAgent(project, "claude", "S");
    expect((await agent.tell("prompt")).stdout).toContain(
      "no snapshot before this prompt (GUARD_PLACE_REFUSED)",
    );
  });

  it.each([
    ["an unknown option", ["claude", "--nonsense"]],
    ["an unknown agent", ["clod"]],
    ["no agent", []],
    ["an option that goes with another one", ["claude", "--strict", "--yes"]],
    ["a color that there is not", ["claude", "--color", "sometimes"]],
  ])("never ends with exit code 2, which erases a prompt, for a wrong usage: %s", async (_what, args) => {
    using project = await guarded();
    const input = new FakeAgent(project, "claude", "S").message("prompt");
    const end = await project.run(["hook", ...args], { input });
    expect(end).toMatchObject({ exitCode: 1, stdout: "", stderr: expect.stringMatching(/^error: USAGE: ./) });
    expect(await project.run(["hook", ...args, "--install"])).toMatchObject({ exitCode: 2 });
  });

  it("passes over events that it does not know", async () => {
    using project = await guarded();
    const input = Buffer.from('{"hook_event_name":"PreCompact","cwd":"/","session_id":"S"}');
    const { exitCode, stdout } = await project.run(["hook", "claude"], { input });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });

  it("follows no link that is in the place of the folder by now", async () => {
    using project = await guarded();
    const agent = new FakeAgent(project, "codex", "S");
    const before = state(project);
    await agent.tell("prompt");
    project.write({ "out/a.txt": "theirs\n" });
    spawnSync("sh", ["-ec", "mv work gone; ln -s out work"], { cwd: project.at(".") });
    await agent.tell("stop");
    rmSync(project.at("work"));
    await undo(project);
    expect(state(project)).toEqual(before);
  });
});
