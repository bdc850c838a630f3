import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ConfineRequest, confineCommand } from "../../../src/node/run/confine.ts";
import { openRoot } from "../../../src/node/system/files/anchored-root.ts";
import { searchedFolders } from "../../support/command/cli.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";

/** What a request may say besides. */
const NOTHING_MORE = { writable: [], kept: [], evenAsRoot: true } as const;

/** A guarded folder, a folder for temporary files, and what a command must not change. */
class Confinement implements Disposable {
  // Not in /dev/shm, where a confined command may write.
  readonly folder: string = makeFolder(tmpdir());
  readonly guarded: string = join(this.folder, "guarded: a,b");
  readonly temporary: string = join(this.folder, "tmp");
  readonly outside: string = join(this.folder, "outside");

  constructor() {
    for (const folder of [this.guarded, this.temporary, this.outside]) mkdirSync(folder);
    writeFileSync(join(this.outside, "kept"), "kept\n");
    mkdirSync(join(this.outside, "empty"));
  }

  /** The environment of the command. */
  get environment(): Readonly<Record<string, string>> {
    return { PATH: searchedFolders(), HOME: this.outside, TMPDIR: this.temporary };
  }

  /** Asks for the confined command. */
  confine(
    command: readonly [string, ...string[]],
    over: Partial<ConfineRequest> = {},
  ): ReturnType<typeof confineCommand> {
    const opened = openRoot(this.guarded);
    if (!opened.ok) throw new Error(opened.message);
    using root = opened.value;
    const { environment, guarded: cwd } = this;
    return confineCommand({ ...NOTHING_MORE, command, root, cwd, environment, ...over });
  }

  /** Runs a command confined, and gives how it ended. */
  run(command: readonly [string, ...string[]], over: Partial<ConfineRequest> = {}): SpawnSyncReturns<string> {
    const opened = openRoot(this.guarded);
    if (!opened.ok) throw new Error(opened.message);
    using root = opened.value;
    const { environment, guarded: cwd } = this;
    const confined = confineCommand({ ...NOTHING_MORE, command, root, cwd, environment, ...over });
    if (!confined.ok) throw new Error(confined.message);
    const [file, ...args] = confined.value;
    return spawnSync(file, args, { cwd, env: { ...environment }, encoding: "utf8" });
  }

  /** Runs words of the shell. */
  sh(script: string, over: Partial<ConfineRequest> = {}): SpawnSyncReturns<string> {
    return this.run(["sh", "-c", script], over);
  }

  /** What is outside, by name. */
  get names(): readonly string[] {
    return readdirSync(this.outside).sort();
  }

  [Symbol.dispose](): void {
    removeTree(this.folder);
  }
}

/** Makes one system call, and prints its errno. */
function call(words: string): readonly [string, ...string[]] {
  const script = `try { require("node:fs").${words}; console.log("done") } catch (error) { console.log(error.code) }`;
  return [process.execPath, "-e", script];
}

