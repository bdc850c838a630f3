import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { BUNDLE, makeSealedProject } from "../../support/command/cli.ts";

it("runseal verify reads no more of itself than a verification which ends well needs", async () => {
  using project = await makeSealedProject();
  const env = { ...project.env, NODE_DEBUG: "module" };
  const { exitCode, stderr } = await project.run(["verify", BUNDLE], { env });
  const read = [...stderr.matchAll(/: load "([^"]+)" for module/g)].map(([, path = ""]) => basename(path));
  expect({ exitCode, read: read.sort() }).toEqual({
    exitCode: 0,
    read: ["arguments.js", "main.js", "program.js", "rolldown-runtime.js", "verify.js"],
  });
});

it.each([["--version"], ["verify", BUNDLE], ["explain", "FILE_EXISTS"]])(
  "runseal %s reads nothing of the formats of evidence",
  async (...args) => {
    using project = await makeSealedProject();
    const env = { ...project.env, NODE_DEBUG: "module" };
    const { exitCode, stderr } = await project.run(args, { env });
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/load "[^"]+main\.js" for module/);
    expect(stderr).not.toMatch(/\/(?:evidence|export)\.js" for module/);
  },
);

it("runseal verify of few files has Node load neither its performance clock, nor threads, nor what counts cores", async () => {
  using project = await makeSealedProject();
  const tellModules = fileURLToPath(new URL("../../support/command/loaded-modules.cjs", import.meta.url));
  const env = { ...project.env, NODE_OPTIONS: `--require ${tellModules}` };
  const { exitCode, stderr } = await project.run(["verify", BUNDLE], { env });
  expect(exitCode).toBe(0);
  const loaded = stderr.split("\n");
  expect(loaded).toContain("NativeModule crypto");
  for (const name of ["perf_hooks", "worker_threads", "os"])
    expect(loaded).not.toContain(`NativeModule ${name}`);
});
