import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { LONG_TEST_MS, longIt } from "../../support/rings/ring.ts";

const DEMO = fileURLToPath(new URL("../../../demo/agent.mjs", import.meta.url));

describe("the demo of agents (demo/agent.mjs)", () => {
  longIt(
    "ends as it expects",
    () => {
      const { status, stderr } = spawnSync(process.execPath, [DEMO], { encoding: "utf8" });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    },
    LONG_TEST_MS,
  );
});
