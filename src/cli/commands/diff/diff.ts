/** `runseal diff`: what was added, removed or changed between two runs, by one run, or in the folder since the newest. @module */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { quote, type SealedState } from "../../../core/internal.ts";
import type { SeenBundle, SeenRun } from "../../../node/judge/history/inspect-run.ts";
import { STDIN } from "../../../node/library/places/place-form.ts";
import { projectPlace } from "../../../node/library/places/project-place.ts";
import type { VerifyFailure } from "../../../node/records/bundle/verify-context.ts";
import { runsFolderOf } from "../../../node/records/project/project-names.ts";
import { type OperationFault, operationFault } from "../../../node/system/runtime/operation-fault.ts";
import type { TurnOptions } from "../../options/guard-options.ts";
import { knowingGuardsKey } from "../../options/guards-own-key.ts";
import { isSourceText, pathsBelow } from "../../options/operand-forms.ts";
import type { RegistryOptions } from "../../options/registry-options.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import { chooseTrust, type TrustOptions } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report, withHints } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import { shellWord } from "../../text/shell-word.ts";
import { renamedInCarrier } from "../../verdict/carried-hints.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";
import { runFacts, trustOf } from "../history/run-facts.ts";
import { compareFolder } from "./compare-folder.ts";
import type { DiffResult } from "./diff-results.ts";
import { type ComparedRun, chooseSides, sidesOfTurn, sinceNewest } from "./diff-sides.ts";
import { changeLines, comparedLines, countsLine, treeNote } from "./diff-text.ts";
import {
  changesBetween,
  changesFacts,
  type EntryChanges,
  foldChanges,
  NOTHING,
  selectChanges,
} from "./entry-changes.ts";
import type { ContentPlaces } from "./file-lines.ts";

/** The options as parsed. */
export interface DiffOptions
  extends TrustOptions,
    RegistryOptions,
    TurnOptions,
    JobsOptions,
    ProgressOptions {
  readonly project?: string | undefined;
  readonly stat?: true | undefined;
  readonly patch?: true | undefined;
}

/** Compares what runs name, each under a signature that holds, or a run with the folder. Throws usage errors. */
export async function runDiff(
  operands: readonly string[],
  behindTerminator: number,
  options: DiffOptions,
  io: Io,
): Promise<Report> {
  const { project } = options;
  const { paths, runs } = partOperands(operands, behindTerminator);
  const chosen = chooseTrust(options, io);
  if ("report" in chosen) return chosen.report;
  const choice = await knowingGuardsKey(chosen, project, io);
  const place = projectPlace(project, io);
  const [first, second] = runs;
  const isOfTurn = options.turn !== undefined;
  if (isOfTurn && first !== undefined) throw new UsageError("--turn names what is compared: name no run");
  if (first === undefined && !isOfTurn && !place.ok) return operationReport(place);
  const found = isOfTurn
    ? sidesOfTurn(options, options, io)
    : first === undefined && place.ok
      ? sinceNewest(place.value.home, io)
      : await chooseSides(first ?? "", second, options, choice, io);
  if (!found.ok) return withHints(operationReport(found), pathHint(found, runs, io));
  const sides = found.value;
  const { after, before } = sides;
  for (const side of [before, after])
    if (side !== undefined && isRejected(side.seen))
      return refusedReport(side.seen, side.seen.failure, side.home === undefined);
  using work = new ShownWork(options, io);
  const folder = place.ok ? place.value.root : ".";
  const compared =
    after === undefined && before !== undefined
      ? await compareFolder({
          ...work,
          bundle: join(runsFolderOf(before.home ?? "."), before.seen.run.runId),
          home: before.home ?? ".",
          root: folder,
        })
      : changesBetween(stateOf(before), stateOf(after));
  if ("code" in compared && before !== undefined) return refusedReport(before.seen, compared, false);
  if ("code" in compared) throw new TypeError("a folder is compared with a run");
  const only = pathsBelow(paths, folder, io.cwd, "what is compared");
  const selected =
    only === undefined ? compared : selectChanges(compared, only, [stateOf(before), stateOf(after)]);
  if ("unknown" in selected)
    return operationReport(operationFault("PATH_NOT_FOUND", { path: selected.unknown }));
  const trusts = [before, after].map((side) => trustOf(side?.seen.sealed, choice, io.now()));
  const facts: DiffResult = {
    before: before === undefined ? null : runFacts(before.seen, trusts[0]),
    after: after === undefined ? null : runFacts(after.seen, trusts[1]),
    ...changesFacts(selected.changes),
    same: selected.same,
  };
  const seen = [before?.seen, after?.seen] as const;
  const homes = [before?.home, after?.home].flatMap((home) =>
    home === undefined ? [] : resolve(io.cwd, home),
  );
  const contents = {
    homes,
    folder: after === undefined ? resolve(io.cwd, folder) : undefined,
    signal: io.signal,
  };
  const head = comparedLines(seen, trusts, io);
  const body = await bodyOf(selected, head, contents, options, io);
  const text = `${body}${countsLine(selected, after === undefined)}${treeNote(seen)}`;
  return doneReport<DiffResult>("compared", facts, text, { remarks: sides.remarks });
}

