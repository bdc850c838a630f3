import { chmodSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  BUNDLE,
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  type Project,
} from "../../support/command/cli.ts";

/** The environment without the variables that name the user's folders, and with others instead. */
function homeless(
  project: Project,
  folders: Readonly<Record<string, string>>,
): { readonly env: Readonly<Record<string, string>> } {
  return { env: { PATH: project.env["PATH"] ?? "", ...folders } };
}

describe.concurrent("a home that the environment does not name", () => {
  it.each([
    ["HOME is missing", {}],
    ["HOME is empty", { HOME: "" }],
    ["HOME is relative", { HOME: "home" }],
    ["XDG_CONFIG_HOME is relative", { HOME: "/nonexistent", XDG_CONFIG_HOME: "config" }],
  ])("has no place for private keys: %s", async (_what, folders) => {
    using project = await makeProjectWithKey();
    const over = homeless(project, folders);
    for (const args of [
      ["init", "--no-passphrase"],
      ["seal", "out"],
      ["key", "list"],
      ["key", "show"],
      ["key", "passwd", "--no-passphrase"],
    ]) {
      const end = await project.changesNothing([...args, "--json"], over);
      expect(JSON.parse(end.stdout), args.join(" ")).toMatchObject({ code: "HOME_UNUSABLE", exit_code: 4 });
    }
  });

  it.each([
    ["not set", {}],
    ["empty", { HOME: "" }],
    ["not an absolute path", { HOME: "home" }],
  ])(
    "says that the home folder of the system's list of users was used: HOME is %s",
    async (problem, folders) => {
      using project = await makeSealedProject();
      const over = homeless(project, folders);
      const user = userInfo().username;
      const said = await project.run(["trust", "list"], over);
      expect(said.stderr).toBe(
        `note: HOME is ${problem}: the home folder of the user "${user}" was used instead\n`,
      );
      expect(await project.json(["trust", "list"], over)).toMatchObject({ home_of: user });
      const named = await project.run(["verify", BUNDLE, "--any-signer"], over);
      expect(named, "nothing of the home folder is needed").toMatchObject({ exitCode: 0, stderr: "" });
    },
  );

  it("ends with a code for a user that the system does not list", async ({ skip }) => {
    using project = await makeSealedProject();
    if (process.getuid?.() !== 0) skip("only root can run a program as another user");
    chmodSync(project.folder, 0o755);
    const over = { ...homeless(project, {}), uid: 54_321 };
    expect(await project.json(["verify", BUNDLE], over)).toMatchObject({ code: "TRUST_POLICY_MISSING" });
    expect(await project.json(["trust", "list"], over)).toMatchObject({ ok: true, lines: [] });
    expect(await project.json(["log"], over)).toMatchObject({ exit_code: 0 });
  });

  it("restores nothing if HOME is empty: the key of journals is a secret", async () => {
    using project = await makeSealedProject();
    const over = homeless(project, { HOME: "" });
    const restore = ["restore", BUNDLE, "--any-signer", "--to", "../new", "--mkdir", "--json"];
    const end = await project.changesNothing(restore, over);
    expect(JSON.parse(end.stdout)).toMatchObject({ exit_code: 5 });
  });

  it("restores nothing if XDG_STATE_HOME is relative, and names the variable instead of a key in HOME", async () => {
    using project = await makeSealedProject();
    const over = { env: { ...project.env, XDG_STATE_HOME: "state" } };
    const end = await project.changesNothing(["restore", BUNDLE, "--to", "../new", "--mkdir"], over);
    expect(end.exitCode).toBe(5);
    expect(end.stderr).toContain('RESTORE_STATE_UNAVAILABLE: "$XDG_STATE_HOME/runseal/journal/key"');
  });
});

describe.concurrent("a home that can't be read", () => {
  it("is not a home without keys", async ({ skip }) => {
    using project = makeProject();
    mkdirSync(join(project.config, "runseal", "keys"), { recursive: true });
    if (!(await project.becomeOrdinaryUser())) skip("no ordinary user can run the program here");
    chmodSync(project.config, 0);
    for (const args of [
      ["seal", "out"],
      ["key", "list"],
      ["key", "show"],
    ]) {
      const { exitCode, stderr } = await project.run(args);
      expect({ exitCode, stderr }, args.join(" ")).toEqual({
        exitCode: 4,
        stderr:
          'error: READ_FAILED: could not read "$XDG_CONFIG_HOME/runseal": permission denied\n' +
          "hint: check who may read it: ls -ld shows its permissions and those of its folder\n",
      });
    }
    chmodSync(project.config, 0o700);
  });
});
