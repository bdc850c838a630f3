/** What a seal or a run reports of its project. @module */

import { dirname } from "node:path";
import { quote, quoteIfNeeded } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { sizeOf } from "../../../core/system/bytes/size-text.ts";
import type { CompletedSeal } from "../../../node/make/seal/seal-into-project.ts";
import type { RecoveredSeal } from "../../../node/records/project/finish-pending.ts";
import type { HeadMemory } from "../../../node/records/project/remembered-head.ts";
import type { OperationDetails, OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import type { Io } from "../../output/io.ts";
import {
  isSilent,
  note,
  type Remark,
  type Report,
  type SpokenOptions,
  warning,
  withRemarks,
} from "../../output/report.ts";
import { someOf } from "../../text/bounded-list.ts";
import { because } from "../../text/machine-words.ts";
import { label } from "../../text/paint.ts";
import { sealedTreeLine } from "../../text/tree-text.ts";
import { recoveredSealFacts } from "./seal-facts.ts";

/** Says what the command waits for; undefined where nothing is to be said. */
export function tellOfWaiting(options: SpokenOptions, io: Io): (() => void) | undefined {
  if (isSilent(options)) return undefined;
  const words = "another command holds this project; waiting until it is done";
  return () => io.writeError(`${label("note", io.errorColour)}${words}\n`);
}

/** A bundle that was made, line by line. */
export function sealedLines(word: "sealed" | "failed" | "signed", sealed: CompletedSeal): string {
  const { bundle, bundleRoot, bytes, files, keptBytes = 0, previousBundleRoot, signer, tree } = sealed;
  const home = dirname(dirname(bundle));
  return (
    `${word}   ${countOf(files, "file")}, ${countOf(bytes, "byte")}\n` +
    (keptBytes === 0 ? "" : `kept     ${sizeOf(keptBytes)} in ${quoteIfNeeded(home)}\n`) +
    sealedTreeLine(tree) +
    `hash     ${bundleRoot}\n` +
    (previousBundleRoot === undefined ? "" : `follows  ${previousBundleRoot}\n`) +
    listedRunsLine(sealed) +
    `signer   ${signer.keyId}\n` +
    `bundle   ${quoteIfNeeded(bundle)}\n`
  );
}

/** Which failed and killed runs a seal lists; empty where there are none. */
function listedRunsLine({ failedRuns }: Pick<CompletedSeal, "failedRuns">): string {
  if (failedRuns.length === 0) return "";
  const named = someOf(failedRuns.map(({ runId }) => quote(runId)));
  return `lists    ${countOf(failedRuns.length, "run")} that failed or ${failedRuns.length === 1 ? "was" : "were"} killed: ${named}\n`;
}

/** What a seal reports besides itself: killed seals that were recovered, the store, and the remembered head. */
export function sealRemarks(sealed: SealRecoveries): readonly Remark[] {
  return [
    ...sealed.recovered.map(recoveredRemark),
    ...unkeptRemarks(sealed.unkept),
    ...replacedRemarks(sealed.replaced),
    ...memoryRemarks(sealed.memory),
  ];
}

type SealRecoveries = Pick<CompletedSeal, "recovered"> &
  Partial<Pick<CompletedSeal, "memory" | "replaced" | "unkept">>;

/** Adds the killed seals that were recovered, even though the command failed; undefined if the project was never held. */
export function withRecovered(report: Report, recovered: readonly RecoveredSeal[] | undefined): Report {
  if (recovered === undefined) return report;
  const facts = { ...report.facts, recovered: recoveredSealFacts(recovered) };
  return withRemarks({ ...report, facts }, ...sealRemarks({ recovered }));
}

function unkeptRemarks(unkept: OperationFault | undefined): readonly Remark[] {
  if (unkept === undefined) return [];
  const { reason }: OperationDetails = unkept.details;
  return [warning(`the store does not keep the outputs of the failed run${because(reason)}`)];
}

function replacedRemarks(replaced: number | undefined): readonly Remark[] {
  if (replaced === undefined || replaced === 0) return [];
  const message = `${countOf(replaced, "object")} of the store did not hold the bytes that the name says; the right bytes are there now`;
  return [warning(message, "runseal store check looks for others")];
}

function recoveredRemark({ end, run }: RecoveredSeal): Remark {
  if (run === undefined)
    return note("an earlier command was killed while it held this project; nothing of it was left half-done");
  const killed = `an earlier seal of ${quote(run.runId)} was killed`;
  switch (end) {
    case "completed":
      return note(`${killed}; its bundle was in its place, and is in the history`);
    case "dropped":
      return note(`${killed} before its bundle was in its place; nothing of it is left`);
    case "left":
      return warning(
        `${killed}, and what has its name now is not its bundle; it was left alone`,
        "runseal verify --history says what it is",
      );
  }
}

function memoryRemarks(memory: HeadMemory | undefined): readonly Remark[] {
  if (memory === undefined || memory === "remembered") return [];
  return [MEMORY_WARNINGS[memory]];
}

const MEMORY_WARNINGS: Readonly<Record<Exclude<HeadMemory, "remembered">, Remark>> = {
  gap: warning(
    "the run that this one follows is missing: the history has a gap",
    "runseal verify --history says what is missing; put it back from a copy of the project",
  ),
  diverged: warning(
    "the head that was seen last is not in this history: it was cut short or put back",
    "runseal verify --history says more; until that is resolved, the older head stays the remembered one",
    "if the history was begun anew on purpose: runseal status --accept-history",
  ),
  failed: warning(
    "the new head could not be remembered outside of the project",
    "check runseal/heads in $XDG_STATE_HOME or ~/.local/state",
  ),
};
