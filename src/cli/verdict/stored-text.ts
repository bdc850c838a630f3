/** Words for outputs that come from a project's store. @module */

import {
  isDifference,
  parseDeclaredDigest,
  parseOutputPath,
  quote,
  type RejectionDetails,
} from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import { DroppedRuns } from "../../node/judge/history/dropped-runs.ts";
import { inspectRun } from "../../node/judge/history/inspect-run.ts";
import type { CarrierName } from "../../node/judge/source/bundle-source.ts";
import type { RunOutputs } from "../../node/judge/verify/outputs-record.ts";
import type { VerifyReport } from "../../node/judge/verify/verify-bundle-files.ts";
import type { BundlePlace } from "../../node/library/places/bundle-place.ts";
import type { VerifyFailure } from "../../node/records/bundle/verify-context.ts";
import { keepsOutputs } from "../../node/records/store/hash-stored-claims.ts";
import type { OperationFault } from "../../node/system/runtime/operation-fault.ts";
import { remedyOf } from "../codes/all-codes.ts";
import { operationReport } from "../output/failure-report.ts";
import { type Report, withHints } from "../output/report.ts";
import { rejectedReport } from "./verdict-facts.ts";

const SOURCES: Readonly<Record<CarrierName, string>> = {
  root: "the project root",
  store: "the project's store",
  archive: "the archive",
  registry: "the registry",
};

/** A source for a person. */
export function sourceWords(source: CarrierName): string {
  return SOURCES[source];
}

/** A failure in the words of where the outputs were looked for: an object of the store was never below the root. */
export function inStoreWords<Failure extends VerifyFailure>(
  failure: Failure,
  source: CarrierName | undefined,
): Failure {
  if (source !== "store" || failure.code !== "OUTPUT_MISSING") return failure;
  const { path } = failure.details;
  // A path that breaks the law of paths was looked for nowhere.
  if (!parseOutputPath(path, { refuseColon: false }).ok) return failure;
  return { ...failure, message: `the output ${quote(path)} is not in the project's store` };
}

/** Codes of outputs that are not there as sealed. */
const OF_BYTES: ReadonlySet<string> = new Set(["OUTPUT_MISSING", "HASH_MISMATCH", "PACK_SOURCE_MISSING"]);

/**
 * When bytes of a run were dropped, after an output was not there as sealed; undefined for another failure, for a run that no record of its
 * project lists, and for one whose bytes the store has all the same: newer runs may have the same files.
 */
export function droppedHints(
  code: string | undefined,
  place: Pick<BundlePlace, "bundle" | "home"> | undefined,
): readonly string[] | undefined {
  if (place === undefined || code === undefined || !OF_BYTES.has(code)) return undefined;
  const dropped = new DroppedRuns(place.home);
  const { judged, run } = inspectRun(place.bundle);
  if (!dropped.has(run)) return undefined;
  if (judged !== undefined && keepsOutputs(place.home, judged.claims)) return undefined;
  return [
    `runseal prune dropped bytes of this run; it dropped the last ones of this project at ${dropped.record?.droppedAt}`,
    "an archive or a registry that the run was pushed to has them: runseal restore and runseal pull take them from there",
  ];
}

/** The end of a command that needed a run's outputs, and failed. */
export function failedRunReport(
  fault: VerifyFailure | OperationFault,
  place: Pick<BundlePlace, "bundle" | "home"> | undefined,
): Report {
  const report = "phase" in fault ? rejectedReport(fault, {}) : operationReport(fault);
  return withHints(report, droppedHints(fault.code, place));
}

/** The objects were found by their names. None of them was hashed. */
export const storeHint = "the store has an object for each file of this run: --stored verifies them";

/** How many files of a run are not on the disk as they were sealed. */
export function differingWords({ differing = 0, files }: RunOutputs): string {
  const differ = differing === 1 ? "differs" : "differ";
  return `${differing} of ${countOf(files, "file")} on the disk ${differ}`;
}

/** What to do about an output that is not in a folder; `undefined` for anything else. */
export function folderHints(
  source: CarrierName | undefined,
  code: string,
  folder: string | undefined,
): readonly string[] | undefined {
  if (source !== "root" || code !== "OUTPUT_MISSING" || folder === undefined) return undefined;
  return [
    `the folder that was looked in is ${folder === "." ? "the current one" : quote(folder)}; --files DIR names another`,
    "if files were removed on purpose, the bundle no longer describes the folder; --all lists what is missing",
  ];
}

/** What to do about an output that the store does not have as it was sealed; `undefined` for anything else. */
export function storedHints(
  source: CarrierName | undefined,
  code: string | undefined,
  { expected, found_bytes }: Omit<RejectionDetails, "reason">,
): readonly string[] | undefined {
  if (source !== "store") return undefined;
  switch (code) {
    case "HASH_MISMATCH": {
      // An object that was not read may be sound.
      if (found_bytes !== undefined)
        return ["runseal store check says which objects of the store are corrupted"];
      // By its digest: it may be in a pack, or in several. runseal store check names the files.
      const digest = parseDeclaredDigest(expected ?? undefined);
      const object = digest === undefined ? "its object" : `the object ${digest}`;
      return [`in the store ${object} is corrupted`, remedyOf("STORE_DAMAGED")];
    }
    case "OUTPUT_MISSING":
      return ["the store does not keep it: it was sealed with --no-keep, or its object was removed"];
    default:
      return undefined;
  }
}

/** Whether outputs below the root are not as they were sealed, which a later run may explain. */
export function mayHaveMoved({ judged, source, verdict }: VerifyReport): boolean {
  return !verdict.ok && isDifference(verdict) && source === "root" && judged !== undefined;
}
