/**
 * One cell of the error matrix: an act with a fault, and whether what it says is what is on the disk.
 *
 * @module
 */

import { nodeFileSystem } from "../../src/node/files/file-system.ts";
import { type CallName, type Fault, faultyFileSystem } from "../support/faulty-file-system.ts";
import { openDescriptors } from "../support/restore-scene.ts";
import { compareSnapshots, snapshotTree, type TreeSnapshot } from "../support/tree.ts";
import type { Outcome, Scenario, Workshop } from "./error-scenarios.ts";

/** How a cell ended; `broken` where what was said is not what is there, or no recovery mends it. */
export type Ending = "nothing" | "everything" | "in doubt" | "to recover" | "broken";

/** One cell. */
export interface Cell {
  readonly ending: Ending;
  /** The calls that were made, each of which may fail. */
  readonly calls: readonly CallName[];
  /** What was said, and why it is broken. */
  readonly why: string;
}

/** Runs a scenario once with a fault, and a recovery without one where something is left. */
export async function runCell(workshop: Workshop, scenario: Scenario, fault: Fault): Promise<Cell> {
  const { fs, calls } = faultyFileSystem(fault);
  return workshop.use(scenario.start, async (container) => {
    const descriptors = openDescriptors().join();
    const said = await outcomeOf(() => scenario.act(container, fs));
    const faults: string[] = [];
    if (openDescriptors().join() !== descriptors) faults.push("a descriptor leaks");
    const ending = await judge(scenario, container, said, faults);
    const why = `${tell(said)}: ${faults.join("; ")}`;
    return { ending: faults.length === 0 ? ending : "broken", calls, why };
  });
}

/** Judges what was said by what is there; what is wrong goes into `faults`. */
async function judge(
  scenario: Scenario,
  container: string,
  said: Outcome | "thrown",
  faults: string[],
): Promise<Ending> {
  const { everything, nothing } = scenario;
  const there = snapshotTree(container);
  const claim = claimOf(said, scenario);
  if (claim === "broken") return "broken";
  if (claim === "nothing") mustBe(there, nothing, "nothing was done", faults);
  if (claim === "everything") mustBe(there, everything, "everything is done", faults);
  if (claim === "nothing" || claim === "everything") return claim;
  if (claim !== "to recover") mustBe(withoutOwn(there), everything, "everything is in place", faults);

  const recovered = await scenario.recover(container, nodeFileSystem);
  if (!recovered.ok) faults.push(`then recover says ${recovered.code}`);
  const after = snapshotTree(container);
  const isNothing = claim === "to recover" && isSame(after, nothing);
  if (!isNothing) mustBe(after, everything, "recovery brings one of the two ends", faults);
  return claim === "unclean" ? "everything" : claim;
}

/** What an outcome claims of the disk; `unclean` is everything, but for a staging folder that could not be removed. */
function claimOf(said: Outcome | "thrown", { isRecovery }: Scenario): Ending | "unclean" {
  if (said === "thrown") return "broken";
  if (said.ok) return "isClean" in said && !said.isClean ? "unclean" : "everything";
  if (said.code === "RESTORE_ROLLBACK_FAILED") return said.cause_code === null ? "broken" : "to recover";
  if (said.cause_code !== null) return "broken";
  if (said.code === "RESTORE_IN_DOUBT") return "in doubt";
  // Whatever a recovery could not do, the next one does.
  return isRecovery ? "to recover" : "nothing";
}

async function outcomeOf(act: () => Promise<Outcome>): Promise<Outcome | "thrown"> {
  try {
    return await act();
  } catch (thrown) {
    if (thrown instanceof Error && "syscall" in thrown) return "thrown";
    throw thrown;
  }
}

function mustBe(there: TreeSnapshot, expected: TreeSnapshot, claim: string, faults: string[]): void {
  if (!isSame(there, expected)) {
    faults.push(`not so that ${claim}: ${JSON.stringify(compareSnapshots(expected, there))}`);
  }
}

/** Whether two pictures are the same, byte for byte and bit for bit of the modes. */
export function isSame(left: TreeSnapshot, right: TreeSnapshot): boolean {
  return left.size === right.size && JSON.stringify([...left]) === JSON.stringify([...right]);
}

/** All but the names that a restore keeps for itself. */
function withoutOwn(snapshot: TreeSnapshot): TreeSnapshot {
  return new Map([...snapshot].filter(([path]) => !/(^|\/)\.spectrum06_/.test(path)));
}

function tell(said: Outcome | "thrown"): string {
  if (said === "thrown") return "it throws";
  return said.ok ? "ok" : `${said.code} ${said.cause_code ?? ""}`.trim();
}
