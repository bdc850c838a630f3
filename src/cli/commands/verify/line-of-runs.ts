/** The part of a project's history around one run, for a report. @module */

import { join, resolve } from "node:path";
import {
  DigestIndex,
  gapWords,
  type HexDigest,
  type History,
  type HistoryPlace,
  type HistoryRow,
  historyRows,
  matchesDigest,
} from "../../../core/internal.ts";
import { lookAtRun, type SeenRun } from "../../../node/history/look-at-run.ts";
import type { JudgedHistoryRun } from "../../../node/history/verify-history.ts";
import type { BundlePlace } from "../../../node/places/bundle-place.ts";
import { runsFolderOf } from "../../../node/project/project-names.ts";
import { nodeCrypto } from "../../../node/runtime/node-crypto.ts";
import type { LinePicture, PicturedRow } from "../../html/line-picture.ts";
import { answerTrust, type TrustAnswer } from "../../options/trust-options.ts";
import type { Io } from "../../output/io.ts";
import { countOf } from "../../text/count-text.ts";
import { codeOfFinding, findingWords, type LineFault } from "../../verdict/finding-text.ts";
import type { SeenVerdict } from "./verify-reports.ts";

/** Rows that a page of paper holds. */
const MAX_ROWS = 28;

/** Findings that a page lists. */
const MAX_FINDINGS = 20;

/** The line around a run; undefined where the verdict includes no history, or the run is not among those of the project. */
export function pictureLine(seen: SeenVerdict, io: Io): LinePicture | undefined {
  const { history, own } = seen.project.history ?? {};
  const { place } = seen;
  if (place === undefined || history === undefined || own === undefined) return undefined;
  const all = historyRows(history, nodeCrypto);
  const index = all.findIndex(({ run }) => run === own);
  const start = Math.max(0, Math.min(index - MAX_ROWS / 2, all.length - MAX_ROWS));
  const shown = all.slice(start, start + MAX_ROWS);
  const builder = new RowBuilder(shown, history, countRuns(all.slice(0, start)));
  const older = countRuns(all.slice(start + MAX_ROWS));
  const rows = builder.rows((run) => wordsOf(run, { ...seen, place }, io), older);
  return {
    rows: rows.map((row, at) => ({ ...row, isThis: at === builder.rowOf(index - start) })),
    ...findingsOf(seen.project.history?.faults ?? []),
  };
}

function countRuns(rows: readonly HistoryRow<JudgedHistoryRun>[]): number {
  return rows.filter(({ run }) => run !== undefined).length;
}

function findingsOf(faults: readonly LineFault[]): Pick<LinePicture, "findings" | "moreFindings"> {
  const listed = faults
    .slice(0, MAX_FINDINGS)
    .map((fault) => `${codeOfFinding(fault)}: ${findingWords(fault)}`);
  return { findings: listed, moreFindings: faults.length - listed.length };
}

type RunWords = Pick<PicturedRow, "kind" | "notes">;

/** Judges one bundle by its artifacts, and the run of the report by its own verdict. */
function wordsOf(
  run: JudgedHistoryRun,
  seen: SeenVerdict & { readonly place: BundlePlace },
  io: Io,
): RunWords {
  const { heads, history } = seen.project.history ?? {};
  const place = history?.places.get(run) ?? "unknown";
  const bundle = join(runsFolderOf(seen.place.home), run.runId);
  const looked = lookAtRun(bundle);
  const trust = looked.sealed && answerTrust(seen.choice, looked.sealed, io.now());
  const isOwn = resolve(io.cwd, bundle) === resolve(io.cwd, seen.place.bundle);
  const isRejected = looked.failure !== undefined || (isOwn && !seen.reported.verdict.ok);
  const isHead = typeof heads?.head === "object" && run === history?.line.at(-1);
  const { verdict } = seen.reported;
  const failure = isOwn && !verdict.ok ? verdict : looked.failure;
  const isFailedRun = looked.run.standing === "failed";
  const notes = [
    ...(isHead ? ["HEAD"] : []),
    ...(isFailedRun ? ["the run failed"] : failure === undefined ? [] : [failure.code]),
    ...placeNotes(place, isFailedRun),
    ...signerNotes(looked, trust),
  ];
  if (isFailedRun) return { kind: "failed", notes };
  return { kind: isRejected ? "rejected" : trust?.ok === true ? "run" : "untrusted", notes };
}

function placeNotes(place: HistoryPlace, isFailedRun: boolean): readonly string[] {
  if (place === "beside" && isFailedRun) return [];
  const words = PLACES[place];
  return words === undefined ? [] : [words];
}

