/**
 * Programs of other projects that verify evidence. A test that needs one is skipped where the program is missing.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { it } from "vitest";

/** The programs that tests call. */
export type Tool =
  | "bsdtar"
  | "cosign"
  | "env"
  | "in-toto-golang"
  | "minisign"
  | "openssl"
  | "python3"
  | "oras"
  | "sha256sum"
  | "skopeo"
  | "signify-openbsd"
  | "skopeo"
  | "ssh-agent"
  | "ssh-keygen"
  | "tar";

const found = new Map<Tool, boolean>();

/** Whether a program is installed. */
export function hasTool(tool: Tool): boolean {
  const known = found.get(tool);
  if (known !== undefined) return known;
  const { status } = spawnSync("sh", ["-c", `command -v "$1"`, "sh", tool]);
  found.set(tool, status === 0);
  return status === 0;
}

/** A test that is skipped where one of the programs is not installed. `.ci/run` installs all of them. */
export function itWith(...tools: readonly Tool[]): typeof it.skip {
  return it.skipIf(tools.some((tool) => !hasTool(tool)));
}

/** How a program ended. */
export interface ToolEnd {
  readonly status: number | null;
  /** stdout, then stderr. */
  readonly text: string;
}

/** Runs a program in a folder. `input` goes to its stdin. */
export function runTool(
  tool: Tool,
  args: readonly string[],
  {
    cwd,
    env,
    input,
  }: {
    readonly cwd?: string;
    /** The whole environment; default: that of the tests. */
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: Uint8Array | string;
  } = {},
): ToolEnd {
  const ended = spawnSync(tool, args, { cwd, env, input: input ?? "", encoding: "utf8", maxBuffer: 2 ** 28 });
  // A program may end without reading its stdin. That is no failure of the call.
  if (ended.error !== undefined && !isUnread(ended.error)) throw ended.error;
  return { status: ended.status, text: ended.stdout + ended.stderr };
}

function isUnread(error: Error): boolean {
  return "code" in error && error.code === "EPIPE";
}