describe("a confined command", () => {
  it.each([
    ["writes to a file", 'writeFileSync("../outside/kept", "x")'],
    ["makes a file", 'writeFileSync("../outside/new", "x")'],
    ["truncates a file", 'truncateSync("../outside/kept", 0)'],
    ["makes a folder", 'mkdirSync("../outside/new")'],
    ["makes a link", 'symlinkSync("x", "../outside/new")'],
    ["removes a file", 'unlinkSync("../outside/kept")'],
    ["removes a folder", 'rmdirSync("../outside/empty")'],
    ["renames a file", 'renameSync("../outside/kept", "../outside/new")'],
    ["moves a file in", 'renameSync("../outside/kept", "moved")'],
    ["moves a file out", 'renameSync("own", "../outside/new")'],
    ["makes a hard link of its own file", 'linkSync("own", "../outside/new")'],
    ["takes a hard link in", 'linkSync("../outside/kept", "linked")'],
    ["writes through a link of its own", 'symlinkSync("../outside/kept", "l"), fs.writeFileSync("l", "x")'],
  ])("is refused where it %s outside", (_what, words) => {
    using confinement = new Confinement();
    writeFileSync(join(confinement.guarded, "own"), "own\n");
    const ended = confinement.run(call(words));
    expect(ended.stdout).toMatch(/^(?:EACCES|EXDEV)\n$/);
    expect(confinement.names).toEqual(["empty", "kept"]);
    expect(readFileSync(join(confinement.outside, "kept"), "utf8")).toBe("kept\n");
    expect(readFileSync(join(confinement.guarded, "own"), "utf8")).toBe("own\n");
  });

  it("does all of that in the guarded folder, between its folders too", () => {
    using confinement = new Confinement();
    const script =
      "mkdir -p a/b c && echo 1 > a/b/f && mv a/b/f c/g && ln c/g a/h && ln -s h a/l && : > c/g && rm a/h && rmdir a/b";
    expect(confinement.sh(script)).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(confinement.guarded, { recursive: true }).sort()).toEqual(["a", "a/l", "c", "c/g"]);
  });

  it("writes in the folder that TMPDIR names, and moves from there", () => {
    using confinement = new Confinement();
    const script = 'echo 1 > "$TMPDIR/f" && mv "$TMPDIR/f" f && cat f && echo x > /dev/null';
    expect(confinement.sh(script)).toMatchObject({ status: 0, stderr: "", stdout: "1\n" });
  });

  it("writes to the files and folders that the user names", () => {
    using confinement = new Confinement();
    const { outside } = confinement;
    const script = "echo x > ../outside/kept; echo x > ../outside/empty/new; echo x > ../outside/other";
    const writable = ["../outside/kept", join(outside, "empty")];
    expect(confinement.sh(script, { writable }).stderr).toMatch(/^[^\n]*outside\/other[^\n]*\n$/);
    expect(confinement.names).toEqual(["empty", "kept"]);
    expect(readFileSync(join(outside, "kept"), "utf8")).toBe("x\n");
    expect(readdirSync(join(outside, "empty"))).toEqual(["new"]);
  });

  it("can't lift the restriction in a process of its own", () => {
    using confinement = new Confinement();
    const script =
      "setpriv --no-new-privs sh -c 'echo x > ../outside/new'; sh -c 'sh -c \"rm ../outside/kept\"'";
    expect(confinement.sh(script).status).not.toBe(0);
    expect(confinement.names).toEqual(["empty", "kept"]);
  });

  it("writes through a hard link that was in the folder before: the kernel judges paths", () => {
    using confinement = new Confinement();
    linkSync(join(confinement.outside, "kept"), join(confinement.guarded, "linked"));
    expect(confinement.sh("echo x > linked").status).toBe(0);
    expect(readFileSync(join(confinement.outside, "kept"), "utf8")).toBe("x\n");
  });

  it("changes modes outside: Landlock has no right for that", () => {
    using confinement = new Confinement();
    expect(confinement.sh("chmod 600 ../outside/kept").status).toBe(0);
  });

  it("ends as it would end without", () => {
    using confinement = new Confinement();
    expect(confinement.sh("exit 37").status).toBe(37);
    expect(confinement.sh("kill -TERM $$").signal).toBe("SIGTERM");
    expect(confinement.run(["sh", "-c", 'echo "$0|$1"', "a b", "--", "c"]).stdout).toBe("a b|--\n");
  });

  it("finds git at work", () => {
    using confinement = new Confinement();
    const script = [
      "export GIT_CONFIG_GLOBAL=/dev/null",
      "git init -q . && echo 1 > f && git add f",
      "git -c user.name=n -c user.email=e commit -q -m one",
      "git gc -q && git clean -xfdq && git log --format=%s",
    ].join("\n");
    expect(confinement.sh(script)).toMatchObject({ status: 0, stdout: "one\n" });
  });

  it("finds npm at work, with its cache in the folder for temporary files", () => {
    using confinement = new Confinement();
    const { guarded } = confinement;
    const own = { name: "own", version: "1.0.0", dependencies: { local: "file:local" } };
    mkdirSync(join(guarded, "local"));
    writeFileSync(join(guarded, "package.json"), JSON.stringify(own));
    writeFileSync(join(guarded, "local/package.json"), JSON.stringify({ name: "local", version: "2.0.0" }));
    const script = [
      'export npm_config_cache="$TMPDIR/npm" npm_config_offline=true npm_config_update_notifier=false',
      "npm install --no-audit --no-fund --silent && npm ls --silent && npm pack --silent",
    ].join("\n");
    const ended = confinement.sh(script);
    expect(ended.status, ended.stderr).toBe(0);
    expect(ended.stdout).toContain("local@2.0.0");
    expect(readdirSync(guarded)).toContain("own-1.0.0.tgz");
    expect(confinement.names).toEqual(["empty", "kept"]);
  });
});

