/** `runseal verify BUNDLE`: checks a bundle, its files and its signer. @module */

import { basename } from "node:path";
import type { OutputsFrom } from "../../../node/judge/verify/find-outputs.ts";
import { reportOnBundle } from "../../../node/judge/verify/verify-bundle-files.ts";
import { expectedBundle } from "../../options/expectations.ts";
import { knowingGuardsKey } from "../../options/guards-own-key.ts";
import { placeOfSource, refuseCarriedOptions } from "../../options/source-place.ts";
import { chooseTrust, type TrustChoice } from "../../options/trust-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { ShownWork } from "../../progress/show-progress.ts";
import { mayHaveMoved } from "../../verdict/stored-text.ts";
import type { HistoryDemand } from "./project-verdict.ts";
import { showVerdict, type VerifyEnd } from "./verdict-report.ts";
import { listsAll, type VerifyOptions } from "./verify-options.ts";

/**
 * Verifies one bundle: the newest of its project if the user named none. Few verifications write a file beside the answer: what does is loaded
 * then. Throws usage errors.
 */
export async function runVerify(
  named: string,
  options: VerifyOptions,
  io: Io,
  isNewest = false,
): Promise<Report> {
  const how = { from: options.stored === true ? "store" : "root" } as const;
  if (options.junit === undefined && options.report === undefined)
    return (await verifyOne(named, options, { ...how, includes: isNewest ? "project" : "none" }, io)).report;
  const { reportPlaces } = await import("./report-places.ts");
  const places = reportPlaces(options, io);
  if (!places.ok) return operationReport(places);
  const { writeReports } = await import("./verify-reports.ts");
  const includes = isNewest ? "project" : "of-own-run";
  const { report, seen } = await verifyOne(named, options, { ...how, includes }, io);
  return await writeReports(report, seen, { options, places: places.value }, io);
}

/** What a verdict is about. */
export interface VerifyScope {
  /** Where the files are looked for. */
  readonly from: OutputsFrom;
  readonly includes: HistoryDemand;
  /** Whom to trust, where that was chosen before; default: as the options say. */
  readonly choice?: TrustChoice | undefined;
}

/** Verifies one bundle, or all that an archive carries. Throws usage errors. */
export async function verifyOne(
  named: string,
  options: VerifyOptions,
  { choice: given, from, includes }: VerifyScope,
  io: Io,
): Promise<VerifyEnd> {
  const expected = expectedBundle(options);
  const { exact, ignore, ignoreModes } = options;
  const demand = { exact, ignore, ignoreModes };
  const chosen = given ?? chooseTrust(options, io);
  if ("report" in chosen) return chosen;
  const choice = given ?? (await knowingGuardsKey(chosen, options.project, io));
  const found = placeOfSource(named, options, io);
  if (!found.ok) return { report: operationReport(found) };
  using work = new ShownWork(options, io);
  const asked = { choice, demand, options };
  if (found.value.kind === "carried") {
    const { verifyCarried } = await loadCarried();
    return await verifyCarried(found.value.open, { ...asked, expected, work }, io);
  }
  refuseCarriedOptions(options);
  const { place } = found.value;
  const request = { ...expected, ...demand, ...place, ...work };
  const report = await reportOnBundle({ ...request, from, untilFailure: !listsAll(options) });
  // A folder that was deployed elsewhere moves on with no run of this project.
  const isAlone = options.files !== undefined || (includes === "none" && !mayHaveMoved(report));
  const project = isAlone
    ? {}
    : await (await loadProject()).judgeProject(report, { choice, includes, place, verified: request }, io);
  return showVerdict(report, { ...asked, name: basename(place.bundle), place, project }, io);
}

/** Apart: the compiler leaves the name of a module as it is where something is disposed of in the same function. */
function loadCarried(): Promise<typeof import("./verify-carried.ts")> {
  return import("./verify-carried.ts");
}

function loadProject(): Promise<typeof import("./project-verdict.ts")> {
  return import("./project-verdict.ts");
}
