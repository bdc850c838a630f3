/**
 * How often a command reads one file, as the kernel reports it.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { type CliEnd, type Project, runProcess } from "../command/cli.ts";

/** A command that ended. */
export interface TracedEnd extends CliEnd {
  /** Calls by which any of its threads read or mapped bytes of the file. */
  readonly reads: number;
}

/** Runs a command under strace; `undefined` where strace is missing or may not trace. The command must open the file. */
export async function countReads(
  project: Project,
  args: readonly string[],
  file: string,
): Promise<TracedEnd | undefined> {
  const setting = { cwd: project.root, env: project.env };
  const probe = await runProcess("sh", ["-c", "strace -f -o /dev/null true"], setting);
  if (probe.exitCode !== 0) return undefined;
  const log = `${project.folder}/reads.log`;
  const reading = ["read", "readv", "pread64", "preadv", "preadv2", "mmap", "sendfile", "copy_file_range"];
  // -D: what is killed where it hangs is the command, not the tracer.
  const under = ["strace", "-D", "-f", "-qq", "-y", "-o", log, "-e", `trace=openat,${reading.join()}`];
  const end = await project.run(args, { under });
  const calls = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.includes(`<${file}>`));
  expect(calls.length, `${file} must be opened`).toBeGreaterThan(0);
  return { ...end, reads: calls.filter((call) => !/^\d+ +(?:openat\(|<\.\.\. openat)/.test(call)).length };
}
