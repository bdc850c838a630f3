import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { SECOND_SEED } from "../support/bundle.ts";
import { makeProjectWithKey, type Project } from "../support/cli.ts";
import { ACCEPTED, FORMAT_TOOLS, FORMATS, type Format, KEY_FILES } from "../support/evidence.ts";
import { itWith, type ToolEnd } from "../support/real-tools.ts";

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

/** The run of the page, with evidence in `evidence` and by another key in `other`. */
async function makeEvidence(): Promise<Project> {
  const scene = await makeProjectWithKey({ "src/main.c": "int main;\n" });
  project = scene;
  writeFileSync(scene.at("second.key"), `${SECOND_SEED}\n`, { mode: 0o600 });
  const command = ["sh", "-c", "mkdir dist && cp src/main.c dist/app && echo text > README"];
  const outputs = ["--input", "src", "--output", "dist", "--output", "README"];
  await scene.run(["run", "--id", "build-42", ...outputs, "--", ...command]);
  const words = ["export", "build-42", "--format", "all"];
  await scene.json([...words, "-o", "evidence"]);
  await scene.json([...words, "-o", "other", "--key", "second.key"]);
  return scene;
}

function type(scene: Project, format: Format): ToolEnd {
  const options = { cwd: scene.root, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", rowOf(format)], options);
  return { status, text: stdout + stderr };
}

/** Runs the row while a file has another content. */
function typeWith(scene: Project, format: Format, path: string, content: Uint8Array | string): ToolEnd {
  const before = readFileSync(scene.at(path));
  try {
    writeFileSync(scene.at(path), content);
    return type(scene, format);
  } finally {
    writeFileSync(scene.at(path), before);
  }
}

describe.each(FORMATS)("the row of docs/evidence.md for %s", (format) => {
  const itHere = itWith(...FORMAT_TOOLS[format]);

  itHere("accepts what was exported", async () => {
    const { status, text } = type(await made, format);
    expect(status, text).toBe(0);
    expect(text).toMatch(ACCEPTED[format]);
  });

  itHere("rejects a changed file", async () => {
    const { status, text } = typeWith(await made, format, "dist/app", "changed\n");
    expect(status, text).not.toBe(0);
    expect(text).toContain("dist/app");
  });

  itHere("rejects a changed list", async () => {
    const scene = await made;
    const list = { signify: "SHA256.sig", link: "build-42.layout" }[format as string] ?? "SHA256SUMS";
    const text = readFileSync(scene.at("evidence", list), "latin1");
    // Of the base64 of a layout, one character; of a list, one digit of a digest.
    const changed = text.replace(
      format === "link" ? /(?<="payload":".{90})./ : /[0-9a-f](?=[0-9a-f]{60})/,
      (before) => (before === "0" ? "1" : "0"),
    );
    expect(changed).not.toBe(text);
    expect(typeWith(scene, format, `evidence/${list}`, Buffer.from(changed, "latin1")).status).not.toBe(0);
  });

  if (format === "sums") return;
  itHere("rejects another key", async () => {
    const scene = await made;
    const key = readFileSync(scene.at("other", KEY_FILES[format]));
    expect(typeWith(scene, format, `evidence/${KEY_FILES[format]}`, key).status).not.toBe(0);
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
