/**
 * One sitting of a user: what was given, what is trusted, and what was found. Each new gift or run ends the work on the one before.
 *
 * @module
 */

import { declaredBytes, type JudgedBundle } from "../src/core/internal.ts";
import type { PageCrypto } from "./crypto/page-crypto.ts";
import type { HashPool } from "./hashing/hash-pool.ts";
import { decompressed } from "./source/decompress.ts";
import type { Given } from "./source/given.ts";
import { readArchive } from "./source/read-archive.ts";
import type { SourceFolder } from "./source/source-folder.ts";
import { answerTrust, type TrustAnswer, type TrustChoice } from "./trust/trust-choice.ts";
import {
  type ProjectRun,
  type ReadProject,
  readProject,
  recogniseFolder,
  runFolder,
} from "./verify/read-project.ts";
import { type BundleReport, type VerifyRequest, verifyBundle } from "./verify/verify-bundle.ts";
import { archiveWords } from "./words/archive-words.ts";

/** Where a session shows what it does. */
export interface SessionView {
  readonly begin: (words: string) => void;
  readonly end: (words: string) => void;
  readonly countRuns: (done: number, all: number) => void;
  readonly countFiles: (
    more: { readonly files: number; readonly bytes: number },
    judged: JudgedBundle,
  ) => void;
  /** Shows the line of a project and lets the user choose; gives the run to begin with. */
  readonly showProject: (project: ReadProject) => ProjectRun | undefined;
  readonly markRun: (run: ProjectRun) => void;
  readonly askForFiles: (isAsked: boolean) => void;
  readonly showReport: (report: BundleReport, trust: TrustAnswer | undefined) => void;
  readonly showTrust: (report: BundleReport, trust: TrustAnswer | undefined) => void;
  readonly clear: () => void;
}

/** What a bundle is verified with. */
interface Work extends Pick<VerifyRequest, "checkEntries"> {
  readonly bundle: SourceFolder;
  readonly runId: string;
  readonly files: SourceFolder | undefined;
}

/** A session. */
export class Session {
  readonly #crypto: PageCrypto;
  readonly #pool: HashPool;
  readonly #view: SessionView;
  #trust: TrustChoice = { kind: "none" };
  #project: SourceFolder | undefined;
  #bundle: Work | undefined;
  #report: BundleReport | undefined;
  #abort = new AbortController();

  constructor(crypto: PageCrypto, pool: HashPool, view: SessionView) {
    this.#crypto = crypto;
    this.#pool = pool;
    this.#view = view;
  }

  /** Takes what the user says about trust. A report that is shown is decided about again; nothing is hashed again. */
  setTrust(choice: TrustChoice): void {
    this.#trust = choice;
    const report = this.#report;
    if (report !== undefined) this.#view.showTrust(report, this.#answer(report));
  }

  /** Takes a folder or a file to verify. */
  async take(given: Given): Promise<void> {
    const signal = this.#begin();
    this.#project = undefined;
    this.#bundle = undefined;
    this.#view.clear();
    if (given === undefined) return this.#view.end("Nothing was given that the page can read.");
    if (given instanceof File) return await this.#takeArchive(given, signal);
    this.#view.begin("Looking at the folder…");
    const kind = await recogniseFolder(given);
    if (signal.aborted) return;
    if (kind === "neither")
      return this.#view.end(
        "There is no run in this folder. Choose a project, which has .runseal in it, or a bundle, which has SIGNATURE.json.",
      );
    if (kind === "project") return await this.#readProject(given, signal);
    this.#view.askForFiles(true);
    await this.#verify({ bundle: given, runId: given.name, files: undefined }, signal);
  }

  /** Takes the folder in which the files of a bundle are. */
  async takeFiles(given: Given): Promise<void> {
    if (this.#bundle === undefined || given === undefined || given instanceof File) return;
    await this.#verify({ ...this.#bundle, files: given }, this.#begin());
  }

  /** Ends the work. Without a verdict nothing is shown. */
  stop(): void {
    this.#begin();
    this.#view.end("Stopped. Nothing is said about this run.");
  }

  /** Verifies a run of the project. */
  async choose(run: ProjectRun): Promise<void> {
    if (this.#project !== undefined) await this.#verifyRun(this.#project, run, this.#begin());
  }

  async #takeArchive(file: File, signal: AbortSignal): Promise<void> {
    this.#view.begin("Listing the archive…");
    const read = await unlessAborted(signal, async () => {
      const bytes = await decompressed(file);
      return bytes.ok ? await readArchive(bytes.value, file.name, signal) : bytes;
    });
    if (read === undefined) return;
    if (!read.ok) return this.#view.end(`This archive is refused: ${archiveWords(read)}`);
    const { checkEntries, folder, runIds } = read.value;
    const [runId = ""] = runIds;
    if (runIds.length > 1)
      return this.#view.end(
        `This archive has ${runIds.length} runs. Use runseal verify, or an archive of one run.`,
      );
    const bundle = await runFolder(folder, runId);
    if (bundle === undefined) throw new TypeError("an archive has the folder of its run");
    await this.#verify({ bundle, runId, files: folder, checkEntries }, signal);
  }

  #begin(): AbortSignal {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#report = undefined;
    this.#pool.clear();
    return this.#abort.signal;
  }

  async #readProject(project: SourceFolder, signal: AbortSignal): Promise<void> {
    this.#project = project;
    const { countRuns } = this.#view;
    const read = await unlessAborted(signal, () =>
      readProject({ project, crypto: this.#crypto, onRun: countRuns, signal }),
    );
    if (read === undefined) return;
    if (!read.ok) return this.#view.end(`The runs of this project can't be read (${read.code}).`);
    const first = this.#view.showProject(read.value);
    if (first === undefined) return this.#view.end("This project has no runs yet.");
    await this.#verifyRun(project, first, signal);
  }

  async #verifyRun(project: SourceFolder, run: ProjectRun, signal: AbortSignal): Promise<void> {
    this.#view.markRun(run);
    const bundle = await runFolder(project, run.runId);
    if (bundle === undefined) return this.#view.end("This run is no longer in the folder.");
    await this.#verify({ bundle, runId: run.runId, files: project }, signal);
  }

  async #verify(work: Work, signal: AbortSignal): Promise<void> {
    this.#bundle = work;
    this.#view.begin("Judging the artifacts of the bundle…");
    let judged: JudgedBundle | undefined;
    const count = (files: number, bytes: number): void => {
      if (judged !== undefined && !signal.aborted) this.#view.countFiles({ files, bytes }, judged);
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
          onJudged: (own) => {
            judged = own;
            count(0, 0);
          },
          signal,
        }),
      ]),
    );
    if (report === undefined) return;
    this.#report = report;
    this.#view.showReport(report, this.#answer(report));
  }

  #answer({ verdict }: BundleReport): TrustAnswer | undefined {
    return verdict.ok ? answerTrust(this.#trust, verdict.value, Math.floor(Date.now() / 1000)) : undefined;
  }
}

/** Bytes that a bundle declares; undefined where it declares none. */
export function bytesOf({ status }: JudgedBundle): number | undefined {
  return declaredBytes(status);
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
