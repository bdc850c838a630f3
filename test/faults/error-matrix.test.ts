import { afterAll, describe, expect, it } from "vitest";
import { type Ending, type ErrorScenario, runCell } from "../support/error-cell.ts";
import { errorControl, errorScenarios } from "../support/error-scenarios.ts";
import { FaultScenes } from "../support/fault-scenes.ts";
import type { Fault } from "../support/faulty-file-system.ts";
import { formatMatrix, type MatrixRow } from "../support/matrix.ts";
import { faultStep, SEED, sampleOf } from "../support/ring.ts";

type Way = Omit<Fault, "at" | "errno">;

/** At every so-manieth call. */
type Steps = Readonly<Record<"EIO" | "ENOSPC" | "EACCES" | "EMFILE", number>>;

const EVERY: Steps = { EIO: 1, ENOSPC: 1, EACCES: 1, EMFILE: 1 };
const isFull = process.env["RUNSEAL_FAULTS"] === "full";
const ONE_CALL: Steps = isFull ? EVERY : { EIO: 1, ENOSPC: 13, EACCES: 13, EMFILE: 13 };
const ALL_LATER: Steps = isFull ? EVERY : { EIO: 3, ENOSPC: 23, EACCES: 23, EMFILE: 23 };

/** After its effect or before is the same for a call that only looks. */
const ONCE: readonly Way[] = [
  { kind: "any", when: "before", persists: false },
  { kind: "change", when: "after", persists: false },
];

/** A disk that is gone, one that can only be read, one that can't be read. */
const FROM_THEN_ON: readonly Way[] = [
  { kind: "any", when: "before", persists: true },
  { kind: "any", when: "after", persists: true },
  { kind: "change", when: "before", persists: true },
  { kind: "change", when: "after", persists: true },
  { kind: "look", when: "before", persists: true },
];

const NEVER = Number.POSITIVE_INFINITY;
const ENDINGS: readonly Ending[] = ["nothing", "everything", "in doubt", "to recover", "broken"];

const scenes = await FaultScenes.make();
const all = await errorScenarios(scenes);
const scenarios = isFull ? all : sampleOf(all, 2);
const control = await errorControl(scenes);
const rows: MatrixRow[] = [];
const controls: MatrixRow[] = [];

afterAll(() => {
  scenes[Symbol.dispose]();
  console.log(
    formatMatrix(`errors: ${Object.keys(EVERY).join(", ")}`, ["cells", ...ENDINGS], rows, controls),
  );
});

describe("every call fails, and what is said is what is on the disk (PROTOCOL 13.7)", () => {
  it.each(scenarios)("$name, one call fails", async (scenario) => {
    expect(await fillRow(rows, `${scenario.name}, once`, scenario, ONCE, ONE_CALL)).toEqual([]);
  });

  it.each(scenarios)("$name, one call fails and all after it", async (scenario) => {
    expect(await fillRow(rows, `${scenario.name}, from then on`, scenario, FROM_THEN_ON, ALL_LATER)).toEqual(
      [],
    );
  });

  it("finds a restore that stages and renames without a journal broken", async () => {
    expect((await fillRow(controls, control.name, control, ONCE, ONE_CALL)).length).toBeGreaterThan(0);
  });
});

/** Runs all cells of a row. Gives those that are broken. */
async function fillRow(
  table: MatrixRow[],
  name: string,
  scenario: ErrorScenario,
  ways: readonly Way[],
  steps: Steps,
): Promise<readonly string[]> {
  const endings: Ending[] = [];
  const broken: string[] = [];
  for (const way of ways) {
    const undisturbed = await runCell(scenes, scenario, { ...way, at: NEVER, errno: "EIO" });
    if (undisturbed.ending !== "everything") throw new Error(`not even without a fault: ${undisturbed.why}`);
    for (const fault of faultsOf(way, undisturbed.calls.length, steps, faultStep(scenario.name))) {
      const { calls, ending, why } = await runCell(scenes, scenario, fault);
      endings.push(ending);
      if (ending === "broken") broken.push(`${JSON.stringify(fault)} ${calls[fault.at]}: ${why}`);
    }
  }
  const counts = ENDINGS.map((each) => endings.filter((ending) => ending === each).length);
  table.push([name, endings.length, ...counts]);
  return broken;
}

function* faultsOf(way: Way, calls: number, steps: Steps, least: number): Generator<Fault> {
  for (const [errno, step] of Object.entries(steps) as [keyof Steps, number][]) {
    for (let at = SEED % least; at < calls; at += step * least) yield { ...way, at, errno };
  }
}
