import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { factsOf, makeProject, type Project } from "../../support/command/cli.ts";

const FILES = {
  claude: ".claude/settings.json",
  codex: ".codex/hooks.json",
  opencode: "opencode/plugins/runseal.js",
} as const;

type Agent = keyof typeof FILES;

const AGENTS: readonly Agent[] = ["claude", "codex", "opencode"];

function fileOf(project: Project, agent: Agent): string {
  return agent === "opencode"
    ? join(project.config, FILES[agent])
    : join(project.folder, "home", FILES[agent]);
}

function write(project: Project, agent: Agent, text: string): string {
  const file = fileOf(project, agent);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function install(project: Project, agent: Agent): Promise<Record<string, unknown>> {
  return await project.json(["hook", agent, "--install", "--yes"]);
}

async function uninstall(project: Project, agent: Agent): Promise<Record<string, unknown>> {
  return await project.json(["hook", agent, "--uninstall", "--yes"]);
}

describe.concurrent("runseal hook --install", () => {
  it.each(AGENTS)("makes the settings of %s, finds them made, and takes them out", async (agent) => {
    using project = await makeProject();
    expect(await install(project, agent)).toMatchObject({ settings: { changed: true } });
    const text = readFileSync(fileOf(project, agent), "utf8");
    const printed = await project.done(["hook", agent, "--print"]);
    expect(text).toBe(printed.stdout);
    expect(text).toContain(process.execPath);
    expect(statSync(fileOf(project, agent)).mode & 0o777).toBe(0o600);
    expect(await install(project, agent)).toMatchObject({ settings: { changed: false } });
    expect(await uninstall(project, agent)).toMatchObject({ settings: { changed: true } });
    expect(await uninstall(project, agent)).toMatchObject({ settings: { changed: false } });
    const left = existsSync(fileOf(project, agent)) ? readFileSync(fileOf(project, agent), "utf8") : "";
    expect(left).not.toContain("runseal");
  });

  it.each([
    ["nothing", ""],
    ["an empty object", "{}"],
    [
      "other settings, with comments and odd form",
      '{\r\n\t// mine\r\n\t"model" :"x" , /* so */ "a":[1,2 ]\r\n}\r\n',
    ],
    ["other hooks", '{"hooks": {"Stop": [ {"hooks": [{"type":"command","command":"beep"}]} ] , "X":[]}}'],
  ])("changes nothing but its own lines beside %s", async (what, before) => {
    using project = await makeProject();
    const file = write(project, "claude", before);
    await install(project, "claude");
    const text = readFileSync(file, "utf8");
    expect(text.match(/hook claude/g)).toHaveLength(4);
    await uninstall(project, "claude");
    const after = readFileSync(file, "utf8");
    if (what === "other hooks" || what.startsWith("other settings")) expect(after).toBe(before);
    expect(after).not.toContain("hook claude");
  });

  it("replaces its lines of another version, and leaves lines that the user changed", async () => {
    using project = await makeProject();
    const command = "'/old/node' '/old/main.js' hook claude";
    const edited = `time ${command}`;
    const group = (text: string): object => ({ hooks: [{ type: "command", command: text }] });
    const file = write(
      project,
      "claude",
      JSON.stringify({ hooks: { Stop: [group(command), group(edited)] } }),
    );
    await install(project, "claude");
    const text = readFileSync(file, "utf8");
    expect(text.match(/\/old\/node/g)).toHaveLength(1);
    await uninstall(project, "claude");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ hooks: { Stop: [group(edited)] } });
  });

  it.each([
    ["is not JSON", "hello"],
    ["breaks off", '{"hooks": {'],
    ["is an array", "[]"],
    ["has a comma at the end", '{"hooks": {"Stop": [], },\n}\n'],
    ["has hooks that are not an object", '{"hooks": []}'],
    ["has an event that is not a list", '{"hooks": {"Stop": {}}}'],
  ])("refuses a file that %s, and leaves it", async (_what, before) => {
    using project = await makeProject();
    const file = write(project, "claude", before);
    const end = await project.run(["hook", "claude", "--install", "--yes", "--json"]);
    expect(factsOf(end)).toMatchObject({ code: "INPUT_MALFORMED", details: { reason: "settings" } });
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("refuses a plugin that is not its own", async () => {
    using project = await makeProject();
    const file = write(project, "opencode", "export const Mine = 1;\n");
    expect((await project.run(["hook", "opencode", "--install", "--yes"])).exitCode).toBe(1);
    await uninstall(project, "opencode");
    expect(readFileSync(file, "utf8")).toBe("export const Mine = 1;\n");
  });

  it("writes through a link to the user's own file, and refuses what is not a file", async () => {
    using project = await makeProject();
    const file = write(project, "claude", "");
    const target = join(project.folder, "home/dotfiles.json");
    writeFileSync(target, '{"a": 1}\n');
    chmodSync(target, 0o640);
    const link = fileOf(project, "codex");
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
    await install(project, "codex");
    expect(readFileSync(target, "utf8")).toContain("hook codex");
    expect(statSync(target).mode & 0o777).toBe(0o640);
    const folder = fileOf(project, "opencode");
    mkdirSync(folder, { recursive: true });
    const end = await project.run(["hook", "opencode", "--install", "--yes", "--json"]);
    expect(factsOf(end)).toMatchObject({ code: "NOT_A_FILE" });
    expect(readFileSync(file, "utf8")).toBe("");
  });

  it.skipIf(process.geteuid?.() === 0)("leaves a file that may not be written", async () => {
    using project = await makeProject();
    chmodSync(write(project, "claude", "{}"), 0o400);
    const end = await project.run(["hook", "claude", "--install", "--yes", "--json"]);
    expect(factsOf(end)).toMatchObject({ code: "WRITE_FAILED" });
    expect(readFileSync(fileOf(project, "claude"), "utf8")).toBe("{}");
  });

  it("asks, and writes nothing where no terminal can answer", async () => {
    using project = await makeProject();
    const { exitCode, stderr } = await project.run(["hook", "claude", "--install"]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--yes") });
    expect(existsSync(fileOf(project, "claude"))).toBe(false);
  });

  it("is what doctor looks for, of agents that have a folder", async () => {
    using project = await makeProject();
    const checks = async (): Promise<readonly unknown[]> => {
      const { checks: all } = await project.json(["doctor"]);
      return (all as { readonly name: string; readonly state: string }[])
        .filter(({ name }) => ["Claude Code", "codex", "opencode"].includes(name))
        .map(({ name, state }) => `${name} ${state}`);
    };
    expect(await checks()).toEqual([]);
    write(project, "claude", "{}");
    await install(project, "codex");
    expect(await checks()).toEqual(["Claude Code missing", "codex ok"]);
  });
});

/** Drives the plugin as opencode does. */
const HOST = `
const { RunsealTurns } = await import(process.argv[1]);
const hooks = await RunsealTurns({ client: undefined, directory: process.argv[2] });
const { writeFileSync } = await import("node:fs");
const file = process.argv[2] + "/a.txt";
await hooks["chat.message"]({ sessionID: "parent" });
await hooks.event({ event: { type: "session.created", properties: { info: { id: "child", parentID: "parent" } } } });
await hooks["chat.message"]({ sessionID: "child" });
writeFileSync(file, "2\\n");
await hooks.event({ event: { type: "session.idle", properties: { sessionID: "child" } } });
await hooks.event({ event: { type: "session.idle", properties: { sessionID: "parent" } } });
`;

describe("the plugin for opencode", () => {
  it("takes the turns of a session, and none of the sessions of its sub-agents", async () => {
    using project = await makeProject();
    project.write({ "work/a.txt": "1\n" });
    await project.json(["snapshot", "work"]);
    const { stdout } = await project.run(["hook", "opencode", "--print"], { process: true });
    const plugin = join(project.folder, "plugin.mjs");
    writeFileSync(plugin, stdout);
    const args = ["--input-type=module", "-e", HOST, plugin, project.at("work")];
    const { status, stderr } = spawnSync(process.execPath, args, { env: project.env, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { turns } = await project.json(["log", "--guard", "work"]);
    expect(turns).toMatchObject([{ number: 1, changed: 1 }]);
    await project.json(["undo", "--guard", "work", "--turn"]);
    expect(readFileSync(project.at("work/a.txt"), "utf8")).toBe("1\n");
  });
});
