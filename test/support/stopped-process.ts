/**
 * Runs `sign-and-stop.mjs` to the point where it stands still, and looks at its memory there.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Copy, scanMemory, type Traces } from "./memory-scan.ts";

const SCRIPT = fileURLToPath(new URL("./sign-and-stop.mjs", import.meta.url));
const DIST = fileURLToPath(new URL("../../dist", import.meta.url));

/** What to run. */
export interface Signing {
  /** One of the ways of `sign-and-stop.mjs`, and its arguments. */
  readonly way: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The exit code that the program would end with. */
  readonly exitCode?: number;
}

/** Runs a signing, stops the whole process where it stands still, and finds every trace in it. */
export async function scanAfter(signing: Signing, traces: Traces): Promise<readonly Copy[]> {
  const { way, args, cwd, env, exitCode = 0 } = signing;
  const child = spawn(process.execPath, [SCRIPT, DIST, way, ...args], {
    cwd,
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  try {
    const said = { code: "", output: "" };
    const stands = child.stdio[3];
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        said.output += String(chunk);
      });
    }
    await new Promise<void>((resolve, reject) => {
      stands?.on("data", (chunk: Buffer) => {
        said.code += String(chunk);
        if (said.code.endsWith("\n")) resolve();
      });
      child.on("error", reject);
      child.on("exit", () => reject(new Error(`it ended before it stood still: ${said.output}`)));
    });
    if (said.code !== `${exitCode}\n`) throw new Error(`exit code ${said.code.trim()}: ${said.output}`);
    child.kill("SIGSTOP");
    return scanMemory(child.pid ?? 0, traces);
  } finally {
    child.kill("SIGKILL");
  }
}
