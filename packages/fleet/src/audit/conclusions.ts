/** What follows for a run from the verdicts on others: on those before it in its history, and on its parts. @module */

/** A run of an audit with what its bundle names, in hex. */
export interface LinkedRun {
  readonly run_id: string;
  /** `null`: it is open. */
  readonly code: string | null;
  readonly artifacts: string | null;
  /** Its bundle root; `null` if its verdict has none. */
  readonly root: string | null;
  /** The root of the run before it; `null`: it is the first, or not accepted. */
  readonly previous: string | null;
  /** The artifacts of its parts; none if it is not accepted. */
  readonly parts: readonly string[];
}

/** The first run that is not as it must be. */
export interface Conclusion {
  /** `OK`; the code of that run, `null` while it is open; `HISTORY_GAP` or `RUN_NOT_FOUND` if the audit does not have it. */
  readonly code: string | null;
  /** The run; of one that is not there, the run that names it. `null` with `OK`. */
  readonly run_id: string | null;
}

/** What is concluded for a run. */
export interface RunConclusions {
  /** Of the run and all before it. */
  readonly chain: Conclusion;
  /** Of the run and its parts; `null` if it has none. */
  readonly parts: (Conclusion & { readonly count: number }) | null;
}

const SOUND: Conclusion = { code: "OK", run_id: null };

/** Concludes for each run. Gives the conclusions in the order of the runs, which may be any. */
export function concludeRuns(runs: readonly LinkedRun[]): readonly RunConclusions[] {
  const chains = concludeChains(runs);
  const byArtifacts = new Map(runs.map((run) => [run.artifacts, run]));
  return runs.map((run) => {
    const chain = chains.get(run) ?? gapAt(run);
    const { length: count } = run.parts;
    return { chain, parts: count === 0 ? null : { ...concludeParts(run, byArtifacts), count } };
  });
}

/** Follows each run to a conclusion that is known. A loop: a line of runs may be longer than the stack is deep. */
function concludeChains(runs: readonly LinkedRun[]): ReadonlyMap<LinkedRun, Conclusion> {
  const byRoot = rootsOf(runs);
  const chains = new Map<LinkedRun, Conclusion>();
  for (const run of runs) {
    const followed: LinkedRun[] = [];
    let at = run;
    let end = chains.get(at);
    while (end === undefined) {
      // Stands for a run that leads back to itself, by links that a worker forged.
      chains.set(at, gapAt(at));
      followed.push(at);
      const before = at.previous === null ? undefined : byRoot.get(at.previous);
      if (at.code !== "OK" || at.previous === null) end = ownConclusion(at);
      else if (before === undefined) end = gapAt(at);
      else {
        at = before;
        end = chains.get(at);
      }
    }
    for (const one of followed) chains.set(one, end);
  }
  return chains;
}

/** The run of each root. Of several bundles of one root, an accepted one stands for it. */
function rootsOf(runs: readonly LinkedRun[]): ReadonlyMap<string, LinkedRun> {
  const byRoot = new Map<string, LinkedRun>();
  for (const run of runs)
    if (run.root !== null && byRoot.get(run.root)?.code !== "OK") byRoot.set(run.root, run);
  return byRoot;
}

function gapAt({ run_id }: LinkedRun): Conclusion {
  return { code: "HISTORY_GAP", run_id };
}

function concludeParts(
  { parts, run_id }: LinkedRun,
  byArtifacts: ReadonlyMap<string | null, LinkedRun>,
): Conclusion {
  for (const artifacts of parts) {
    const part = byArtifacts.get(artifacts);
    if (part === undefined) return { code: "RUN_NOT_FOUND", run_id };
    if (part.code !== "OK") return ownConclusion(part);
  }
  return SOUND;
}

function ownConclusion({ code, run_id }: LinkedRun): Conclusion {
  return code === "OK" ? SOUND : { code, run_id };
}
