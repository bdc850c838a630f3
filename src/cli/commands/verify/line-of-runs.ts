/** The part of a project's history around one run, for a report. @module */

import { join, resolve } from "node:path";
import {
  DigestIndex,
  type HexDigest,
  type History,
  type HistoryPlace,
  type HistoryRun,
  matchesDigest,
  orderNewestFirst,
} from "../../../core/internal.ts";
import { lookAtRun, type SeenRun } from "../../../node/history/look-at-run.ts";
import type { ReadHistory } from "../../../node/history/read-history.ts";
import { judgeHistory } from "../../../node/history/verify-history.ts";
import { runsFolderOf } from "../../../node/project/project-names.ts";
import { nodeCrypto } from "../../../node/runtime/node-crypto.ts";
import type { LinePicture, PicturedRow } from "../../html/line-picture.ts";
import type { BundlePlace } from "../../options/bundle-place.ts";
import { answerTrust, type TrustAnswer } from "../../options/trust-options.ts";
import type { Io } from "../../output/io.ts";
import { countOf } from "../../text/count-text.ts";
import { codeOfFinding, findingWords, type LineFault, lineFaults } from "../../verdict/finding-text.ts";
import type { SeenVerdict } from "./verify-reports.ts";

/** Rows that a page of paper holds. */
const MAX_ROWS = 28;

/** Findings that a page lists. */
const MAX_FINDINGS = 20;

/** Reads the line around a run; undefined where the run is not among those of a project, or they can't be read. */
export async function readLine(seen: SeenVerdict, io: Io): Promise<LinePicture | undefined> {
  const { environment, signal } = io;
  const { place } = seen;
  if (place === undefined) return undefined;
  const { home } = place;
  const read = await judgeHistory({ root: home, environment, signal });
  if (!read.ok) return undefined;
  const ordered = orderNewestFirst(read.value.history, nodeCrypto);
  const index = findThis(ordered, place, seen, io.cwd);
  if (index < 0) return undefined;
  const start = Math.max(0, Math.min(index - MAX_ROWS / 2, ordered.length - MAX_ROWS));
  const shown = ordered.slice(start, start + MAX_ROWS);
  const builder = new RowBuilder(shown, read.value.history, start, ordered.length);
  const rows = builder.rows((run) => wordsOf(run, { ...seen, place }, read.value, io));
  return {
    rows: rows.map((row, at) => ({ ...row, isThis: at === builder.rowOf(index - start) })),
    ...findingsOf(lineFaults(read.value.history, seen.choice, io.now())),
  };
}

