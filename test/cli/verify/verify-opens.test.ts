import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { sealBundle, writeBundle } from "../../support/bundles/bundle.ts";
import { MAIN, makeFifo, makeProject, type Project, runProcess } from "../../support/command/cli.ts";

/** Where the successful opens of a verification led, by the kernel's own word, and the names of all it tried. */
interface Opens {
  readonly real: readonly string[];
  readonly tried: string;
}

/** Verifies under strace; undefined where there is none or it may not trace. */
async function opensOf(project: Project, runId: string, exitCode: number): Promise<Opens | undefined> {
  const probe = await runProcess("sh", ["-c", "strace -o /dev/null true"], {
    cwd: project.root,
    env: project.env,
  });
  if (probe.exitCode !== 0) return undefined;
  const log = `${project.folder}/strace.log`;
  // -y shows where a descriptor leads: a name below /proc/self/fd says nothing by itself.
  const under = [
    "strace",
    "-f",
    "-qq",
    "-y",
    "-s",
    "4096",
    "-o",
    log,
    "-e",
    "trace=open,openat,openat2,creat",
  ];
  const args = ["verify", `run/${runId}`, "--files", "files", "--any-signer", "--all"];
  const end = await project.run(args, { under });
  expect(end.exitCode, end.stderr).toBe(exitCode);
  const tried = readFileSync(log, "utf8");
  const real = [...tried.matchAll(/= \d+<([^>\n]*)>/g)].map(([, path = ""]) => path);
  return { real, tried };
}

describe("runseal verify opens nothing but the bundle and what is below the root", () => {
  it("whatever the bundle names", async ({ skip }) => {
    using project = makeProject({});
    const passwd = readFileSync("/etc/passwd", "utf8");
    const honest = sealBundle({ runId: "honest" });
    writeBundle(project.root, honest);
    project.write({ "outside.txt": passwd, "hidden/x": passwd });
    const files = project.at("files");
    symlinkSync("/etc/passwd", `${files}/link`);
    symlinkSync(project.at("hidden"), `${files}/way`);
    symlinkSync("../outside.txt", `${files}/up`);
    symlinkSync("/proc/self/environ", `${files}/proc`);
    makeFifo(`${files}/fifo`);
    mkdirSync(`${files}/folder`);
    const named = [
      "/etc/passwd",
      "/etc/shadow",
      "/dev/zero",
      "/proc/self/environ",
      "../outside.txt",
      "folder/../../outside.txt",
      "../../../../../../../../etc/passwd",
      "link",
      "way/x",
      "up",
      "proc",
      "fifo",
      "folder",
    ];
    const hostile = sealBundle({
      runId: "hostile",
      outputs: { ...honest.outputs, ...Object.fromEntries(named.map((path) => [path, passwd])) },
    });
    writeBundle(project.root, { ...hostile, outputs: {} });

    const usual = await opensOf(project, "honest", 0);
    if (usual === undefined) skip("strace can't trace here");
    const opens = await opensOf(project, "hostile", 1);
    const elsewhere = (all: Opens | undefined): Set<string> =>
      new Set(all?.real.filter((path) => !isOurs(path)).map((path) => path.replace(/\d+/g, "N")));
    // Of its own, it reads the words for failures only where there is one, and then looks for a later run of the project.
    const isOurs = (path: string): boolean =>
      path === project.root ||
      [files, project.at("run", "honest"), project.at("run", "hostile"), dirname(MAIN)].some(
        (folder) => path === folder || path.startsWith(`${folder}/`),
      );
    expect(usual?.real, "the trace sees what is opened").toContain(`${files}/out/a.txt`);
    expect(opens?.real).toContain(`${files}/out/a.txt`);
    expect([...elsewhere(opens)].filter((path) => !elsewhere(usual).has(path))).toEqual([]);
    expect(opens?.real.filter((path) => /passwd|shadow|environ|outside|hidden/.test(path))).toEqual([]);
    expect(opens?.tried).not.toMatch(/"[^"]*(?:passwd|shadow|environ|outside|hidden)[^"]*"/);
  });
});
