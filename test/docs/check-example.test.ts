import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MAIN, makeProject, type Project, runProcess } from "../support/command/cli.ts";
import { EVIDENCE_FILES } from "../support/evidence/foreign-evidence.ts";
import { hasTool, type Tool } from "../support/evidence/real-tools.ts";

const page = readFileSync(new URL("../../docs/check.md", import.meta.url), "utf8");

/** The shell block behind the paragraph that begins with a tool's name. */
function blockOf(name: string): string {
  const [, block = ""] =
    new RegExp(`^\\*\\*${name}\\.\\*\\*[^\`]*\`\`\`sh\\n(.*?)^\`\`\``, "ms").exec(page) ?? [];
  return block;
}

/** Puts a `runseal` into the search path, as npm would. */
function withRunseal(project: Project): Readonly<Record<string, string>> {
  const folder = project.at(".runseal-bin");
  mkdirSync(folder);
  writeFileSync(`${folder}/runseal`, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(`${folder}/runseal`, 0o755);
  return { ...project.env, PATH: `${folder}:${project.env["PATH"] ?? ""}` };
}

const TOOLS: readonly (readonly [name: string, tool: Tool])[] = [
  ["ssh-keygen", "ssh-keygen"],
  ["minisign", "minisign"],
  ["signify", "signify-openbsd"],
  ["cosign", "cosign"],
];

describe("the examples of docs/check.md", () => {
  it.for(TOOLS)("with %s end with an accepted check", async ([name, tool], { skip }) => {
    skip(!hasTool(tool), `not installed: ${tool}`);
    using project = makeProject(EVIDENCE_FILES);
    const script = blockOf(name);
    expect(script).toContain("runseal check ");
    const end = await runProcess("sh", ["-e", "-c", script], {
      cwd: project.root,
      env: withRunseal(project),
    });
    expect(end, end.stderr).toMatchObject({ exitCode: 0 });
    expect(end.stdout).toMatch(/\naccepted\n$/);
  });
});
