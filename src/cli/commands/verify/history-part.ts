/** The part of a project's history around one run, for a report. @module */

import { join } from "node:path";
import {
  chainRootSentence,
  endsAtHead,
  historyRows,
  historySentence,
  placeRows,
  runNotes,
} from "../../../core/internal.ts";
import { inspectRun } from "../../../node/judge/history/inspect-run.ts";
import type { JudgedHistoryRun } from "../../../node/judge/history/verify-history.ts";
import { runsFolderOf } from "../../../node/records/project/project-names.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import type { HistoryPart, PicturedRow } from "../../html/history-section.ts";
import { answerTrust } from "../../options/trust-options.ts";
import type { Io } from "../../output/io.ts";
import { trustedWords } from "../../verdict/verify-text.ts";
import type { SeenHistory } from "./project-verdict.ts";
import type { SeenVerdict } from "./verdict-report.ts";

/** Rows that a page of paper holds. */
const MAX_ROWS = 28;

/** The history around a run; undefined where the verdict includes none, or the run is not among those of the project. */
export function historyPart(seen: SeenVerdict, io: Io): HistoryPart | undefined {
  const { place, project } = seen;
  if (place === undefined || project.history?.own === undefined) return undefined;
  const seenHistory = project.history;
  const { faults, history, own } = seenHistory;
  const all = historyRows(history, nodeCrypto);
  const index = all.findIndex(({ run }) => run === own);
  const start = Math.max(0, Math.min(index - MAX_ROWS / 2, all.length - MAX_ROWS));
  const rows = placeRows(all, start, MAX_ROWS).map(({ run, ...row }) => ({
    ...row,
    sealedAt: run?.sealedAt,
    isThis: run === own,
    ...(run === undefined
      ? ({ tone: row.kind === "gap" ? "bad" : "plain", notes: [] } as const)
      : stateOf(run, seen, seenHistory, place.home, io)),
  }));
  const root = faults.length === 0 ? chainRootSentence(history.line, nodeCrypto) : undefined;
  return { rows, words: [historySentence(history, faults.length), root ?? []].flat().join(" "), faults };
}

/** Judges one bundle by its artifacts, and the run of the report by its own verdict. */
function stateOf(
  run: JudgedHistoryRun,
  { choice, reported }: SeenVerdict,
  { history, own }: SeenHistory,
  home: string,
  io: Io,
): Pick<PicturedRow, "tone" | "notes"> {
  const {
    failure: judged,
    run: { standing },
    sealed,
  } = inspectRun(join(runsFolderOf(home), run.runId));
  const trust = sealed && answerTrust(choice, sealed, io.now());
  const { verdict } = reported;
  const failure = run === own && !verdict.ok ? verdict : judged;
  const place = history.places.get(run) ?? "unknown";
  const isHead = endsAtHead(history) && run === history.line.at(-1);
  const signer =
    sealed === undefined || trust === undefined ? "no valid signature" : trustedWords(sealed.signer, trust);
  const notes = [...runNotes({ place, standing, isHead, code: failure?.code }), signer];
  if (standing === "failed") return { tone: "amber", notes };
  return { tone: failure !== undefined ? "bad" : trust?.ok === true ? "good" : "amber", notes };
}
