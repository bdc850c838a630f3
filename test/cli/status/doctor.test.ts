import { chmodSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checksOf } from "../../../src/cli/commands/doctor/checks.ts";
import type { MachineFindings } from "../../../src/node/library/doctor/examine-machine.ts";
import {
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  type Project,
} from "../../support/command/cli.ts";

interface Check {
  readonly name: string;
  readonly state: string;
  readonly found: string;
  readonly cost: string | null;
}

/** What is said of one thing. */
async function checkOf(
  project: Project,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Check> {
  const facts = await project.json(["doctor"], { env: { ...project.env, ...env }, process: true });
  expect(facts).toMatchObject({ ok: true, exit_code: 0 });
  const check = (facts["checks"] as readonly Check[]).find((one) => one.name === name);
  if (check === undefined) throw new Error(`no check is called ${name}`);
  return check;
}

const GOOD: MachineFindings = {
  engine: { version: "20.19.0", platform: "linux", architecture: "x64", isSupported: true },
  hasSodium: true,
  hasProc: true,
  confinement: undefined,
  clock: "good",
  keys: { count: 1, refused: [] },
  trustFile: "good",
  state: { shown: "$HOME/.local/state/runseal/", state: "good" },
};

/** The names of the checks that are not ok. */
function problemsOf(findings: Partial<MachineFindings>): readonly string[] {
  const checks = checksOf({ ...GOOD, ...findings }, 1_800_000_000);
  for (const { cost, state } of checks) expect(cost === null).toBe(state === "ok");
  return checks.filter(({ state }) => state !== "ok").map(({ name, state }) => `${name} ${state}`);
}

describe.concurrent("runseal doctor", () => {
  it("lists everything that it looks at, one a line, and changes nothing", async () => {
    using project = await makeSealedProject();
    const { exitCode, stderr, stdout } = await project.changesNothing(["doctor"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const names = ["engine", "libsodium", "/proc", "Landlock", "clock", "keys", "trust file", "state folder"];
    const rows = stdout.split("\n").filter((line) => /^\S/.test(line));
    expect(rows.map((row) => row.slice(9, 24).trim())).toEqual(names);
    expect(stdout).not.toMatch(/[^\n]{101}/);
  });

  it("says what a first user lacks", async () => {
    using project = makeProject({});
    expect(await checkOf(project, "keys")).toMatchObject({
      state: "missing",
      cost: expect.stringContaining("runseal init"),
    });
    expect(await checkOf(project, "trust file")).toMatchObject({
      state: "missing",
      cost: expect.stringContaining("exit code 3"),
    });
    expect(await checkOf(project, "state folder")).toMatchObject({
      state: "ok",
      found: "$HOME/.local/state/runseal, made by the first seal",
    });
  });

  it("finds a key that others can read, and names no path of this machine", async () => {
    using project = await makeProjectWithKey();
    chmodSync(join(project.config, "runseal/keys/default.key"), 0o644);
    const check = await checkOf(project, "keys");
    expect(check).toMatchObject({ state: "wrong", found: "refused: default (KEY_FILE_UNUSABLE)" });
    const { stdout } = await project.done(["doctor", "--json"]);
    expect(stdout).not.toContain(project.folder);
  });

  it("finds a trust file with a bad line, and a HOME that is no folder", async () => {
    using project = await makeProjectWithKey();
    project.write({ "../home/config/runseal/trust": "nonsense\n" });
    expect(await checkOf(project, "trust file")).toMatchObject({ state: "wrong" });
    const homeless = await checkOf(project, "state folder", { HOME: "home" });
    expect(homeless).toMatchObject({ state: "wrong", found: "the environment names no folder for it" });
  });

  it("does not promise a state folder that the user can't make", async () => {
    using project = makeProject({});
    const home = join(project.folder, "file");
    project.write({ "../file": "no folder\n" });
    const env = { HOME: home, XDG_STATE_HOME: "", XDG_CONFIG_HOME: "" };
    expect(await checkOf(project, "state folder", env)).toMatchObject({
      state: "wrong",
      found: "$HOME/.local/state/runseal can't be used: something on the way is not a folder",
    });
    if (process.getuid?.() !== 0) return;
    const end = await project.run(["doctor", "--json"], {
      env: { ...project.env, HOME: "/missing" },
      uid: 54_321,
    });
    expect(end.stdout).toContain("$HOME/.local/state/runseal can't be used: permission denied");
  });

  it("finds that sodium-native does not load", async () => {
    using project = makeProject({});
    const without = fileURLToPath(new URL("../../support/command/no-sodium.cjs", import.meta.url));
    const check = await checkOf(project, "libsodium", { NODE_OPTIONS: `--require=${without}` });
    expect(check).toMatchObject({ state: "missing", cost: expect.stringContaining("passphrase") });
  });

  it("finds that nothing can confine a command", async () => {
    using project = makeProject({});
    expect(await checkOf(project, "Landlock", { PATH: project.root })).toMatchObject({
      state: "missing",
      found: "there is no program setpriv (util-linux)",
    });
  });

  it("finds a clock that was set back behind a file of the state folder", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    const early = fileURLToPath(new URL("../../support/command/early-clock.cjs", import.meta.url));
    expect(await checkOf(project, "clock", { NODE_OPTIONS: `--require=${early}` })).toMatchObject({
      state: "wrong",
      found: expect.stringContaining("a file of the state folder is newer"),
    });
  });

  it("has a cost for each thing that is missing, and none for what is there", () => {
    expect(problemsOf({})).toEqual([]);
    const found: readonly (readonly [Partial<MachineFindings>, string])[] = [
      [{ engine: { ...GOOD.engine, isSupported: false } }, "engine wrong"],
      [{ hasSodium: false }, "libsodium missing"],
      [{ hasProc: false }, "/proc missing"],
      [{ confinement: "kernel" }, "Landlock missing"],
      [{ confinement: "setpriv-too-old" }, "Landlock missing"],
      [{ clock: "before-runseal" }, "clock wrong"],
      [{ keys: { count: 0, refused: [] } }, "keys missing"],
      [{ keys: { count: undefined, refused: [], code: "HOME_UNUSABLE" } }, "keys wrong"],
      [{ trustFile: "unreadable" }, "trust file wrong"],
      [{ state: { shown: "x/", state: "refused", reason: "read-only" } }, "state folder wrong"],
    ];
    for (const [findings, problem] of found) expect(problemsOf(findings)).toEqual([problem]);
  });
});