function findThis(
  ordered: readonly HistoryRun[],
  place: BundlePlace,
  { reported }: SeenVerdict,
  cwd: string,
): number {
  const own = resolve(cwd, place.bundle);
  const runs = resolve(cwd, runsFolderOf(place.home));
  const named = ordered.findIndex(({ runId }) => join(runs, runId) === own);
  if (named >= 0 || reported.judged === undefined) return named;
  const { bundleRoot } = reported.judged;
  return ordered.findIndex((run) => matchesDigest(bundleRoot, run.bundleRoot, nodeCrypto));
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
  run: HistoryRun,
  seen: SeenVerdict & { readonly place: BundlePlace },
  { heads, history }: ReadHistory<HistoryRun>,
  io: Io,
): RunWords {
  const place = history.places.get(run) ?? "unknown";
  const bundle = join(runsFolderOf(seen.place.home), run.runId);
  const looked = lookAtRun(bundle);
  const trust = looked.sealed && answerTrust(seen.choice, looked.sealed, io.now());
  const isOwn = resolve(io.cwd, bundle) === resolve(io.cwd, seen.place.bundle);
  const isRejected = looked.failure !== undefined || (isOwn && !seen.reported.verdict.ok);
  const isHead = typeof heads.head !== "string" && run === history.line.at(-1);
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

/** Puts the shown runs into rows, with a row for what is missing, cut or left out. */
class RowBuilder {
  readonly #shown: readonly HistoryRun[];
  readonly #history: History<HistoryRun>;
  readonly #newer: number;
  readonly #older: number;
  /** The row of each run. */
  readonly #rowOf: number[] = [];
  readonly #bearers: DigestIndex<number> = new DigestIndex(nodeCrypto);
  /** By a missing root, the last run that names it. */
  readonly #missing: DigestIndex<{ last: number; row: number; isLine: boolean }> = new DigestIndex(
    nodeCrypto,
  );

  constructor(shown: readonly HistoryRun[], history: History<HistoryRun>, newer: number, all: number) {
    this.#shown = shown;
    this.#history = history;
    this.#newer = newer;
    this.#older = all - newer - shown.length;
    for (const [index, { bundleRoot }] of shown.entries())
      if (bundleRoot !== undefined) this.#bearers.add(bundleRoot, index);
    const gaps = new DigestIndex<true>(nodeCrypto);
    for (const finding of history.findings)
      if (finding.code === "HISTORY_GAP") gaps.add(finding.previous, true);
    for (const [index, { previousBundleRoot: root }] of shown.entries()) {
      if (root === undefined || gaps.at(root).length === 0) continue;
      const [known] = this.#missing.at(root);
      const isLine = this.#isLine(shown[index]);
      if (known === undefined) this.#missing.add(root, { last: index, row: -1, isLine });
      else {
        known.last = index;
        known.isLine ||= isLine;
      }
    }
  }

  /** The row of a run that is shown. */
  rowOf(index: number): number | undefined {
    return this.#rowOf[index];
  }

  rows(describe: (run: HistoryRun) => RunWords): readonly Omit<PicturedRow, "isThis">[] {
    const rows: Omit<PicturedRow, "isThis" | "parent">[] = [];
    if (this.#newer > 0) rows.push(ownRow("left-out", `${countOf(this.#newer, "newer run")} left out`));
    const { cut } = this.#history;
    let cutRow: number | undefined;
    for (const [index, run] of this.#shown.entries()) {
      this.#rowOf.push(rows.length);
      const isLine = this.#isLine(run);
      rows.push({ ...describe(run), name: run.runId, sealedAt: run.sealedAt, isLine });
      const { previousBundleRoot: root } = run;
      const [gap] = root === undefined ? [] : this.#missing.at(root);
      if (root !== undefined && gap?.last === index) {
        gap.row = rows.length;
        const name = `missing: the bundle ${root.slice(0, 16)}…`;
        rows.push({ ...ownRow("gap", name), isLine: gap.isLine });
      }
      if (cut === undefined || !matchesDigest(cut.bundleRoot, run.bundleRoot, nodeCrypto)) continue;
      cutRow = rows.length;
      rows.push(ownRow("cut", `${countOf(cut.forgotten, "older bundle")} forgotten at ${cut.cutAt}`));
    }
    const bottom = this.#older > 0 ? rows.length : undefined;
    if (bottom !== undefined) rows.push(ownRow("left-out", `${countOf(this.#older, "older run")} left out`));
    const indexOf = new Map(this.#rowOf.map((row, index) => [row, index]));
    return rows.map((row, at) => ({ ...row, parent: this.#parentOf(at, indexOf.get(at), cutRow, bottom) }));
  }

  #isLine(run: HistoryRun | undefined): boolean {
    const place = run && this.#history.places.get(run);
    return place === "line" || place === "unfinished" || place === "following";
  }

  #parentOf(
    row: number,
    index: number | undefined,
    cutRow: number | undefined,
    bottom: number | undefined,
  ): number | undefined {
    const run = index === undefined ? undefined : this.#shown[index];
    // At the top, only the row of newer runs that are left out has no run.
    if (run === undefined) return row === 0 ? this.#firstInLine() : undefined;
    if (cutRow === row + 1) return cutRow;
    const { previousBundleRoot: root } = run;
    if (root === undefined) return undefined;
    const [gap] = this.#missing.at(root);
    if (gap !== undefined) return gap.row;
    return this.#rowOf[this.#before(root, index ?? 0)] ?? bottom;
  }

  /** The nearest run further down with a root; -1 where none is shown. */
  #before(root: HexDigest, index: number): number {
    return this.#bearers.at(root).find((other) => other > index) ?? -1;
  }

  #firstInLine(): number | undefined {
    return this.#rowOf[this.#shown.findIndex((run) => this.#isLine(run))];
  }
}

function ownRow(kind: "gap" | "cut" | "left-out", name: string): Omit<PicturedRow, "isThis" | "parent"> {
  return { kind, name, sealedAt: undefined, notes: [], isLine: true };
}
