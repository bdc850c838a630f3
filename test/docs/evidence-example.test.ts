import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../support/command/cli.ts";
import { ACCEPTED, FORMAT_TOOLS, FORMATS, type Format } from "../support/evidence/evidence.ts";
import { itWith, type ToolEnd } from "../support/evidence/real-tools.ts";

const page = readFileSync(new URL("../../docs/evidence.md", import.meta.url), "utf8");

/** The command line of a format's row in the first table. */
function rowOf(format: Format): string {
  const [, command = ""] =
    new RegExp(`^\\| [\\w-]+ \\| \`${format}\` \\| \`(.+)\` \\|$`, "m").exec(page) ?? [];
  return command;
}

const made = makeEvidence();
let project: Project | undefined;

afterAll(() => project?.[Symbol.dispose]());

/** The run of the page, with evidence in `evidence`. */
async function makeEvidence(): Promise<Project> {
  const scene = await makeProjectWithKey({ "src/main.c": "int main;\n" });
  project = scene;
  const command = ["sh", "-c", "mkdir dist && cp src/main.c dist/app && echo text > README"];
  const outputs = ["--input", "src", "--output", "dist", "--output", "README"];
  await scene.run(["run", "--id", "build-42", ...outputs, "--", ...command]);
  const words = ["export", "build-42", "--format", "all"];
  await scene.json([...words, "-o", "evidence"]);
  return scene;
}

function type(scene: Project, format: Format): ToolEnd {
  const options = { cwd: scene.root, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", rowOf(format)], options);
  return { status, text: stdout + stderr };
}

describe.each(FORMATS)("the row of docs/evidence.md for %s", (format) => {
  const itHere = itWith(...FORMAT_TOOLS[format]);

  itHere("accepts what was exported", async () => {
    const { status, text } = type(await made, format);
    expect(status, text).toBe(0);
    expect(text).toMatch(ACCEPTED[format]);
  });
});

describe("docs/evidence.md", () => {
  it("has the lines that the command prints, with fewer quotes", async () => {
    const scene = await made;
    const facts = await scene.json(["export", "build-42", "--format", "all", "-o", "printed"]);
    const commands = facts["commands"] as readonly { format: Format; command: string }[];
    expect(commands.map(({ format }) => format)).toEqual(FORMATS);
    for (const { command, format } of commands)
      expect(rowOf(format)).toBe(command.replaceAll("'", "").replaceAll("printed", "evidence"));
  });
});
