/** Words for what is wrong with a project's line of runs. @module */

import { type MachineReason, quote, quoteIfNeeded } from "../../core/internal.ts";
import type {
  CompletedSeal,
  HeadMemory,
  OperationCode,
  OperationDetails,
  OperationFault,
  RecoveredSeal,
} from "../../node/index.ts";
import { PROJECT_EXPLANATIONS } from "../codes/explain-project.ts";
import type { Io } from "../output/io.ts";
import type { Remark } from "../output/report.ts";
import { boundedList } from "./bounded-list.ts";
import { countOf, numberOf } from "./count-text.ts";
import { machineWords } from "./machine-words.ts";
import { shellWord } from "./shell-word.ts";

/** Runs that one line names. */
const MAX_LISTED = 5;

/** The codes of projects. */
export type ProjectFaultCode = Extract<
  OperationCode,
  `HEAD_${string}` | `PROJECT_${string}` | "NOT_A_RUN" | "RUN_NOT_FOUND"
>;

/** Whether a code is one of these. */
export function isProjectFault(code: OperationCode): code is ProjectFaultCode {
  return /^(?:HEAD_|PROJECT_|NOT_A_RUN$|RUN_NOT_FOUND$)/.test(code);
}

/** One sentence for what is wrong with a project. */
export function projectFaultMessage(code: ProjectFaultCode, details: OperationDetails): string {
  const path = quote(details.path ?? "");
  switch (code) {
    case "HEAD_MALFORMED":
      return `${path} is not what runseal writes there`;
    case "HEAD_MISSING":
      return `there is no ${path}, though runs were sealed here: ${boundedList((details.names ?? []).map(quote)).join(", ")}`;
    case "PROJECT_NOT_FOUND":
      return details.path === undefined
        ? 'there is no project here: neither this folder nor one above it has a folder ".runseal"'
        : `${path} is not a project: it has no folder ".runseal"`;
    case "RUN_NOT_FOUND":
      return `no run ${quote(details.run_id ?? "")} in ${quoteIfNeeded(details.path ?? "")}; ${runsThere(details)}`;
    case "NOT_A_RUN":
      return `${path} is not a run: it holds none of a bundle's files`;
    case "PROJECT_LOCKED":
      return `${path} is held by somebody else, or is no lock of runseal's`;
    case "PROJECT_LOCK_UNAVAILABLE":
      return `this project can't be locked: ${unavailable(details.reason)}`;
    case "PROJECT_LOCK_NOT_RELEASED":
      return `could not remove the project's lock ${path}${because(details.reason)}; what the command did stands`;
  }
}

/** What to do about it. */
export function projectFaultHints(code: ProjectFaultCode, details: OperationDetails): readonly string[] {
  const [, remedy] = PROJECT_EXPLANATIONS[code];
  const { path, remembered } = details;
  if (code !== "HEAD_MISSING" || remembered === undefined || path === undefined) return [remedy];
  return [`the head that was seen last is still known: cp "${remembered}" ${shellWord(path)}`, remedy];
}

function runsThere({ more = 0, names = [] }: OperationDetails): string {
  if (names.length === 0) return "it holds no runs";
  const others = more === 0 ? "" : ` and ${countOf(more, "other")}`;
  return `there ${names.length + more === 1 ? "is" : "are"} ${names.map(quoteIfNeeded).join(", ")}${others}`;
}

function because(reason: MachineReason | undefined): string {
  return reason === undefined ? "" : `: ${machineWords(reason)}`;
}

function unavailable(reason: MachineReason | undefined): string {
  return reason === "unsupported-platform"
    ? "this system has no unix sockets"
    : "no unix socket can be made in its folder";
}

/** Says, while nothing else happens, what is being waited for. */
export function tellOfWaiting({ writeError }: Pick<Io, "writeError">): void {
  writeError("note: another command holds this project; waiting until it is done\n");
}

/** Which failed and killed runs a seal lists; empty where there are none. */
export function listedRunsLine({ failedRuns }: Pick<CompletedSeal, "failedRuns">): string {
  if (failedRuns.length === 0) return "";
  const named = failedRuns.slice(0, MAX_LISTED).map(({ runId }) => quote(runId));
  const more = failedRuns.length - named.length;
  const all = more === 0 ? named : [...named, `${numberOf(more)} more`];
  return `lists    ${countOf(failedRuns.length, "run")} that failed or ${failedRuns.length === 1 ? "was" : "were"} killed: ${all.join(", ")}\n`;
}

/** What there is to know of a project besides the seal: what killed ones had left, the store, and what is remembered. */
export function sealRemarks({
  memory,
  recovered,
  replaced,
  unkept,
}: Pick<CompletedSeal, "memory" | "recovered" | "replaced"> & {
  readonly unkept?: OperationFault | undefined;
}): readonly Remark[] {
  return [
    ...recovered.map(recoveredRemark),
    ...unkeptRemarks(unkept),
    ...replacedRemarks(replaced),
    ...memoryRemarks(memory),
  ];
}

function unkeptRemarks(unkept: OperationFault | undefined): readonly Remark[] {
  if (unkept === undefined) return [];
  const why = unkept.details.reason === undefined ? "" : `: ${machineWords(unkept.details.reason)}`;
  return [{ kind: "warning", message: `the store does not keep the outputs of the failed run${why}` }];
}

function replacedRemarks(replaced: number | undefined): readonly Remark[] {
  if (replaced === undefined || replaced === 0) return [];
  const message = `${countOf(replaced, "object")} of the store did not hold the bytes that the name says; the right bytes are there now`;
  return [{ kind: "warning", message, hints: ["runseal fsck looks for others"] }];
}

function recoveredRemark({ end, run }: RecoveredSeal): Remark {
  if (run === undefined) {
    return {
      kind: "note",
      message: "an earlier command was killed while it held this project; nothing of it was left half-done",
    };
  }
  const runId = quote(run.runId);
  switch (end) {
    case "completed":
      return {
        kind: "note",
        message: `an earlier seal of ${runId} was killed; its bundle was in its place, and is in the line`,
      };
    case "dropped":
      return {
        kind: "note",
        message: `an earlier seal of ${runId} was killed before its bundle was in its place; nothing of it is left`,
      };
    case "left":
      return {
        kind: "warning",
        message: `an earlier seal of ${runId} was killed, and what has its name now is not its bundle; it was left alone`,
        hints: ["runseal chain verify says what it is"],
      };
  }
}

function memoryRemarks(memory: HeadMemory | undefined): readonly Remark[] {
  switch (memory) {
    case undefined:
    case "remembered":
      return [];
    case "diverged":
      return [
        {
          kind: "warning",
          message: "the head that was seen last is not in this line: the history was cut short or put back",
          hints: [
            "runseal chain verify says more; until that is settled, the older head stays the remembered one",
          ],
        },
      ];
    case "failed":
      return [
        {
          kind: "warning",
          message: "the new head could not be remembered outside of the project",
          hints: ["check runseal/heads in $XDG_STATE_HOME or ~/.local/state"],
        },
      ];
  }
}
