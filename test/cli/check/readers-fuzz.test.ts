import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runProcess } from "../../support/command/cli.ts";
import { runs } from "../../support/rings/properties.ts";

const FUZZER = fileURLToPath(new URL("../../fuzz/fuzz.mjs", import.meta.url));

describe("the fuzzer of readers", () => {
  it("finds no internal error, no hang and no memory above 200 MiB in a short run", async () => {
    const args = [FUZZER, "--tries", String(runs(300)), "--seed", "31"];
    const env = { PATH: process.env["PATH"] ?? "" };
    const end = await runProcess(process.execPath, args, { cwd: "/", env });
    expect(end.exitCode, end.stdout + end.stderr).toBe(0);
    expect(end.stdout).toContain("0 crashes, 0 broken invariants, 0 slow");
  });
});
