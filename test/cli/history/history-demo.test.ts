import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { longIt } from "../../support/rings/ring.ts";

const DEMO = fileURLToPath(new URL("../../../demo/history.mjs", import.meta.url));

/** It packs this project three times, and seals and verifies some twenty times. */
const MINUTES = 10;

/** Runs the demo, which ends with 0 only if each step ends as expected. */
async function runDemo(): Promise<{ readonly exitCode: number | null; readonly shown: string }> {
  const child = spawn(process.execPath, [DEMO], { stdio: ["ignore", "pipe", "pipe"] });
  let shown = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
    });
  }
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exitCode, shown };
}

/** The output of one step. */
function step(shown: string, title: string): string {
  return shown.split("\n# ").find((part) => part.startsWith(title)) ?? "";
}

describe("the history of three runs of npm pack (demo/history.mjs)", () => {
  longIt(
    "is accepted, and each attack on it is reported with its own code",
    async () => {
      const { exitCode, shown } = await runDemo();
      expect(exitCode, shown).toBe(0);
      expect(
        step(shown, "The log").match(/^(?:three|two|one) .* demo \(trusted\) .* bundle ok$/gm),
      ).toHaveLength(3);
      expect(step(shown, "The history is one complete line")).toMatch(/\naccepted\n\(exit code 0\)\n/);
      for (const [title, code] of [
        ["Delete the bundle in the middle", "HISTORY_GAP"],
        ["Swap two bundles", "PAYLOAD_MISMATCH"],
        ["Fork", "HISTORY_FORK"],
        ["Roll HEAD back", "HISTORY_ROLLED_BACK"],
        ["Truncate", "HISTORY_TRUNCATED"],
        ["Plant a bundle of another project", "HISTORY_FOREIGN"],
        ["Delete HEAD", "HEAD_MISSING"],
      ] as const) {
        expect(step(shown, title)).toMatch(new RegExp(`\\nerror: ${code}: [^]*\\n\\(exit code 1\\)\\n`));
      }
      expect(step(shown, "The original history")).toMatch(/\naccepted\n\(exit code 0\)\n/);
    },
    MINUTES * 60_000,
  );
});
