/**
 * One session of a user: what was given, what is trusted, and what was found. Each new gift or run ends the work on the one before.
 *
 * @module
 */

import { declaredBytes, type JudgedBundle, type WebCrypto } from "../../src/core/internal.ts";
import type { HashedFile } from "../hashing/hash-message.ts";
import type { HashPool } from "../hashing/hash-pool.ts";
import { FIRST_ARRANGEMENT } from "../shown/file-page.ts";
import { FileRows } from "../shown/file-rows.ts";
import { RunsInOrder } from "../shown/runs-in-order.ts";
import { shownProof } from "../shown/shown-proof.ts";
import { type ShownVerdict, shownDifferences, shownVerdict } from "../shown/shown-verdict.ts";
import { readArchive } from "../source/read-archive.ts";
import { receiveGiven } from "../source/sent-given.ts";
import type { SourceFolder } from "../source/source-folder.ts";
import { StoredObjects } from "../store/given-objects.ts";
import type { TrustedFacts } from "../trust/trust-choice.ts";
import { archivedOutputs, type RunOutputs } from "../verify/archive-runs.ts";
import { verifierOfRuns } from "../verify/history-outputs.ts";
import { factsOfProof, judgeFile, type ProofReport, readProof } from "../verify/judge-proof.ts";
import { findLaterRun, type Moved } from "../verify/moved-runs.ts";
import type { BundlePlace } from "../verify/open-given-bundle.ts";
import { type OutputPlace, outputsBelow, outputsByDigest } from "../verify/output-place.ts";
import {
  type ProjectRun,
  type ReadProject,
  readArchivedRuns,
  readProject,
  recogniseFolder,
  runFolder,
} from "../verify/read-project.ts";
import { verifyAllRuns } from "../verify/verify-all-runs.ts";
import { type BundleReport, goneBundle, verifyBundle } from "../verify/verify-bundle.ts";
import { archiveWords } from "../words/archive-words.ts";
import type { AnswerFor } from "../words/history-verdict-words.ts";
import { CountedProgress } from "./counted-progress.ts";
import type { SessionNews, SessionRequest, WorkNews, WorkRequest } from "./session-message.ts";
import { SessionTrust } from "./session-trust.ts";

/** Rows that are sent with a verdict: more than fit in sight. */
const FIRST_ROWS = 40;

/** What a bundle is verified with. */
interface Work extends RunOutputs {
  /** Of a run of a project: the runs after it in a whole history, newest first. */
  readonly later?: readonly ProjectRun[] | undefined;
  readonly bundle: SourceFolder;
  readonly runId: string;
}

/** What is shown, decided about again when the trust changes. */
interface Shown {
  /** Whose signers are asked about. */
  readonly accepted: readonly TrustedFacts[];
  readonly verdict: () => ShownVerdict;
}

/** A session. It runs in a worker: the page stays responsive while it reads and judges. */
export class Session {
  readonly #crypto: WebCrypto;
  readonly #pool: HashPool;
  readonly #post: (news: SessionNews) => void;
  readonly #trust: SessionTrust;
  /** A project, or an archive as one. */
  #project: SourceFolder | undefined;
  /** Of an archive: where the outputs of its runs are. */
  #archived: RunOutputs | undefined;
  #history: RunsInOrder | undefined;
  #bundle: Work | undefined;
  /** Of a proof, whose file is asked for. */
  #proof: ProofReport | undefined;
  #shown: Shown | undefined;
  /** Those of the report before stay until there is another one, as the table does. */
  #rows: FileRows | undefined;
  #work = 0;
  #abort = new AbortController();

  constructor(crypto: WebCrypto, pool: HashPool, post: (news: SessionNews) => void) {
    this.#crypto = crypto;
    this.#pool = pool;
    this.#post = post;
    this.#trust = new SessionTrust(crypto);
  }

