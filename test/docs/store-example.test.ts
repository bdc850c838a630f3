import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeSealedProject, namesIn, type Project, runProcess } from "../support/command/cli.ts";

const PAGE = readFileSync(new URL("../../docs/store.md", import.meta.url), "utf8");

/** The block of a language behind a text of the page. */
function blockOf(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(PAGE)?.[1] ?? "";
}

/** The lines in any order: the pack has objects in the order in which threads hashed them. */
const sorted = (text: string): readonly string[] => text.trim().split("\n").sort();

describe("docs/store.md", () => {
  let project: Project;

  beforeAll(async () => {
    project = await makeSealedProject();
    project.write({ "packs.py": blockOf("python") });
  });
  afterAll(() => project[Symbol.dispose]());

  const run = (): ReturnType<typeof runProcess> =>
    runProcess("sh", ["-c", "python3 packs.py .runseal/packs/*.pack"], {
      cwd: project.root,
      env: project.env,
    });

  it("shows a program of at most 15 lines that reads packs, and what it prints", async () => {
    expect(blockOf("python").trim().split("\n").length).toBeLessThanOrEqual(15);
    const shown = /^\$ [^\n]*\n(.*)/s.exec(blockOf("console"))?.[1] ?? "";
    const { exitCode, stderr, stdout } = await run();
    expect(exitCode, stderr).toBe(0);
    // The order of records, and so the id, is that in which the threads were done.
    const digests = (text: string): readonly string[] =>
      sorted(text).filter((line) => !line.startsWith(".runseal"));
    expect(digests(stdout)).toEqual(digests(shown));
    expect(stdout).toMatch(/^\.runseal\/packs\/[0-9a-f]{64}\.pack ok$/m);
  });

  it("shows a program that finds damage", async () => {
    const [name = ""] = namesIn(project.at(".runseal/packs")).filter((each) => each.endsWith(".pack"));
    const pack = project.at(`.runseal/packs/${name}`);
    const bytes = readFileSync(pack);
    chmodSync(pack, 0o644);
    const content = Buffer.from(bytes);
    content.write("ALPHA", content.indexOf("alpha"));
    writeFileSync(pack, content);
    expect((await run()).stdout).toMatch(/ 6 CORRUPTED$/m);
    const head = Buffer.from(bytes);
    head.writeUInt8(head.readUInt8(0x30) ^ 1, 0x30);
    writeFileSync(pack, head);
    expect((await run()).stdout).toMatch(/\.pack DAMAGED$/m);
  });

  it("names each fsync of a pack by the name in the source", () => {
    const folders = ["system/packs", "records/store"].map(
      (name) => new URL(`../../src/node/${name}/`, import.meta.url),
    );
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => new URL(name, folder)),
    );
    for (const file of files) {
      const source = readFileSync(file, "utf8");
      for (const [, name] of source.matchAll(/(?:\/\/|\/\*\*) (\[[a-z-]+\])/g))
        expect(PAGE).toContain(`\`${name}\``);
    }
  });
});
