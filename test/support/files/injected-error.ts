/**
 * The built command while the kernel refuses one system call. strace injects the error.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import type { CliSetting } from "../command/cli.ts";

/** Why no error can be injected here; undefined where one can. */
export function injectionObstacle(): string | undefined {
  if (process.platform !== "linux") return "strace needs Linux";
  const args = ["-qq", "-o", "/dev/null", "-e", "inject=chdir:error=EIO", "true"];
  const { error, status } = spawnSync("strace", args);
  if (error !== undefined) return "strace is not installed";
  return status === 0 ? undefined : "strace can't trace here";
}

/** A setting in which a system call of every thread and child fails each time. `injection` is strace's, as `rmdir:error=EIO`. */
export function injecting(injection: string): Partial<CliSetting> {
  const [call = ""] = injection.split(":");
  return {
    under: ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${injection}`],
  };
}
