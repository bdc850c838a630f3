/**
 * The runs that this process has open. A large run is many jobs, and each needs its artifacts read and judged: once is enough for a
 * process. The one that was opened last stays open for the next job.
 *
 * @module
 */

import { type DividedRun, type OperationFault, openRun, type Result, type TrustFault } from "runseal";
import type { RunKey, RunTask } from "../database/functions.ts";

type Opened = Result<DividedRun, OperationFault | TrustFault>;

interface Entry {
  readonly opened: Promise<Opened>;
  jobs: number;
}

/** The open runs of a process. Dispose of them. */
export class OpenRuns implements Disposable {
  readonly #entries = new Map<string, Entry>();
  /** The one that stays open without a job. */
  #last: string | undefined;

  /**
   * Does a job with a run: opens it, unless it is open. Gives why it could not be opened, or what the job gives. After a fault the run is
   * opened anew: its connections keep credentials that a registry refused.
   */
  async use(
    { audit, digest }: RunKey,
    task: RunTask,
    act: (run: DividedRun) => Promise<OperationFault | TrustFault | undefined>,
  ): Promise<OperationFault | TrustFault | undefined> {
    // The policy is that of the audit.
    const key = `${audit}/${digest}`;
    const entry = this.#entries.get(key) ?? { opened: openTask({ digest }, task), jobs: 0 };
    entry.jobs++;
    this.#entries.set(key, entry);
    this.#keep(key);
    let isSound = false;
    try {
      const opened = await entry.opened;
      const fault = opened.ok ? await act(opened.value) : opened;
      isSound = fault === undefined;
      return fault;
    } finally {
      entry.jobs--;
      if (!isSound && this.#entries.get(key) === entry) this.#entries.delete(key);
      this.#close(key, entry);
    }
  }

  [Symbol.dispose](): void {
    this.#keep(undefined);
  }

  /** Keeps this run open, and not the one before. */
  #keep(key: string | undefined): void {
    const former = this.#last;
    this.#last = key;
    const entry = former === undefined ? undefined : this.#entries.get(former);
    if (former !== undefined && entry !== undefined) this.#close(former, entry);
  }

  #close(key: string, entry: Entry): void {
    const isKnown = this.#entries.get(key) === entry;
    if (entry.jobs > 0 || (isKnown && key === this.#last)) return;
    if (isKnown) this.#entries.delete(key);
    const close = (opened: Opened): void => {
      if (opened.ok) opened.value[Symbol.dispose]();
    };
    // Where opening throws, the job throws.
    void entry.opened.then(close, () => undefined);
  }
}

/** Opens a run, by the policy of its audit. Dispose of it. */
export async function openTask(
  { digest }: Pick<RunKey, "digest">,
  { plainHttp, policy, repository }: RunTask,
  signal?: AbortSignal,
): Promise<Opened> {
  return await openRun({
    from: `${repository}@sha256:${digest}`,
    trust: policy === undefined ? "any-signer" : { contents: [policy] },
    ...(plainHttp ? { plainHttp } : {}),
    signal,
  });
}
