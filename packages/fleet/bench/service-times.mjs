/** What the parts of an audit cost in CPU seconds, in this process: for the simulation. */
import { listRuns, openRun } from "runseal";

/** Small runs that are measured together. */
const MOST_RUNS = 100;

/** Measures `open` (reading and judging the artifacts), `find` (hashing all outputs) and `conclude` of a workload's runs, each the mean of a run. */
export async function serviceTimes({ environment, registry }, { name }) {
  const listed = await listRuns({ environment, from: registry.repository(name) });
  const runs = listed.value.runs.slice(0, MOST_RUNS);
  const spent = { open: 0, find: 0, conclude: 0 };
  const measured = async (part, act) => {
    const before = process.cpuUsage();
    const result = await act();
    const { system, user } = process.cpuUsage(before);
    spent[part] += (system + user) / 1e6 / runs.length;
    if (result.ok === false) throw new Error(result.code);
    return result.value;
  };
  for (const { reference: from } of runs) {
    const run = await measured("open", async () => {
      const opened = await openRun({ environment, from, trust: "any-signer" });
      if (opened.ok) opened.value.outputs();
      return opened;
    });
    const { claims } = run.outputs().value;
    const findings = await measured("find", async () => await run.find(0, claims.length));
    await measured("conclude", async () => await run.conclude(findings));
    run[Symbol.dispose]();
  }
  return spent;
}
