/** `runseal prove [BUNDLE] FILE…`: which of the operands is the bundle. @module */

import { quote } from "../../../core/internal.ts";
import type { PlaceOptions } from "../../../node/library/places/bundle-place.ts";
import { onNamedOrNewest } from "../../options/default-run.ts";
import { placeOfSource } from "../../options/source-place.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { type ProveOptions, runProve } from "./prove.ts";

/**
 * Proves files of the bundle that the first operand names. If it names none, all operands are files of the newest run: a single operand, or a
 * first one that exists and is not a bundle. Throws a usage error for a bundle without files.
 */
export async function runProveOf(
  operands: readonly string[],
  options: ProveOptions,
  io: Io,
): Promise<Report> {
  const [first = "", ...files] = operands;
  const isBundle = namesBundle(first, options, io);
  if (isBundle === true && files.length === 0)
    throw new UsageError(
      `${quote(first)} is a run or an archive here: name the files that the proof is about behind it\nto prove it as a file of a run, name that run first: runseal prove RUN FILE`,
    );
  const isFile = isBundle === undefined ? files.length === 0 : !isBundle;
  const named = isFile ? undefined : first;
  return await onNamedOrNewest(named, options.project, io, (bundle) =>
    runProve(bundle, isFile ? operands : files, options, io),
  );
}

/** Whether an operand names a bundle; `false` for something else that is there, undefined where nothing has that name. */
function namesBundle(text: string, options: PlaceOptions, io: Io): boolean | undefined {
  const place = placeOfSource(text, options, io);
  if (place.ok) return true;
  return place.code === "RUN_NOT_FOUND" && place.details.reason === "not-a-run" ? false : undefined;
}
