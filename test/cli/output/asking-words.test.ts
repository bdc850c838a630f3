import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { describe, expect, it } from "vitest";
import type { Io } from "../../../src/cli/output/io.ts";
import { makeProgram } from "../../../src/cli/program.ts";
import { run } from "../../../src/cli/run-command-line.ts";
import { quietIo } from "../../support/command/quiet-io.ts";
import { makeFolder, removeTree, snapshotTree } from "../../support/files/tree.ts";

/** Words that ask for help or for the version. */
const WORDS = ["-V", "--version", "-h", "--help"] as const;

/** One leaf of the program: a command that does something. */
interface Leaf {
  readonly words: readonly string[];
  readonly command: CommandUnknownOpts;
}

const NO_ARGUMENTS = { flags: [], behindTerminator: [] };

const LEAVES = leavesOf(await makeProgram(fakeIo("/").io, () => undefined, NO_ARGUMENTS), []);

function leavesOf(command: CommandUnknownOpts, words: readonly string[]): readonly Leaf[] {
  if (command.commands.length === 0) return [{ words, command }];
  return command.commands.flatMap((child) => leavesOf(child, [...words, child.name()]));
}

/** As many operands as a command takes, each named `x`. */
function operandsOf({ command }: Leaf): readonly string[] {
  return command.registeredArguments.map(() => "x");
}

/** Streams that are kept, and a process that has no keys, no state and no terminal. */
function fakeIo(cwd: string): { readonly io: Io; readonly said: { out: string; error: string } } {
  const said = { out: "", error: "" };
  const io = quietIo({
    writeOut: (text) => {
      said.out += text;
    },
    writeError: (text) => {
      said.error += text;
    },
    cwd,
    environment: { HOME: cwd },
  });
  return { io, said };
}

/** Runs the command in an empty folder, in which nothing may change. */
async function end(argv: readonly string[]): Promise<{ exitCode: number; out: string; error: string }> {
  const cwd = makeFolder();
  try {
    const before = snapshotTree(cwd);
    const { io, said } = fakeIo(cwd);
    const exitCode = await run(argv, io);
    expect(snapshotTree(cwd), argv.join(" ")).toEqual(before);
    return { exitCode, ...said };
  } finally {
    removeTree(cwd);
  }
}

/** Each option of a command that takes a value, by its long name and its short one. */
function valueOptionsOf({ command }: Leaf): readonly string[] {
  const options = command.options.filter(({ required }) => required);
  return options.flatMap(({ long, short }) => [long, short].filter((flag) => typeof flag === "string"));
}

/** A usage error ends with 2, but for a hook: there 2 would block the agent. */
function usageExitOf({ words }: Leaf): number {
  return words[0] === "hook" ? 1 : 2;
}

describe("a word that asks for help or for the version", () => {
  it("meets every command that does something, and every option with a value", () => {
    expect(LEAVES.length).toBeGreaterThan(24);
    expect(LEAVES.flatMap(valueOptionsOf).length).toBeGreaterThan(80);
  });

  it.each(LEAVES.map((leaf) => [leaf.words.join(" "), leaf] as const))(
    "is a usage error as the value of any option of %s",
    async (_name, leaf) => {
      for (const option of valueOptionsOf(leaf)) {
        for (const word of WORDS) {
          const argv = [...leaf.words, ...operandsOf(leaf), option, word];
          const ended = await end(argv);
          expect(ended, argv.join(" ")).toMatchObject({ exitCode: usageExitOf(leaf), out: "" });
          expect(ended.error, argv.join(" ")).toMatch(/^error: USAGE: \S+ lacks its value\nhint: /);
        }
      }
    },
  );

  it.each(LEAVES.map((leaf) => [leaf.words.join(" "), leaf] as const))(
    "is a usage error as an operand of %s, where it asks for the version",
    async (_name, leaf) => {
      for (const word of ["-V", "--version", "-Vx"]) {
        for (const operands of [[word], [...operandsOf(leaf), word]]) {
          const ended = await end([...leaf.words, ...operands]);
          expect(ended, `${leaf.words.join(" ")} ${operands.join(" ")}`).toMatchObject({
            exitCode: usageExitOf(leaf),
            out: "",
          });
        }
      }
    },
  );

  it("is a usage error between groups of commands, where it asks for the version", async () => {
    for (const argv of [
      ["--debug", "--version"],
      ["--frobnicate", "verify", "x", "-V"],
      ["key", "-V", "list"],
      ["store", "--version"],
      ["trust", "-V"],
    ]) {
      expect(await end(argv), argv.join(" ")).toMatchObject({ exitCode: 2, out: "" });
    }
  });

  it("is answered as the first word, where it asks for the version", async () => {
    for (const argv of [["-V"], ["--version"], ["--version", "verify", "x"]]) {
      expect((await end(argv)).out, argv.join(" ")).toMatch(/^\d+\.\d+\.\d+\n$/);
    }
  });

  it("is answered as an option, where it asks for help", async () => {
    for (const { words } of LEAVES) {
      for (const word of ["-h", "--help"]) {
        const ended = await end([...words, "x", word]);
        expect(ended, words.join(" ")).toMatchObject({ exitCode: 0, error: "" });
        expect(ended.out).toContain(`Usage: runseal ${words.join(" ")} `);
      }
    }
  });

  it("is a value like others behind an equals sign", async () => {
    const ended = await end(["verify", "x", "--signer=--help"]);
    expect(ended.error).toContain('--signer "--help" ');
  });

  it("is the command's behind -- of run, whatever is wrong before it", async () => {
    for (const word of WORDS) {
      const ended = await end(["run", "--frobnicate", "--", "tool", word]);
      expect(ended, word).toMatchObject({ exitCode: 2, out: "" });
      expect(ended.error).toContain("unknown option '--frobnicate'");
    }
  });
});