/** The operands that are runs, and those that are paths. */
function partOperands(
  operands: readonly string[],
  behindTerminator: number,
): Readonly<Record<"paths" | "runs", readonly string[]>> {
  const before = operands.slice(0, Math.max(0, operands.length - behindTerminator));
  const firstPath = before.findIndex((text) => !isSourceText(text));
  const runs = firstPath < 0 ? before : before.slice(0, firstPath);
  const paths = operands.slice(runs.length);
  if (runs.length > 2 || paths.slice(0, before.length - runs.length).some(isSourceText))
    throw new UsageError("two runs at most come before paths; a path has a slash, or stands behind --");
  if (runs.length === 2 && runs.every((text) => text === STDIN))
    throw new UsageError("two archives can't both come on stdin; name a file for one of them");
  return { runs, paths };
}

function stateOf(side: ComparedRun | undefined): SealedState {
  return side === undefined ? NOTHING : { claims: side.seen.sealed?.claims ?? [], tree: side.seen.tree };
}

/** The changes as they were asked for. Patches are printed as they are made: there may be many. */
async function bodyOf(
  compared: EntryChanges,
  head: string,
  contents: ContentPlaces,
  { json, patch, stat }: DiffOptions,
  io: Io,
): Promise<string> {
  if (patch !== true && stat !== true)
    return json === true ? "" : `${head}${changeLines(foldChanges(compared), io.colour)}`;
  const { patchTexts, statLines } = await import("./patch-text.ts");
  const table = stat === true ? await statLines(foldChanges(compared), contents, io) : "";
  if (patch !== true) return `${head}${table}`;
  io.writeOut(`${head}${table}`);
  for await (const text of patchTexts(compared.changes, contents, io.colour)) {
    if (io.isUnread()) break;
    io.writeOut(text);
  }
  return "";
}

/** What to type where a path was named as a run is. */
function pathHint(
  { code }: OperationFault,
  runs: readonly string[],
  { cwd }: Io,
): readonly string[] | undefined {
  const isOfName = code === "RUN_NOT_FOUND";
  const path = isOfName ? runs.find((word) => existsSync(resolve(cwd, word))) : undefined;
  return path === undefined ? undefined : [`a path has a slash: runseal diff ${shellWord(`./${path}`)}`];
}

/** The end, where one of the two is rejected. */
function refusedReport({ run }: SeenRun, failure: VerifyFailure, isCarried: boolean): Report {
  const report = rejectedReport<DiffResult>(failure, { run_id: run.runId }, "", `run ${quote(run.runId)}: `);
  const sealedAs = "sealed_as" in failure.details ? failure.details.sealed_as : undefined;
  return isCarried && sealedAs !== undefined ? withHints(report, renamedInCarrier(sealedAs, false)) : report;
}

/** A failed run is not accepted, but its signed outputs can be compared. */
function isRejected(seen: SeenBundle): seen is SeenBundle & { readonly failure: VerifyFailure } {
  return seen.failure !== undefined && seen.run.standing !== "failed";
}
