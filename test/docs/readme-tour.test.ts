import { chmodSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAIN, makeProject, type Project, runProcess } from "../support/command/cli.ts";

/** A command that README.md shows, and the output that it shows below. */
interface Step {
  readonly command: string;
  readonly shown: string;
}

const page = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const STEPS: readonly Step[] = [...page.matchAll(/^```console\n\$ ([^\n]*)\n(.*?)^```$/gms)].map(
  ([, command = "", shown = ""]) => ({ command, shown }),
);

/** The text without what differs from run to run: digests, fingerprints, times and the home folder. */
function comparable(text: string, home: string): string {
  return text
    .replaceAll(home, "/home/alice")
    .replaceAll(/SHA256:[A-Za-z0-9+/]{43}/g, "SHA256:…")
    .replaceAll(/\b[0-9a-f]{64}\b/g, "64 hex")
    .replaceAll(/\b[0-9a-f]{8}\b/g, "8 hex")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "a time");
}

describe("the tour in README.md", () => {
  let project: Project;
  let home = "";

  beforeAll(() => {
    project = makeProject({ "dist/app.css": "app {}\n", "dist/app.js": 'run("app");\n' });
    home = project.env["HOME"] ?? "";
    project.write({ "../bin/runseal": `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n` });
    chmodSync(join(project.folder, "bin/runseal"), 0o755);
  });
  afterAll(() => project[Symbol.dispose]());

  it("has steps that seal, verify, reject and restore", () => {
    const commands = STEPS.map(({ command }) => command).join("\n");
    for (const verb of ["init", "seal", "verify", "restore"]) expect(commands).toContain(`runseal ${verb}`);
  });

  // The steps depend on each other, so one test runs them in order.
  it("prints what each command prints", async () => {
    const env = { PATH: `${join(project.folder, "bin")}:${project.env["PATH"]}`, HOME: home };
    for (const { command, shown } of STEPS) {
      // The last step shows a user who trusts no key.
      if (shown.includes("TRUST_POLICY_MISSING")) rmSync(join(home, ".config/runseal/trust"));
      const { stdout } = await runProcess("sh", ["-c", `exec 2>&1; ${command}`], { cwd: project.root, env });
      expect(comparable(stdout, home), command).toBe(comparable(shown, "/home/alice"));
    }
  });
});
