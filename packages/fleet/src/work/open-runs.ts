/**
 * The runs that this process has open. A large run is many jobs, and each needs its artifacts read and judged: once is enough for a
 * process. The one that was opened last stays open for the next job.
 *
 * @module
 */

import { type DividedRun, type OperationFault, openRun, type Result, type TrustFault } from "runseal";
import { ok } from "runseal/core";
import type { RunKey, RunTask } from "../database/functions.ts";

type Opened = Result<DividedRun, OperationFault | TrustFault>;

interface Entry {
  readonly opened: Promise<Opened>;
  jobs: number;
}

/** A run that a job uses. Dispose of it when the job ends. */
export interface UsedRun extends Disposable {
  readonly run: DividedRun;
}

/** The open runs of a process. Dispose of them. */
export class OpenRuns implements Disposable {
  readonly #entries = new Map<string, Entry>();
  /** The one that stays open without a job. */
  #last: string | undefined;

  /** Opens a run, unless it is open. */
  async open(
    { audit, digest }: RunKey,
    task: RunTask,
  ): Promise<Result<UsedRun, OperationFault | TrustFault>> {
    // The policy is that of the audit.
    const key = `${audit}/${digest}`;
    const entry = this.#entries.get(key) ?? { opened: openTask({ digest }, task), jobs: 0 };
    entry.jobs++;
    const former = this.#last;
    this.#entries.set(key, entry);
    this.#last = key;
    if (former !== undefined && former !== key) this.#close(former);
    let opened: Opened | undefined;
    try {
      opened = await entry.opened;
    } finally {
      if (opened?.ok !== true) this.#forget(key, entry);
    }
    if (!opened.ok) return opened;
    return ok({ run: opened.value, [Symbol.dispose]: () => this.#leave(key, entry) });
  }

  [Symbol.dispose](): void {
    const former = this.#last;
    this.#last = undefined;
    if (former !== undefined) this.#close(former);
  }

  /** What could not be opened is tried anew by the next job. */
  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #leave(key: string, entry: Entry): void {
    entry.jobs--;
    this.#close(key);
  }

  #close(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.jobs > 0 || key === this.#last) return;
    this.#entries.delete(key);
    void entry.opened.then((opened) => {
      if (opened.ok) opened.value[Symbol.dispose]();
    });
  }
}

/** Opens a run, by the policy of its audit. Dispose of it. */
export async function openTask(
  { digest }: Pick<RunKey, "digest">,
  { plainHttp, policy, repository }: RunTask,
): Promise<Opened> {
  return await openRun({
    from: `${repository}@sha256:${digest}`,
    trust: policy === undefined ? "any-signer" : { contents: [policy] },
    ...(plainHttp ? { plainHttp } : {}),
  });
}