  /** Does what the page asks. Rejects for a bug, or where the browser lacks something. */
  async handle(request: SessionRequest): Promise<void> {
    switch (request.kind) {
      case "work":
        return await this.#begin(request.work, request.request);
      case "trust":
        return await this.#setTrust(request.text, request.isAnySigner);
      case "more-runs":
        this.#history?.extend();
        return this.#sayHistory();
      case "rows": {
        const { arrangement, count, first, id } = request;
        if (this.#rows !== undefined)
          this.#say({ kind: "rows", id, page: this.#rows.page(arrangement, first, count) });
      }
    }
  }

  /** Ends the work before, and begins another one. */
  async #begin(work: number, request: WorkRequest): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#work = work;
    this.#trust.endArrival();
    // The verdict on one run stays beside those on all.
    if (request.kind !== "verify-all-runs" && request.kind !== "stop") this.#shown = undefined;
    this.#pool.clear();
    const { signal } = this.#abort;
    switch (request.kind) {
      case "take":
        return await this.#take(receiveGiven(request.given), signal);
      case "take-files":
        return await this.#takeFiles(receiveGiven(request.given), signal);
      case "choose": {
        const run = this.#history?.at(request.place);
        if (this.#project !== undefined && run !== undefined)
          await this.#verifyRun(this.#project, run.runId, request.place, signal);
        return;
      }
      case "verify-all-runs":
        return await this.#verifyAllRuns(signal);
      case "choose-stored":
        if (this.#bundle !== undefined && this.#project !== undefined)
          await this.#verify({ ...this.#bundle, ...(await this.#storedIn(this.#project)) }, signal);
    }
  }

  /** A report that is shown is decided about again; nothing is hashed again. */
  async #setTrust(text: string, isAnySigner: boolean): Promise<void> {
    if (!(await this.#trust.change(text, isAnySigner, () => this.#accepted()))) return;
    this.#sayHistory();
    if (this.#shown !== undefined) this.#say({ kind: "trusted", verdict: this.#shown.verdict() });
    this.#post({ kind: "trust-words", words: this.#trust.words });
  }

  async #take(given: SourceFolder | File | undefined, signal: AbortSignal): Promise<void> {
    this.#project = undefined;
    this.#archived = undefined;
    this.#history = undefined;
    this.#bundle = undefined;
    this.#proof = undefined;
    this.#rows = undefined;
    if (given === undefined) return this.#end("Nothing was given that the page can read.");
    if (given instanceof File) return await this.#takeFile(given, signal);
    this.#say({ kind: "begin", words: "Looking at the folder…" });
    const kind = await recogniseFolder(given);
    if (signal.aborted) return;
    if (kind === "neither")
      return this.#end(
        "There is no run in this folder. Choose a project, which has .runseal in it, or a bundle, which has SIGNATURE.json.",
      );
    if (kind === "project") return await this.#readProject(given, signal);
    this.#say({ kind: "ask-for-files", of: "bundle" });
    await this.#verify({ bundle: given, runId: given.name, from: "folder", place: undefined }, signal);
  }

  async #takeFiles(given: SourceFolder | File | undefined, signal: AbortSignal): Promise<void> {
    const proof = this.#proof?.proof;
    if (proof?.ok === true && given instanceof File) {
      this.#say({ kind: "begin", words: "Hashing the file…" });
      const hashed = await Promise.race([this.#pool.broken, this.#pool.hash(given)]);
      if (signal.aborted) return;
      return this.#showProof({ proof, file: judgeFile(proof.value, given, hashed, this.#crypto) });
    }
    if (this.#bundle === undefined || given === undefined || given instanceof File)
      return this.#end(
        given instanceof File || this.#proof === undefined ? "This is not a folder." : "This is not a file.",
      );
    await this.#verify({ ...this.#bundle, place: outputsBelow(given) }, signal);
  }

  /** A proof of files, or an archive. */
  async #takeFile(file: File, signal: AbortSignal): Promise<void> {
    const proof = await readProof(file, this.#crypto);
    if (signal.aborted) return;
    if (proof === undefined) return await this.#takeArchive(file, signal);
    this.#proof = proof;
    if (proof.proof.ok) this.#say({ kind: "ask-for-files", of: "proof" });
    this.#showProof(proof);
  }

  #showProof(report: ProofReport): void {
    const accepted = report.proof.ok ? [factsOfProof(report.proof.value)] : [];
    const verdict = (): ShownVerdict => shownProof(report, accepted[0] && this.#trust.answer(accepted[0]));
    this.#shown = { accepted, verdict };
    this.#say({ kind: "verdict", verdict: verdict(), rows: undefined });
  }

  async #takeArchive(file: File, signal: AbortSignal): Promise<void> {
    this.#say({ kind: "begin", words: "Listing the archive…" });
    const read = await unlessAborted(signal, () => readArchive(file, file.name, signal));
    if (read === undefined) return;
    if (!read.ok) return this.#end(`This archive is refused: ${archiveWords(read)} ${read.code}`);
    const { folder, runIds } = read.value;
    const crypto = this.#crypto;
    const outputs = await archivedOutputs(read.value, crypto);
    const [only = "", ...others] = runIds;
    const bundle = others.length > 0 ? undefined : await runFolder(folder, only);
    if (signal.aborted) return;
    if (bundle !== undefined) return await this.#verify({ ...outputs, bundle, runId: only }, signal);
    const runs = await unlessAborted(signal, () =>
      readArchivedRuns({ project: folder, crypto, onRun: this.#onRun, signal }, runIds),
    );
    if (runs === undefined) return;
    this.#project = folder;
    this.#archived = outputs;
    await this.#verifyNewest(runs, folder, signal);
  }

  readonly #onRun = (done: number, all: number): void => this.#say({ kind: "runs", done, all });

  async #readProject(project: SourceFolder, signal: AbortSignal): Promise<void> {
    this.#project = project;
    const read = await unlessAborted(signal, () =>
      readProject({ project, crypto: this.#crypto, onRun: this.#onRun, signal }),
    );
    if (read === undefined) return;
    if (!read.ok) return this.#end(`The runs of this project can't be read (${read.code}).`);
    await this.#verifyNewest(read.value, project, signal);
  }

  async #verifyNewest(runs: ReadProject, project: SourceFolder, signal: AbortSignal): Promise<void> {
    const history = new RunsInOrder(runs, this.#crypto);
    this.#history = history;
    this.#sayHistory();
    const { newest } = history;
    const first = newest === undefined ? undefined : history.at(newest);
    if (newest === undefined || first === undefined) return this.#end("This project has no runs yet.");
    await this.#verifyRun(project, first.runId, newest, signal);
  }

  async #verifyRun(project: SourceFolder, runId: string, place: number, signal: AbortSignal): Promise<void> {
    this.#say({ kind: "marked", place });
    const bundle = await runFolder(project, runId);
    if (signal.aborted) return;
    if (bundle === undefined) return this.#end("This run is no longer in the folder.");
    const outputs = this.#archived ?? { from: "folder", place: outputsBelow(project) };
    await this.#verify({ ...outputs, bundle, runId, later: this.#history?.laterThan(place) }, signal);
  }

  async #verify(work: Work, signal: AbortSignal): Promise<void> {
    this.#bundle = work;
    this.#say({ kind: "begin", words: "Judging the artifacts of the bundle…" });
    let progress: CountedProgress | undefined;
    const count = (files: number, bytes: number): void => {
      if (!signal.aborted) progress?.add(files, bytes);
    };
    this.#pool.onBytes = (bytes) => count(0, bytes);
    const report = await unlessAborted(signal, () =>
      Promise.race([
        this.#pool.broken,
        verifyBundle({
          ...work,
          crypto: this.#crypto,
          hash: (blob) => this.#pool.hash(blob),
          onFile: () => count(1, 0),
          onJudged: (judged) => {
            progress = this.#progressOf(judged);
            count(0, 0);
          },
          signal,
        }),
      ]),
    );
    if (report === undefined) return;
    const moved = await unlessAborted(signal, () => this.#movedOn(report, work, signal));
    const by = moved?.explained === undefined ? [] : [moved.explained.by];
    const accepted = [...acceptedOf([report]), ...by];
    await unlessAborted(signal, () => this.#trust.judgeTimes(accepted, signal));
    if (signal.aborted) return;
    const differences = shownDifferences(report);
    const verdict = (): ShownVerdict => {
      const trust = report.verdict.ok ? this.#trust.answer(report.verdict.value) : undefined;
      const broken = work.later === undefined ? undefined : this.#history?.fault(this.#answerFor);
      const explained = broken === undefined ? moved?.explained : undefined;
      const isBelieved = explained !== undefined && this.#trust.answer(explained.by).ok;
      const project = { broken, moved: isBelieved ? explained : undefined };
      return shownVerdict(report, differences, trust, moved, project);
    };
    this.#shown = { accepted, verdict };
    this.#rows = report.judged && new FileRows(report, this.#crypto);
    const rows = this.#rows?.page(FIRST_ARRANGEMENT, 0, FIRST_ROWS);
    this.#say({ kind: "verdict", verdict: verdict(), rows });
  }

  async #movedOn(report: BundleReport, work: Work, signal: AbortSignal): Promise<Moved | undefined> {
    const [crypto, project] = [this.#crypto, this.#project];
    if (project === undefined) return undefined;
    const hash = (blob: Blob): Promise<HashedFile> => this.#pool.hash(blob);
    const verify = async (place: BundlePlace, outputs: OutputPlace | undefined): Promise<BundleReport> =>
      await Promise.race([
        this.#pool.broken,
        verifyBundle({ ...place, from: "folder", place: outputs, crypto, hash, signal }),
      ]);
    return await findLaterRun(report, {
      later: work.later ?? [],
      store: await StoredObjects.open(project, crypto.port),
      verifyLater: async ({ runId }, isInFolder) => {
        const bundle = await runFolder(project, runId);
        if (bundle === undefined) return goneBundle(runId);
        return await verify({ bundle, runId }, isInFolder ? outputsBelow(project) : undefined);
      },
      verifyIn: async (place) => await verify(work, place),
      crypto: crypto.port,
    });
  }

  async #storedIn(project: SourceFolder): Promise<RunOutputs> {
    return { from: "store", place: outputsByDigest(await StoredObjects.open(project, this.#crypto.port)) };
  }

  async #verifyAllRuns(signal: AbortSignal): Promise<void> {
    const [history, project] = [this.#history, this.#project];
    if (history === undefined || project === undefined) return;
    this.#say({ kind: "begin", words: "Verifying all runs…" });
    this.#pool.onBytes = () => undefined;
    const [crypto, archived] = [this.#crypto, this.#archived];
    const hash = (blob: Blob): Promise<HashedFile> => this.#pool.hash(blob);
    const report = await unlessAborted(signal, async () => {
      const verify = await verifierOfRuns({ project, archived, crypto, hash, signal });
      const { chain: runs, cutRoot } = history;
      const checkAll = archived?.checkAll;
      const onRun = (done: number): void => this.#say({ kind: "runs", done, all: runs.length });
      const work = verifyAllRuns({ runs, cutRoot, crypto, checkAll, verify, onRun, signal });
      const verified = await Promise.race([this.#pool.broken, work]);
      await this.#trust.judgeTimes(acceptedOf(verified.runs), signal);
      return verified;
    });
    if (report === undefined) return;
    history.takeReport(report);
    this.#sayHistory();
    this.#end(history.shown(this.#answerFor).verdict?.words ?? "");
  }

  readonly #answerFor: AnswerFor = (signed) => this.#trust.answer(signed);

  /** The bundles whose signers are decided about again when the trust changes. */
  #accepted(): readonly TrustedFacts[] {
    return [...acceptedOf(this.#history?.verified ?? []), ...(this.#shown?.accepted ?? [])];
  }

  #progressOf({ claims, status }: JudgedBundle): CountedProgress {
    const all = { allFiles: claims.length, allBytes: declaredBytes(status) };
    return new CountedProgress(all, (progress) => this.#say({ kind: "files", progress }));
  }

  #sayHistory(): void {
    if (this.#history !== undefined)
      this.#say({ kind: "history", history: this.#history.shown(this.#answerFor) });
  }

  #end(words: string): void {
    this.#say({ kind: "end", words });
  }

  #say(news: WorkNews): void {
    this.#post({ kind: "work", work: this.#work, news });
  }
}

function acceptedOf(
  reports: readonly {
    readonly verdict: { readonly ok: true; readonly value: TrustedFacts } | { readonly ok: false };
  }[],
): readonly TrustedFacts[] {
  return reports.flatMap(({ verdict }) => (verdict.ok ? [verdict.value] : []));
}

/** Runs work; undefined if it was aborted meanwhile. */
async function unlessAborted<Value>(
  signal: AbortSignal,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    const value = await work();
    return signal.aborted ? undefined : value;
  } catch (thrown) {
    if (signal.aborted) return undefined;
    throw thrown;
  }
}
