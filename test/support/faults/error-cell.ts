/**
 * One cell of the error matrix: an act with a fault, and whether what it says is what is on the disk.
 *
 * @module
 */

import { nodeFileSystem } from "../../../src/node/system/files/file-system.ts";
import { type DiskImage, listDisk, photograph, withoutOwn } from "../files/disk-image.ts";
import { type CallName, type Fault, faultyFileSystem } from "../files/faulty-file-system.ts";
import { endOf, type FaultScenes, type Outcome, type Scenario } from "./fault-scenes.ts";
import { openDescriptors } from "./restore-scene.ts";

/** What is acted on with faults. */
export interface ErrorScenario extends Scenario {
  /** Whether it finds something to recover: then a failure says only that there still may be something. */
  readonly recovers: boolean;
}

/** How a cell ended; `broken` where what was said is not what is there, or no recovery mends it. */
export type Ending = "nothing" | "everything" | "in doubt" | "to recover" | "broken";

/** One cell. */
export interface Cell {
  readonly ending: Ending;
  /** The calls of the fault's kind that were made, each of which may fail. */
  readonly calls: readonly CallName[];
  /** What was said, and what is wrong with that. */
  readonly why: string;
}

/** Acts once with a fault, and recovers without one where something is left. */
export function runCell(scenes: FaultScenes, scenario: ErrorScenario, fault: Fault): Promise<Cell> {
  return scenes.use(scenario.start, async (container) => {
    const { fs, calls } = faultyFileSystem(fault);
    const descriptors = openDescriptors().join();
    const said = await orThrown(scenario.act(container, fs));
    const faults = openDescriptors().join() === descriptors ? [] : ["a descriptor leaks"];
    const ending = await judge(scenario, container, said, faults);
    const why = `${tell(said)}: ${faults.join("; ")}`;
    return { ending: faults.length === 0 ? ending : "broken", calls, why };
  });
}

async function orThrown(act: Promise<Outcome>): Promise<Outcome | Error> {
  try {
    return await act;
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error("something else than an error");
  }
}

/** Judges what was said by what is there; what is wrong goes into `faults`. */
async function judge(
  scenario: ErrorScenario,
  container: string,
  said: Outcome | Error,
  faults: string[],
): Promise<Ending> {
  const claim = claimOf(said, scenario);
  if (claim === "broken") faults.push("that must not be said");
  if (claim === "broken" || claim === "nothing" || claim === "everything") {
    if (claim !== "broken") mustBe(photograph(container), scenario[claim], `${claim} was said`, faults);
    return claim;
  }
  if (claim !== "to recover") {
    mustBe(withoutOwn(photograph(container)), scenario.everything, "all is in place", faults);
  }
  const recovered = await scenario.recover(container, nodeFileSystem);
  if (!recovered.ok) faults.push(`then recover says ${recovered.code}`);
  const after = photograph(container);
  const isNothing = claim === "to recover" && endOf(after) === scenario.nothing;
  if (!isNothing) mustBe(after, scenario.everything, "it was recovered", faults);
  return claim === "unclean" ? "everything" : claim;
}

/** What was said of the disk; `unclean` is everything, but for names of our own that could not be removed. */
function claimOf(said: Outcome | Error, { recovers }: ErrorScenario): Ending | "unclean" {
  if (said instanceof Error) return "broken";
  if (said.ok) return "isClean" in said && !said.isClean ? "unclean" : "everything";
  if (said.code === "RESTORE_ROLLBACK_FAILED") return said.cause_code === null ? "broken" : "to recover";
  if (said.cause_code !== null) return "broken";
  if (said.code === "IN_DOUBT") return "in doubt";
  return recovers ? "to recover" : "nothing";
}

function mustBe(disk: DiskImage, expected: string, since: string, faults: string[]): void {
  if (endOf(disk) === expected) return;
  const [lines, wanted] = [listDisk(disk), expected.split("\n")];
  const added = lines.filter((line) => !wanted.includes(line)).map((line) => `+${line}`);
  const missing = wanted.filter((line) => !lines.includes(line)).map((line) => `-${line}`);
  faults.push(`${since}, but ${[...added, ...missing].map((line) => line.slice(0, 80)).join(" | ")}`);
}

function tell(said: Outcome | Error): string {
  if (said instanceof Error) return `it throws ${said.message}`;
  return said.ok ? "ok" : `${said.code} ${said.cause_code ?? ""}`.trim();
}
