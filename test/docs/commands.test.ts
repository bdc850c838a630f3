import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { describe, expect, it } from "vitest";
import { processIo } from "../../src/cli/output/process-io.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { commandSections } from "../../src/cli/reference/commands-page.ts";
import { describeProgram } from "../../src/cli/reference/described-command.ts";
import { manPage } from "../../src/cli/reference/man-page.ts";

const PAGE = fileURLToPath(new URL("../../docs/commands.md", import.meta.url));
const MAN = fileURLToPath(new URL("../../dist/man/runseal.1", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../../package.json", import.meta.url));

async function freshProgram(): Promise<CommandUnknownOpts> {
  const { close, io } = processIo(process);
  close();
  return await makeProgram(io, () => undefined, { flags: [], behindTerminator: [] });
}

/** Commands that do something, as they are typed. */
function leavesOf(command: CommandUnknownOpts, name: string): ReadonlyMap<string, CommandUnknownOpts> {
  if (command.commands.length === 0) return new Map([[name, command]]);
  return new Map(command.commands.flatMap((child) => [...leavesOf(child, `${name} ${child.name()}`)]));
}

/** The long options that a text shows at the beginning of an entry. */
function optionsIn(text: string, entry: RegExp): readonly string[] {
  const found = [...text.matchAll(entry)].map(([, option = ""]) => option);
  return [...new Set(found)].sort();
}

/** Each section of a text by its heading. */
function sectionsOf(text: string, heading: RegExp): ReadonlyMap<string, string> {
  const parts = text.split(heading);
  return new Map(
    Array.from({ length: (parts.length - 1) / 2 }, (_, at) => [
      parts[2 * at + 1] ?? "",
      parts[2 * at + 2] ?? "",
    ]),
  );
}

const HELP_ENTRY = /^ {2}(?:-\w, )?(--[a-z-]+)/gm;
const MAN_ENTRY = /^\.B "(?:\\-\w, )?((?:\\-){2}(?:[a-z]|\\-)+)/gm;
const PAGE_ENTRY = /^\| `(?:-\w, )?(--[a-z-]+)/gm;

describe("the lists of options", () => {
  /** After an option changed: `npx vitest run test/docs/commands.test.ts -u` writes the page. */
  it("of docs/commands.md are those of the commands", async () => {
    const page = readFileSync(PAGE, "utf8");
    const intro = page.slice(0, page.indexOf("## Every command"));
    await expect(intro + commandSections(describeProgram(await freshProgram()))).toMatchFileSnapshot(PAGE);
  });

  it("of the man page are those of the commands", async () => {
    const { version } = JSON.parse(readFileSync(PACKAGE, "utf8")) as { version: string };
    expect(readFileSync(MAN, "utf8")).toBe(manPage(describeProgram(await freshProgram()), version));
  });

  it("has its commands in the same groups and the same order in help, man page and docs", async () => {
    const program = await freshProgram();
    const leavesOfGroup = (names: readonly string[]): readonly string[] =>
      names.flatMap((name) => {
        const command = program.commands.find((child) => child.name() === name);
        return command === undefined ? [] : [...leavesOf(command, `runseal ${name}`).keys()];
      });
    const inHelp = [...program.helpInformation().matchAll(/^(\S.*):\n((?: {2,}.+\n?)+)/gm)]
      .map(([, title = "", lines = ""]) => ({
        title,
        commands: leavesOfGroup([...lines.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = ""]) => name)),
      }))
      .filter(({ title }) => title !== "Options");
    const groupsIn = (text: string, group: RegExp, command: RegExp): typeof inHelp =>
      [...sectionsOf(text, group)]
        .map(([title, section]) => ({
          title,
          commands: [...section.matchAll(command)].map(([, name = ""]) => name.replaceAll("\\-", "-")),
        }))
        .filter(({ commands }) => commands.length > 0);
    expect(inHelp.length).toBeGreaterThan(5);
    expect(groupsIn(readFileSync(PAGE, "utf8"), /^## (.+)$/m, /^### (.+)$/gm)).toEqual(inHelp);
    const inMan = groupsIn(readFileSync(MAN, "utf8"), /^\.SH "?([^"\n]+)"?$/m, /^\.SS "(.+)"$/gm);
    expect(inMan).toEqual(inHelp.map(({ title, ...group }) => ({ ...group, title: title.toUpperCase() })));
  });

  it("are the same in help, man page and docs, for every command", async () => {
    const man = sectionsOf(readFileSync(MAN, "utf8"), /^\.S[SH] "?([^"\n]+)"?$/m);
    const page = sectionsOf(readFileSync(PAGE, "utf8"), /^###? (.+)$/m);
    const commonInMan = optionsIn(man.get("OPTIONS OF EVERY COMMAND") ?? "", MAN_ENTRY);
    const commonInPage = optionsIn(page.get("Every command") ?? "", PAGE_ENTRY);
    const leaves = leavesOf(await freshProgram(), "runseal");
    expect(leaves.size).toBeGreaterThan(35);
    for (const [name, command] of leaves) {
      const inHelp = optionsIn(command.helpInformation(), HELP_ENTRY);
      const inMan = optionsIn(man.get(name.replaceAll("-", "\\-")) ?? "", MAN_ENTRY);
      const inPage = optionsIn(page.get(name) ?? "", PAGE_ENTRY);
      const unescaped = [...commonInMan, ...inMan].map((option) => option.replaceAll("\\", ""));
      expect([...new Set(unescaped)].sort(), `${name} in the man page`).toEqual(inHelp);
      expect([...new Set([...commonInPage, ...inPage])].sort(), `${name} in docs/commands.md`).toEqual(
        inHelp,
      );
    }
  });
});

/** Whether a program is installed. */
function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

describe("the man page", () => {
  it.skipIf(!has("man"))("is shown by man without a warning, with every command", async () => {
    const env = {
      PATH: process.env["PATH"] ?? "",
      LC_ALL: "C.UTF-8",
      MANWIDTH: "100",
      MAN_KEEP_FORMATTING: "",
    };
    const shown = spawnSync("man", ["--warnings", "-l", MAN], { encoding: "utf8", env });
    expect({ status: shown.status, stderr: shown.stderr }).toEqual({ status: 0, stderr: "" });
    for (const name of leavesOf(await freshProgram(), "runseal").keys())
      expect(shown.stdout, name).toContain(`\n   ${name}\n`);
  });

  it.skipIf(!has("mandoc"))("has nothing that mandoc finds fault with, its style included", () => {
    const checked = spawnSync("mandoc", ["-T", "lint", MAN], { encoding: "utf8" });
    expect({ status: checked.status, stdout: checked.stdout }).toEqual({ status: 0, stdout: "" });
  });

  it("is named by the package in a list, the only form from which npm links it", () => {
    const { man } = JSON.parse(readFileSync(PACKAGE, "utf8")) as { man: unknown };
    expect(man).toEqual(["./dist/man/runseal.1"]);
  });
});
