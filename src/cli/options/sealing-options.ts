/** The options of seal and run: where the bundle goes, which files it takes in, and when it is sealed. @module */

import { makeRunId } from "../../node/records/bundle/run-names.ts";
import type { RunRequest } from "../../node/run/run-request.ts";
import type { Io } from "../output/io.ts";
import { type ProjectOptions, projectToSealInto } from "./project-root.ts";
import { UsageError } from "./usage-error.ts";

/** The options as parsed. */
export interface SealingOptions extends ProjectOptions {
  /** The folder that a run guards: what is sealed is named below it. */
  readonly guard?: string | undefined;
  readonly id?: string | undefined;
  readonly keep: boolean;
  readonly ignore: readonly string[];
  readonly strict?: true | undefined;
  readonly links?: "inside" | "any" | "none" | undefined;
  readonly names: "portable" | "posix";
}

/** What the options ask for, of a bundle that is named after `now`, in seconds since 1970. Throws as `projectToSealInto` does. */
export function sealingOf(
  { guard, here, id, ignore, keep, links, names, project, strict }: SealingOptions,
  now: number,
  io: Io,
): Pick<
  RunRequest,
  "cwd" | "root" | "runId" | "keep" | "ignore" | "strict" | "links" | "names" | "environment" | "signal"
> {
  const { cwd, environment, signal } = io;
  const runId = id ?? makeRunId(now, io.random(2));
  const root = guard === undefined ? projectToSealInto({ here, project }, io) : ".";
  const taken = { ignore, strict: strict === true, links, names };
  return { cwd, root, runId, keep, ...taken, environment, signal };
}

/**
 * The moment of sealing, in seconds since 1970: SOURCE_DATE_EPOCH if it is set, so that equal inputs give equal bytes.
 * Throws a usage error if that is no such number.
 */
export function sealingTime(io: Io): number {
  const epoch = io.environment["SOURCE_DATE_EPOCH"];
  if (epoch === undefined || epoch === "") return io.now();
  const seconds = Number(epoch);
  if (!/^[0-9]+$/.test(epoch) || seconds > 253402300799) {
    throw new UsageError("SOURCE_DATE_EPOCH is set, but is not a number of seconds since 1970");
  }
  return seconds;
}
