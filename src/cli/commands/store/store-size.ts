/** `runseal store size`: how many bytes this project and each guard of this machine take. @module */

import { join, resolve } from "node:path";
import { quoteIfNeeded } from "../../../core/internal.ts";
import { numberOf } from "../../../core/system/bytes/count-text.ts";
import { listGuards, measureStore, type StoreSize } from "../../../node/back/guard/list-guards.ts";
import { projectPlace } from "../../../node/library/places/project-place.ts";
import { OWN_FOLDER } from "../../../node/records/project/project-names.ts";
import type { OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import { atRoot, type ProjectOptions } from "../../options/project-root.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, note, type Remark, type Report } from "../../output/report.ts";
import { shellWord } from "../../text/shell-word.ts";
import type { StoreSizeResult } from "./store-results.ts";

/** A folder whose runs take space. */
interface Place extends StoreSize {
  readonly kind: "project" | "guard";
  /** The project, or the guarded folder; undefined if the guard does not say it. */
  readonly path: string | undefined;
  /** Whether that folder is missing. */
  readonly isGone: boolean;
  /** Where the bytes are. */
  readonly home: string;
}

/** Lists the project at hand, if there is one, and all guards in the user's own place, the largest first. */
export async function runStoreSize(options: ProjectOptions, io: Io): Promise<Report> {
  const places: Place[] = [];
  const project = projectPlace(options.project, io);
  if (!project.ok && options.project !== undefined) return operationReport(project);
  // A guard at hand is listed with the others.
  if (project.ok && project.value.home === project.value.root) {
    const home = resolve(io.cwd, project.value.home);
    const shown = join(project.value.home, OWN_FOLDER);
    const size = await measureStore(home, join(home, OWN_FOLDER), shown, io.signal);
    if (!size.ok) return operationReport(atRoot(size, project.value.home));
    places.push({ kind: "project", path: home, home, isGone: false, ...size.value });
  }
  const guards = listGuards(io.environment);
  if (!guards.ok) return operationReport(guards);
  let unread: OperationFault | undefined;
  for (const { guarded, home, isGone, shown } of guards.value) {
    const size = await measureStore(home, home, shown, io.signal);
    const path = guarded.ok ? guarded.value : undefined;
    if (size.ok) places.push({ kind: "guard", path, home, isGone, ...size.value });
    else unread ??= size;
  }
  places.sort((left, right) => right.bytes - left.bytes);
  return withLateFault(sizeReport(places), unread);
}

function sizeReport(places: readonly Place[]): Report {
  const total = places.reduce((sum, { bytes }) => sum + bytes, 0);
  const facts = {
    places: places.map(({ bytes, changedAt, home, isGone, kind, path }) => ({
      kind,
      path: path ?? null,
      home,
      bytes,
      changed_at: changedAt ?? null,
      gone: isGone,
    })),
    bytes: total,
  };
  const width = numberOf(total).length;
  const lines = places.map(
    ({ bytes, changedAt, home, isGone, kind, path }) =>
      `${numberOf(bytes).padStart(width)}  ${(changedAt ?? "no run").padEnd(20)}  ${kind.padEnd(7)}  ` +
      `${quoteIfNeeded(path ?? home)}${isGone ? "  (missing)" : ""}\n`,
  );
  const text = `${lines.join("")}${numberOf(total).padStart(width)}  bytes in all\n`;
  return doneReport<StoreSizeResult>("measured", facts, text, { remarks: goneRemarks(places) });
}

function goneRemarks(places: readonly Place[]): readonly Remark[] {
  const [first] = places.flatMap(({ isGone, path }) => (isGone && path !== undefined ? [path] : []));
  if (first === undefined) return [];
  return [
    note(
      "the guards of missing folders keep what the folders held",
      `runseal prune --guard ${shellWord(first)} --keep-last 1 leaves the last snapshot, 0 nothing`,
    ),
  ];
}
