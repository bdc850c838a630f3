import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runProcess } from "../../../support/command/cli.ts";
import { runs } from "../../../support/rings/properties.ts";

const FUZZER = fileURLToPath(new URL("../../../fuzz/fuzz.mjs", import.meta.url));

describe("the fuzzer of packs", () => {
  it("finds no crash, no wrong bytes and no lost object in a short run", async () => {
    const args = [FUZZER, "--of", "packs", "--tries", String(runs(400)), "--seed", "18", "--cli", "0"];
    const end = await runProcess(process.execPath, args, {
      cwd: "/",
      env: { PATH: process.env["PATH"] ?? "" },
    });
    expect(end.exitCode, end.stdout + end.stderr).toBe(0);
    expect(end.stdout).toContain("0 crashes, 0 broken invariants, 0 slow");
  });
});
