import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { hasRegistry } from "../../../test/support/registry/real-registry.ts";
import { hasPostgres } from "./support/postgres.ts";

const DEMO = fileURLToPath(new URL("../../../demo/fleet.mjs", import.meta.url));
const RUNS = 12;
const FOUND = [
  "run-foreign: SIGNER_UNKNOWN (judged",
  "run-forged: BUNDLE_ROOT_MISMATCH (judged",
  "run-rotten: REGISTRY_MALFORMED (parked",
  "/ takes the token rsf_",
];

/** Runs the demo with a folder of its own for all that it makes; tells what it prints. */
async function runDemo(
  args: readonly string[],
  tell: (shown: string, child: ChildProcess) => void = () => undefined,
): Promise<{ readonly exitCode: number | null; readonly shown: string; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "fd-"));
  // PostgreSQL runs as an ordinary user there.
  chmodSync(folder, 0o755);
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(process.execPath, [DEMO, "--runs", String(RUNS), ...args], { env, stdio: "pipe" });
  let shown = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
      tell(shown, child);
    });
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exitCode, shown, folder };
}

/** Nothing of the demo is left: no file, and no process that was started with its folder. */
function expectTakenDown(folder: string): void {
  expect(readdirSync(folder)).toEqual([]);
  rmdirSync(folder);
  expect(spawnSync("ps", ["-eo", "args"], { encoding: "utf8" }).stdout).not.toContain(folder);
}

describe("the demo of the fleet (demo/fleet.mjs)", () => {
  it.runIf(hasPostgres() && hasRegistry())(
    "finds the bad runs on PostgreSQL and docker-registry, and leaves nothing",
    async () => {
      const { exitCode, folder, shown } = await runDemo([]);
      expect(exitCode, shown).toBe(0);
      for (const line of ["PostgreSQL, and docker-registry", ...FOUND]) expect(shown).toContain(line);
      expectTakenDown(folder);
    },
  );

  it("finds the same where nothing is installed", async () => {
    const { exitCode, folder, shown } = await runDemo(["--embedded"]);
    expect(exitCode, shown).toBe(0);
    for (const line of ["PGlite, and an OCI layout", ...FOUND]) expect(shown).toContain(line);
    expectTakenDown(folder);
  });

  it("takes everything down on Ctrl-C", async () => {
    let isStopped = false;
    const { exitCode, folder } = await runDemo([], (shown, child) => {
      if (isStopped || !shown.includes("\n# Submit an audit")) return;
      isStopped = true;
      child.kill("SIGINT");
    });
    expect(exitCode).toBe(130);
    expectTakenDown(folder);
  });
});
