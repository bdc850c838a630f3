import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { CAN_HIDE_PROC, WITHOUT_PROC } from "../support/command/other-systems.ts";
import { Registries } from "../support/registry/real-registry.ts";
import { LONG_TEST_MS } from "../support/rings/ring.ts";

const SCRIPT = fileURLToPath(new URL("scenario.mjs", import.meta.url));

/** A file system of 4 MiB in a mount namespace of its own, in which the command is the last to run. */
const ON_A_SMALL_DISK = [
  "unshare",
  "-m",
  "sh",
  "-c",
  'mount -t tmpfs -o size=4m none "$SCENARIO_SMALL" && exec "$@"',
  "sh",
];

/** Plays the scenario, and gives its last line. */
async function play(under: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const [command = "", ...rest] = [...under, process.execPath, SCRIPT];
  const { stdout } = await promisify(execFile)(command, rest, { env: { ...process.env, ...env } });
  return stdout.trimEnd().split("\n").at(-1);
}

describe("the scenario of other systems", () => {
  it(
    "passes on Linux, with a registry and a full disk",
    async ({ skip }) => {
      skip(!CAN_HIDE_PROC, "this user can't mount a small file system");
      await using registries = new Registries();
      const small = mkdtempSync(join(tmpdir(), "small-"));
      try {
        const { host } = await registries.of("open");
        const env = { SCENARIO_REGISTRY: host, SCENARIO_SMALL: small };
        expect(await play(ON_A_SMALL_DISK, env)).toMatch(/^\d+ steps \(linux\)$/);
      } finally {
        rmSync(small, { recursive: true });
      }
    },
    LONG_TEST_MS,
  );

  it(
    "passes on a Linux without /proc",
    async ({ skip }) => {
      skip(!CAN_HIDE_PROC, "this user can't hide /proc from a process");
      expect(await play(WITHOUT_PROC, {})).toMatch(/^\d+ steps \(linux, folders by path\)$/);
    },
    LONG_TEST_MS,
  );
});