const PLACES: Readonly<Partial<Record<HistoryPlace, string>>> = {
  beside: "not in the line",
  unfinished: "HEAD does not name it yet",
  following: "behind HEAD",
  branch: "on another branch",
  forgotten: "forgotten",
  beyond: "beyond a gap",
  foreign: "no place in the line",
};

function signerNotes({ sealed }: SeenRun, trust: TrustAnswer | undefined): readonly string[] {
  if (sealed === undefined || trust === undefined) return ["no valid signature"];
  const { code, name, ok } = trust;
  return [
    `${name ?? sealed.signer.keyId} (${ok ? (code === "OK" ? "trusted" : "not judged") : "not trusted"})`,
  ];
}

type Row = Omit<PicturedRow, "isThis">;

/** Adds rows for what is cut or left out, and finds what comes before each row. */
class RowBuilder {
  readonly #shown: readonly HistoryRow<JudgedHistoryRun>[];
  readonly #history: History<JudgedHistoryRun>;
  readonly #newer: number;
  /** The picture's row of each shown row. */
  readonly #rowOf: number[] = [];
  /** By a root, the shown rows of its bundles, or of the gap where they are missing. */
  readonly #bearers: DigestIndex<number> = new DigestIndex(nodeCrypto);

  constructor(
    shown: readonly HistoryRow<JudgedHistoryRun>[],
    history: History<JudgedHistoryRun>,
    newer: number,
  ) {
    this.#shown = shown;
    this.#history = history;
    this.#newer = newer;
    for (const [index, { gap, run }] of shown.entries()) {
      const root = gap?.previous ?? run?.bundleRoot;
      if (root !== undefined) this.#bearers.add(root, index);
    }
  }

  /** The picture's row of a shown row. */
  rowOf(index: number): number | undefined {
    return this.#rowOf[index];
  }

  rows(describe: (run: JudgedHistoryRun) => RunWords, older: number): readonly Row[] {
    const rows: Omit<Row, "parent">[] = [];
    if (this.#newer > 0) rows.push(ownRow("left-out", `${countOf(this.#newer, "newer run")} left out`));
    const { cut } = this.#history;
    let cutRow: number | undefined;
    for (const { gap, run } of this.#shown) {
      this.#rowOf.push(rows.length);
      if (gap !== undefined) {
        const isLine = gap.by === undefined || this.#isLine(gap.by);
        rows.push({ ...ownRow("gap", gapWords(gap)), isLine });
        continue;
      }
      rows.push({ ...describe(run), name: run.runId, sealedAt: run.sealedAt, isLine: this.#isLine(run) });
      if (cut === undefined || !matchesDigest(cut.bundleRoot, run.bundleRoot, nodeCrypto)) continue;
      cutRow = rows.length;
      rows.push(ownRow("cut", `${countOf(cut.forgotten, "older bundle")} forgotten at ${cut.cutAt}`));
    }
    const bottom = older > 0 ? rows.length : undefined;
    if (bottom !== undefined) rows.push(ownRow("left-out", `${countOf(older, "older run")} left out`));
    const indexOf = new Map(this.#rowOf.map((row, index) => [row, index]));
    return rows.map((row, at) => ({ ...row, parent: this.#parentOf(at, indexOf.get(at), cutRow, bottom) }));
  }

  #isLine(run: JudgedHistoryRun): boolean {
    const place = this.#history.places.get(run);
    return place === "line" || place === "unfinished" || place === "following";
  }

  #parentOf(
    row: number,
    index: number | undefined,
    cutRow: number | undefined,
    bottom: number | undefined,
  ): number | undefined {
    const shown = index === undefined ? undefined : this.#shown[index];
    // At the top, only the row of newer runs that are left out is not a shown one.
    if (shown === undefined) return row === 0 ? this.#firstInLine() : undefined;
    if (cutRow === row + 1) return cutRow;
    const root = shown.gap === undefined ? shown.run.previousBundleRoot : shown.gap.older?.bundleRoot;
    if (root === undefined) return undefined;
    return this.#rowOf[this.#before(root, index ?? 0)] ?? bottom;
  }

  /** The nearest row further down with a root; -1 where none is shown. */
  #before(root: HexDigest, index: number): number {
    return this.#bearers.at(root).find((other) => other > index) ?? -1;
  }

  #firstInLine(): number | undefined {
    return this.#rowOf[this.#shown.findIndex(({ run }) => run !== undefined && this.#isLine(run))];
  }
}

function ownRow(kind: "gap" | "cut" | "left-out", name: string): Omit<Row, "parent"> {
  return { kind, name, sealedAt: undefined, notes: [], isLine: true };
}
