import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BUNDLE, makeSealedProject, setMode } from "../../support/command/cli.ts";

const RESTORE = ["restore", BUNDLE, "--any-signer"];

describe.concurrent("hints say what helps, and name no option that the command lacks", () => {
  it("a command that does not trust the signer offers neither the key of the bundle nor --any-signer", async () => {
    using project = await makeSealedProject();
    await project.done(["prove", "one", "out/a.txt", "-o", "proof.json"]);
    const { public_key } = await project.json(["key", "show"]);
    expect(public_key).toMatch(/^[0-9a-f]{64}$/);
    rmSync(join(project.config, "runseal", "trust"));
    for (const trust of [[], ["--signer", "ab".repeat(32)]]) {
      for (const command of [
        ["verify", "one"],
        ["verify", "--history"],
        ["restore", "one", "--to", "new", "--mkdir"],
        ["check", "proof.json", "out/a.txt"],
        ["sign", "--counter", "one"],
      ]) {
        const { exitCode, stderr } = await project.run([...command, ...trust]);
        expect({ command, exitCode }).toEqual({ command, exitCode: 3 });
        expect(stderr).toMatch(/\nhint: /);
        expect(stderr).not.toContain(String(public_key));
        expect(stderr).not.toContain("--any-signer");
      }
    }
  });

  it("a seal that can't write to its project offers --out, and a prune does not", async ({ skip }) => {
    using project = await makeSealedProject();
    if (!(await project.becomeOrdinaryUser())) skip("no ordinary user can run the program here");
    setMode(project.at(".runseal"), 0o555);
    setMode(project.at(".runseal", "runs"), 0o555);
    const sealed = await project.run(["seal", "out", "--id", "two"]);
    expect(sealed.stderr).toMatch(/\nhint: [^\n]*--out DIR/);
    const collected = await project.run(["prune"]);
    expect(collected.stderr).not.toMatch(/\nhint: Seal with --out/);
    expect(collected.stderr).toMatch(
      /^error: WRITE_FAILED: could not write "\.runseal": permission denied\nhint: check who may write there/,
    );
    setMode(project.at(".runseal"), 0o755);
    setMode(project.at(".runseal", "runs"), 0o755);
  });

  it("a bundle in the log that can't be read is not called unsigned", async ({ skip }) => {
    using project = await makeSealedProject();
    if (!(await project.becomeOrdinaryUser())) skip("no ordinary user can run the program here");
    setMode(project.at(BUNDLE, "SIGNATURE.json"), 0);
    const { stdout } = await project.run(["log"]);
    expect(stdout).toMatch(/^one .*signer unknown/m);
    expect(stdout).not.toContain("no valid signature");
  });
});

describe.concurrent("answers that name the cause", () => {
  it("a restore by --any-signer says that the signer was not judged", async () => {
    using project = await makeSealedProject();
    const { stdout } = await project.done([...RESTORE, "--to", "../new", "--mkdir"]);
    expect(stdout).toContain("trust    the signer was not judged: --any-signer accepts any signer\n");
    const judged = await project.done(["restore", BUNDLE, "--to", "../other", "--mkdir"]);
    expect(judged.stdout).not.toContain("trust    ");
  });

  it("a proof to - goes to stdout, and into no file of that name", async () => {
    using project = await makeSealedProject();
    const plain = await project.run(["prove", "one", "out/a.txt"]);
    expect(await project.changesNothing(["prove", "one", "out/a.txt", "-o", "-"])).toEqual(plain);
    expect(plain.stdout).toMatch(/^\{"files":/);
  });

  it("an empty key is called empty, and not malformed", async () => {
    using project = await makeSealedProject();
    for (const input of ["", "\n"]) {
      const { exitCode, stderr } = await project.run(["seal", "out", "--key", "-"], {
        input: Buffer.from(input),
        process: true,
      });
      expect(exitCode).toBe(4);
      expect(stderr).toContain('error: KEY_FILE_UNUSABLE: there is no key in "stdin": it is empty\n');
      expect(stderr).toContain("hint: if the key comes from a variable or a secret, check that it is set\n");
    }
  });

  it("runs without a HEAD may be unpacked ones, which are verified by their names", async () => {
    using project = await makeSealedProject();
    await project.done(["push", "one", "one.runseal"]);
    mkdirSync(project.at("unpacked"));
    spawnSync("tar", ["xf", "../one.runseal"], { cwd: project.at("unpacked") });
    const { exitCode, stderr } = await project.run(["verify"], { cwd: project.at("unpacked") });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "hint: if the runs were unpacked from an archive, name one: runseal verify 'one'\n",
    );
    await project.done(["verify", "one"], { cwd: project.at("unpacked") });
  });
});

describe.concurrent("what verify and log print", () => {
  it("with --quiet nothing but errors", async () => {
    using project = await makeSealedProject();
    expect(await project.run(["verify", "one", "--quiet"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect((await project.run(["verify", "one", "-q", "--signer", "ab".repeat(32)])).exitCode).toBe(3);
    project.write({ "out/extra.txt": "not sealed, which is a note\n" });
    for (const args of [["verify"], ["verify", "--history"]])
      expect(await project.run([...args, "-q"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    project.write({ "out/a.txt": "other\n" });
    const rejected = await project.run(["verify", "one", "--quiet"]);
    expect(rejected).toMatchObject({ exitCode: 1, stdout: "" });
    expect(rejected.stderr).toMatch(/^error: HASH_MISMATCH: /);
    for (const more of ["--verbose", "--all"])
      expect(await project.run(["verify", "one", "--quiet", more])).toMatchObject({
        stdout: "",
        exitCode: 1,
      });
  });

  it("one line for the phases where all is well, a line each with --verbose and where it is not", async () => {
    using project = await makeSealedProject();
    const brief = await project.done(["verify", "one"]);
    expect(brief.stdout).toMatch(/^phases {3}all 11 ok\nrun {6}one\n/);
    const verbose = await project.done(["verify", "one", "--verbose"]);
    expect(verbose.stdout).toMatch(/^ 1 presence {4}ok\n(?:.* ok\n){10}run {6}one\n/);
    mkdirSync(project.at(BUNDLE, "logs"));
    const rejected = await project.run(["verify", "one"]);
    expect(rejected.stdout).toMatch(
      /^ 1 presence {4}ok\n(?:.*\n)* 8 forbidden {3}FAILED\n 9 outputs {5}-\n10 acceptance {2}-\n/,
    );
  });
});
