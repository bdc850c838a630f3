import { mkdirSync } from "node:fs";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { describe, expect, it } from "vitest";
import { PLACEHOLDERS } from "../../../src/cli/commands/completion/value-kind.ts";
import { processIo } from "../../../src/cli/output/process-io.ts";
import { makeProgram } from "../../../src/cli/program.ts";
import { EXPORT_FORMATS } from "../../../src/node/make/export/evidence-formats.ts";
import { makeProject, makeSealedProject, type Project, runUnchecked } from "../../support/command/cli.ts";
import { fc, runs } from "../../support/rings/properties.ts";

/** What the scripts of the shells would read. */
async function completed(
  project: Project,
  ...words: readonly string[]
): Promise<{ readonly paths: string; readonly words: readonly string[] }> {
  const { exitCode, stderr, stdout } = await project.changesNothing(["__complete", ...words]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const [paths = "", ...lines] = stdout.trimEnd().split("\n");
  return { paths, words: lines.map((line) => line.split("\t")[0] ?? "") };
}

async function freshProgram(): Promise<CommandUnknownOpts> {
  const { close, io } = processIo(process);
  close();
  return await makeProgram(io, () => undefined, { flags: [], behindTerminator: [] });
}

/** The commands that do something. */
function leavesOf(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

/** Placeholders whose values only the user can know. */
const FREE_TEXT =
  "count days digest format hash id moment n name number pattern patterns reference size tag text url".split(
    " ",
  );

describe.concurrent("completion of a command line", () => {
  it("offers commands, subcommands, and both behind help", async () => {
    using project = makeProject({});
    expect(await completed(project, "ver")).toEqual({ paths: "none", words: ["verify"] });
    expect((await completed(project, "")).words).toContain("status");
    expect((await completed(project, "key", "")).words).toContain("passwd");
    expect((await completed(project, "help", "verif")).words).toEqual(["verify"]);
    expect((await completed(project, "help", "key", "r")).words).toEqual(["rm"]);
    expect((await completed(project, "--debug", "verif")).words).toEqual(["verify"]);
  });

  it("offers the options that are not given yet, and repeatable ones again", async () => {
    using project = makeProject({});
    expect((await completed(project, "verify", "--stor")).words).toEqual(["--stored"]);
    expect((await completed(project, "verify", "--stored", "--stor")).words).toEqual([]);
    expect((await completed(project, "verify", "--signer", "x", "--sign")).words).toContain("--signer");
    expect((await completed(project, "prune", "")).words).toContain("--dry-run");
  });

  it("offers the choices of an option, behind a blank and behind an equals sign", async () => {
    using project = makeProject({});
    expect((await completed(project, "restore", "--links", "")).words).toEqual(["inside", "any", "none"]);
    expect((await completed(project, "restore", "--links=an")).words).toEqual(["--links=any"]);
    expect((await completed(project, "log", "--color", "al")).words).toEqual(["always"]);
  });

  it("offers runs, with files where a bundle may be an archive", async () => {
    using project = await makeSealedProject();
    for (const words of [["verify"], ["diff", "one"], ["restore", "one"], ["export"], ["prove"]]) {
      expect((await completed(project, ...words, "o")).words, words.join(" ")).toEqual(["one"]);
    }
    expect((await completed(project, "verify", "")).paths).toBe("files");
    expect((await completed(project, "verify", "--expect-id", "")).words).toEqual(["one"]);
    expect(await completed(project, "seal", "--id", "")).toEqual({ paths: "none", words: [] });
  });

  it("offers the runs of the project at or above this folder, and of --project", async () => {
    using project = await makeSealedProject();
    const below = await project.run(["__complete", "show", ""], { cwd: project.at("out") });
    expect(below.stdout).toBe("files\none\trun\n");
    const elsewhere = await project.run(["__complete", "show", "--project", project.root, ""], {
      cwd: project.folder,
    });
    expect(elsewhere.stdout).toBe("files\none\trun\n");
  });

  it("offers runs that wait for their signer to sign, and signed ones to --counter and --time", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "waiting", "--unsigned"]);
    expect((await completed(project, "sign", "")).words).toEqual(["waiting"]);
    expect((await completed(project, "sign", "--counter", "")).words).toEqual(["one"]);
    expect((await completed(project, "sign", "--tsa", "x", "--time", "")).words).toEqual(["one"]);
  });

  it("offers keys, codes and formats", async () => {
    using project = await makeSealedProject();
    expect((await completed(project, "key", "rm", "")).words).toEqual(["default"]);
    expect(await completed(project, "seal", "--key", "d")).toEqual({ paths: "files", words: ["default"] });
    expect((await completed(project, "explain", "HASH")).words).toEqual(["HASH_MISMATCH"]);
    expect((await completed(project, "export", "--format", "")).words).toEqual([
      ...EXPORT_FORMATS,
      "all",
      "verdict",
      "page",
    ]);
    expect((await completed(project, "completion", "f")).words).toEqual(["fish"]);
  });

  it("leaves files and folders to the shell", async () => {
    using project = makeProject();
    expect(await completed(project, "seal", "o")).toEqual({ paths: "files", words: [] });
    expect(await completed(project, "log", "--project=o")).toEqual({ paths: "folders", words: [] });
    expect(await completed(project, "run", "--output", "out", "--", "ma")).toEqual({
      paths: "files",
      words: [],
    });
  });

  it("offers nothing where only the user can know the word", async () => {
    using project = makeProject();
    const nothing = { paths: "none", words: [] };
    expect(await completed(project, "snapshot", "-m", "")).toEqual(nothing);
    expect(await completed(project, "explain", "OK", "--debug", "--", "")).toEqual(nothing);
    expect(await completed(project, "frobnicate", "")).toEqual(nothing);
  });

  it("leaves out names that a shell would expand, split, or take for an option", async () => {
    using project = await makeSealedProject();
    const hostile = [
      "$(id)",
      "`id`",
      "a;b",
      "a b",
      "-x",
      "~",
      "*",
      "a\nb",
      "a\tb",
      "\u202egpj",
      "'",
      "#a",
      ".b",
    ];
    for (const name of hostile) mkdirSync(project.at(".runseal/runs", name), { recursive: true });
    mkdirSync(project.at(".runseal/unsigned", "$(id)"), { recursive: true });
    project.write({ [`../home/config/runseal/keys/$(id).pub`]: "" });
    expect((await completed(project, "verify", "")).words).toEqual(["one"]);
    expect((await completed(project, "sign", "")).words).toEqual([]);
    expect((await completed(project, "key", "rm", "")).words).toEqual(["default"]);
  });

  it("works without a project, a home, or a folder that can be read", async () => {
    using project = makeProject({});
    expect((await completed(project, "verify", "")).words).toEqual([]);
    const bare = await project.run(["__complete", "key", "rm", ""], {
      env: { PATH: project.env["PATH"] ?? "" },
    });
    expect(bare).toEqual({ exitCode: 0, stdout: "none\n", stderr: "" });
    const gone = ["sh", "-c", 'mkdir gone && cd gone && rmdir "$PWD" && exec "$@"', "sh"];
    const end = await project.run(["__complete", "verify", ""], { under: gone });
    expect({ exitCode: end.exitCode, stderr: end.stderr }).toEqual({ exitCode: 0, stderr: "" });
  });

  it("answers any words with whole lines of plain names, and never with an error", async () => {
    using project = await makeSealedProject();
    const known = fc.constantFrom(
      "key",
      "run",
      "prove",
      "help",
      "--",
      "--project",
      "-",
      "--format=",
      "verify",
      "",
      "~",
      "$(id)",
    );
    const words = fc.array(
      fc.oneof(
        known,
        fc.string({ unit: "binary" }).filter((word) => !word.includes("\0")),
      ),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    await fc.assert(
      fc.asyncProperty(words, async (typed) => {
        const end = await runUnchecked(["__complete", ...typed], { cwd: project.root, env: project.env });
        expect({ exitCode: end.exitCode, stderr: end.stderr }).toEqual({ exitCode: 0, stderr: "" });
        expect(end.stdout).toMatch(/^(?:none|files|folders)\n(?:[\w./@=+-]+\t[^\t\n]*\n)*$/);
      }),
      { numRuns: runs(40) },
    );
  });

  it("knows what each placeholder of the help stands for", async () => {
    const leaves = leavesOf(await freshProgram());
    const placeholders = leaves.flatMap(({ options, registeredArguments }) => [
      ...options.flatMap(({ argChoices, flags }) =>
        argChoices === undefined ? (/<([^>.]+)/.exec(flags)?.[1] ?? []) : [],
      ),
      ...registeredArguments
        .filter(({ argChoices }) => argChoices === undefined)
        .map((operand) => operand.name()),
    ]);
    expect(placeholders.length).toBeGreaterThan(100);
    const known = new Set([...FREE_TEXT, ...PLACEHOLDERS.flatMap(([, names]) => names)]);
    expect(placeholders.filter((placeholder) => !known.has(placeholder))).toEqual([]);
  });
});

describe("runseal completion", () => {
  it("prints the script of a shell, which evaluates nothing and calls the runseal of PATH", async () => {
    using project = makeProject({});
    for (const shell of ["bash", "zsh", "fish"]) {
      const { stdout } = await project.changesNothing(["completion", shell]);
      expect(stdout).toContain("command runseal __complete ");
      const code = stdout.split("\n").filter((line) => !line.trimStart().startsWith("#"));
      expect(code.join("\n")).not.toMatch(/\beval\b|\bsource\b/);
      expect(await project.json(["completion", shell])).toMatchObject({ shell, script: stdout });
    }
  });
});