describe("a command is not run", () => {
  const can = { ok: false, code: "GUARD_CANNOT_CONFINE" };

  /** A PATH with a `setpriv` of a script, or with none. */
  function pathWith(confinement: Confinement, script?: string): { environment: Record<string, string> } {
    const folder = join(confinement.folder, "bin");
    mkdirSync(folder);
    if (script !== undefined)
      writeFileSync(join(folder, "setpriv"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { environment: { ...confinement.environment, PATH: folder } };
  }

  it.each([
    ["there is no setpriv", undefined, "setpriv-missing"],
    ["setpriv has no options for Landlock", 'echo " --no-new-privs"; [ "$1" = --help ]', "setpriv-too-old"],
    ["the kernel refuses", 'echo " --landlock-access"; [ "$1" = --help ]', "kernel"],
  ])("where %s", (_what, script, why) => {
    using confinement = new Confinement();
    const confined = confinement.confine(["/bin/sh"], pathWith(confinement, script));
    expect(confined).toMatchObject({ ...can, details: { why } });
  });

  it.skipIf(process.geteuid?.() !== 0)(
    "by root, whose chown nothing refuses, unless root asks for it",
    () => {
      using confinement = new Confinement();
      const confined = confinement.confine(["sh"], { evenAsRoot: false });
      expect(confined).toMatchObject({ ...can, details: { why: "root" } });
      expect(confinement.sh("chown 1:1 ../outside/kept").status).toBe(0);
    },
  );

  it("where it could write to a folder that is to be kept from it", () => {
    using confinement = new Confinement();
    const { guarded, outside, temporary } = confinement;
    const inner = join(guarded, "guard");
    for (const kept of [guarded, inner, temporary, join(temporary, "guard"), dirname(guarded)]) {
      mkdirSync(kept, { recursive: true });
      const confined = confinement.confine(["sh"], { kept: [kept] });
      expect(confined).toMatchObject({ ...can, details: { why: "kept-within" } });
    }
    expect(confinement.confine(["sh"], { kept: [outside] }).ok).toBe(true);
    expect(confinement.confine(["sh"], { kept: [outside], writable: [outside] })).toMatchObject({
      ...can,
      details: { why: "kept-within", path: outside },
    });
  });

  it("where a place that the user names is missing", () => {
    using confinement = new Confinement();
    const confined = confinement.confine(["sh"], { writable: ["nowhere"] });
    expect(confined).toMatchObject({ ok: false, code: "PATH_NOT_FOUND", details: { path: "nowhere" } });
  });

  it("where there is no such program, or it may not be executed", () => {
    using confinement = new Confinement();
    const file = join(confinement.guarded, "file");
    writeFileSync(file, "");
    chmodSync(file, 0o644);
    for (const name of ["nope", "./nope", "", "file/nope"])
      expect(confinement.confine([name])).toMatchObject({ ok: false, code: "COMMAND_NOT_FOUND" });
    for (const name of ["./file", "."])
      expect(confinement.confine([name])).toMatchObject({ ok: false, code: "COMMAND_NOT_EXECUTABLE" });
    expect(existsSync(join(confinement.outside, "kept"))).toBe(true);
  });
});
