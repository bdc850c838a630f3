import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MAIN, makeProjectWithKey, runProcess } from "../../support/command/cli.ts";
import { artifactOf, runFactsOf, shell } from "../../support/command/run.ts";

/** What a shell makes of a pipeline in which `"$@"` is the run. */
function piped(pipeline: string): { readonly under: readonly string[] } {
  return { under: ["sh", "-c", pipeline, "sh"] };
}

describe.concurrent("runseal run: the command's own streams", () => {
  it("hands on stdin, to the last byte", async () => {
    using project = await makeProjectWithKey();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
    writeFileSync(project.at("bytes"), bytes);
    const { stdout } = await project.run(shell("sha256sum"), piped('cat bytes | "$@"'));
    expect(stdout).toBe(`${createHash("sha256").update(bytes).digest("hex")}  -\n`);
  });

  it("reads nothing of stdin itself: what the command leaves is the next one's", async () => {
    using project = await makeProjectWithKey();
    const pipeline = 'printf abc | { "$@"; printf /; cat; }';
    const { stdout } = await project.run(shell("dd bs=1 count=1 2>/dev/null"), piped(pipeline));
    expect(stdout).toBe("a/bc");
  });

  it("is not garbled, however much is printed and however slowly it is read", async () => {
    using project = await makeProjectWithKey();
    const args = shell("seq 1 400000; seq 1 400000 >&2", "--id", "r");
    const plain = spawnSync("seq", ["1", "400000"], { maxBuffer: 2 ** 26, encoding: "utf8" }).stdout;
    // The pipe is full, and the command has to wait.
    const { stdout } = await project.run(args, piped('"$@" 2>err | { sleep 0.5; sha256sum; }'));
    expect(stdout).toBe(`${createHash("sha256").update(plain).digest("hex")}  -\n`);
    const err = readFileSync(project.at("err"), "utf8");
    expect(err.startsWith(plain)).toBe(true);
    expect(err.slice(plain.length)).toMatch(
      /^sealed .*\nhash .*\nsigner .*\nbundle .*\nnote: .*\nhint: .*\n {6}.*\n$/,
    );
  });

  it("finds its pipes as they were: reads and writes wait", async () => {
    using project = await makeProjectWithKey();
    // fdinfo's flags are octal; 04000 is O_NONBLOCK.
    const script = "for fd in 0 1 2; do grep flags /proc/self/fdinfo/$fd; done";
    const { stdout } = await project.run(shell(script), piped('cat /dev/null | "$@" 2>&1 | cat'));
    const flags = [...stdout.matchAll(/flags:\s+([0-7]+)/g)].map(([, octal = ""]) =>
      Number.parseInt(octal, 8),
    );
    expect(flags).toHaveLength(3);
    expect(flags.filter((flag) => (flag & 0o4000) !== 0)).toEqual([]);
  });

  it("ends by SIGPIPE where its reader stops reading, and that is written down", async () => {
    using project = await makeProjectWithKey();
    const args = ["run", "--report", "facts.json", "--id", "r", "--", "yes"];
    const { stdout } = await project.run(args, piped('"$@" | head -n 1'));
    expect(stdout).toBe("y\n");
    expect(JSON.parse(readFileSync(project.at("facts.json"), "utf8"))).toMatchObject({
      code: "COMMAND_FAILED",
      exit_code: 141,
      command: { signal: "SIGPIPE" },
    });
  });

  it("is the terminal where runseal's is", async ({ skip }) => {
    using project = await makeProjectWithKey();
    const setting = { cwd: project.root, env: { ...project.env, TERM: "xterm", SHELL: "/bin/sh" } };
    const probe = await runProcess("script", ["-qec", "test -t 1", "/dev/null"], setting).catch(
      () => undefined,
    );
    if (probe?.exitCode !== 0) return skip("script(1) can't make a terminal here");
    const line = [process.execPath, MAIN, ...shell("test -t 0 && test -t 1 && test -t 2 && echo all")];
    const quoted = line.map((word) => `'${word}'`).join(" ");
    const end = await runProcess("script", ["-qec", quoted, "/dev/null"], setting);
    expect(end.exitCode, end.stdout).toBe(0);
    expect(end.stdout).toMatch(/^all\r\nsealed /);
  });
});

describe.concurrent("runseal run: what stands behind --", () => {
  it("is the command's, options of runseal's names among it", async () => {
    using project = await makeProjectWithKey();
    const words = ["--json", "--output", "x", "--help", "--debug", "--version", "--", "--id", "-h"];
    for (const options of [[], ["--id", "r"]]) {
      const end = await project.run(["run", ...options, "--", "printf", "%s\n", ...words]);
      expect(end).toMatchObject({ exitCode: 0, stdout: `${words.join("\n")}\n` });
      expect(end.stderr).toMatch(/^sealed /);
    }
    expect(artifactOf(project, "r", "TASK_SPEC.json")["command"]).toEqual(["printf", "%s\n", ...words]);
  });

  it("is handed on word by word, whatever the words hold", async () => {
    using project = await makeProjectWithKey();
    const words = ["", "a b", "'\"", "$HOME", "*", "ä😀", "line\nfeed", "\\", "-"];
    const script = "for word; do printf '[%s]' \"$word\"; done";
    const end = await project.run(["run", "--id", "r", "--", "sh", "-c", script, "sh", ...words]);
    expect(end.stdout).toBe(words.map((word) => `[${word}]`).join(""));
    expect(artifactOf(project, "r", "TASK_SPEC.json")["command"]).toEqual([
      "sh",
      "-c",
      script,
      "sh",
      ...words,
    ]);
  });

  it("leaves --debug before it to runseal", async () => {
    using project = await makeProjectWithKey();
    const args = [MAIN, "run", "--debug", "--json", "--", "no-such-command"];
    const end = await runProcess(process.execPath, args, { cwd: project.root, env: project.env });
    expect(end).toMatchObject({ exitCode: 127, stdout: "" });
    expect(end.stderr).toContain('"msg":"cause"');
    const facts = end.stderr.split("\n").find((line) => line.startsWith('{"ok"'));
    expect(JSON.parse(facts ?? "")).toMatchObject({ code: "COMMAND_NOT_FOUND" });
  });

  it("is needed where --help is not: that is on stdout, and runs nothing", async () => {
    using project = await makeProjectWithKey();
    const end = await project.changesNothing(["run", "--help"]);
    expect(end).toMatchObject({ exitCode: 0, stderr: "" });
    expect(end.stdout).toContain("Usage: runseal run [options] <command...>");
    expect(runFactsOf(await project.run(["run", "--json", "touch", "ran"]))).toMatchObject({ code: "USAGE" });
  });
});
