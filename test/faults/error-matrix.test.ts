import { afterAll, describe, expect, it } from "vitest";
import { type Ending, type ErrorScenario, runCell } from "../support/faults/error-cell.ts";
import { errorControl, errorScenarios } from "../support/faults/error-scenarios.ts";
import { FaultScenes } from "../support/faults/fault-scenes.ts";
import type { Fault } from "../support/files/faulty-file-system.ts";
import { Matrix } from "../support/rings/matrix.ts";

type Way = Omit<Fault, "at" | "errno">;

const ERRORS = ["EIO", "ENOSPC", "EACCES", "EMFILE"] as const;

/** So many faults of a row that CI tries. */
const BUDGET = 128;

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

/** A disk that is full from then on: names can be removed, and none be made by a rename. */
const FULL: readonly Way[] = [{ kind: "change", when: "before", persists: false, fills: true }];

const ENDINGS: readonly Ending[] = ["nothing", "everything", "in doubt", "to recover", "broken"];

const scenes = await FaultScenes.make();
const scenarios = await errorScenarios(scenes);
const control = await errorControl(scenes);
const matrix = new Matrix(`errors: ${ERRORS.join(", ")}`, ["cells", ...ENDINGS]);

afterAll(() => {
  scenes[Symbol.dispose]();
  matrix.print();
});

describe("every call fails, and what is said is what is on the disk (PROTOCOL 13.7)", () => {
  it.each(scenarios)("$name, one call fails", async (scenario) => {
    const name = `${scenario.name}, once`;
    const endings = await tryAll(scenario, matrix.draw(name, await faultsOf(scenario, ONCE), BUDGET));
    matrix.row(name, ...countsOf(endings));
    expect(endings.flatMap(({ broken }) => broken)).toEqual([]);
  });

  it.each(scenarios)("$name, one call fails and all after it", async (scenario) => {
    const name = `${scenario.name}, from then on`;
    const endings = await tryAll(scenario, matrix.draw(name, await faultsOf(scenario, FROM_THEN_ON), BUDGET));
    matrix.row(name, ...countsOf(endings));
    expect(endings.flatMap(({ broken }) => broken)).toEqual([]);
  });

  it.each(scenarios)("$name, one call fails on a full disk: nothing is left to recover", async (scenario) => {
    const name = `${scenario.name}, full`;
    const endings = await tryAll(scenario, matrix.draw(name, await faultsOf(scenario, FULL), BUDGET));
    matrix.row(name, ...countsOf(endings));
    expect(endings.flatMap(({ broken }) => broken)).toEqual([]);
    if (!scenario.recovers) expect(endings.filter(({ ending }) => ending === "to recover")).toEqual([]);
  });

  it("finds a restore that stages and renames without a journal broken", async () => {
    const endings = await tryAll(control, await faultsOf(control, ONCE));
    matrix.control(control.name, ...countsOf(endings));
    expect(endings.flatMap(({ broken }) => broken)).not.toEqual([]);
  });
});

interface CellEnd {
  readonly ending: Ending;
  readonly broken: readonly string[];
}

/** All faults of some ways, at each call. */
async function faultsOf(scenario: ErrorScenario, ways: readonly Way[]): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for (const way of ways) {
    const undisturbed = await runCell(scenes, scenario, {
      ...way,
      at: Number.POSITIVE_INFINITY,
      errno: "EIO",
    });
    if (undisturbed.ending !== "everything") throw new Error(`not even without a fault: ${undisturbed.why}`);
    for (const errno of ERRORS) for (const at of undisturbed.calls.keys()) faults.push({ ...way, at, errno });
  }
  return faults;
}

async function tryAll(scenario: ErrorScenario, faults: readonly Fault[]): Promise<readonly CellEnd[]> {
  const ends: CellEnd[] = [];
  for (const fault of faults) {
    const { calls, ending, why } = await runCell(scenes, scenario, fault);
    const broken = ending === "broken" ? [`${JSON.stringify(fault)} ${calls[fault.at]}: ${why}`] : [];
    ends.push({ ending, broken });
  }
  return ends;
}

function countsOf(ends: readonly CellEnd[]): readonly number[] {
  return [ends.length, ...ENDINGS.map((each) => ends.filter(({ ending }) => ending === each).length)];
}
