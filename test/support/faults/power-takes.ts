/**
 * Whose power is cut: acts that are recorded, also those that fail, are killed, or come after a cut.
 *
 * @module
 */

import type { FileSystem } from "../../../src/node/system/files/file-system.ts";
import { type DiskImage, photograph, withoutOwn } from "../files/disk-image.ts";
import { type Call, interceptFileSystem, puts, systemError } from "../files/faulty-file-system.ts";
import { type Act, endOf, type FaultScenes, kill, type Scenario, useRestored } from "./fault-scenes.ts";
import { fsyncSite } from "./named-fsyncs.ts";
import { Recorder, type Trace } from "./power-trace.ts";
import { LAST_PUT } from "./revert-scene.ts";

/** What was done, from where on it is cut, and what was said at last to be so for good. */
export interface Take {
  readonly scenario: Scenario;
  readonly trace: Trace;
  /** The first change before which the power may be cut. */
  readonly from: number;
  /** Undefined where nothing was said, as when it could not be undone. */
  readonly reached: string | undefined;
}

const CHAIN_OF_TREES = "restore a chain of trees";
const REVERT = "revert";
const FAILING_REVERT = "revert that fails";

/** These leave more disks than all others together: of the recoveries after them, only every so-manieth is cut. */
const COSTLY: ReadonlySet<string> = new Set([CHAIN_OF_TREES, REVERT, FAILING_REVERT]);
const COSTLY_STEP = 5;

/** Every so-manieth of the recoveries that come after a take, where every `step`-th of those after others is cut. */
export function stepAfter({ scenario }: Take, step: number): number {
  return COSTLY.has(scenario.name) ? step * COSTLY_STEP : step;
}

/** After which of its changes an act may be killed: each, or every so-manieth one. */
export function killsOf({ trace }: Take, step: number): readonly number[] {
  return [...trace.changes.keys()].filter((changes) => changes > 0 && (changes - 1) % step === 0);
}

/** All that is done, one after the other. */
export async function powerScenarios(scenes: FaultScenes): Promise<readonly Scenario[]> {
  const { foreign, recoverNew } = scenes;
  // A file with a further name is where an undo could take a folder that is gone for one that was moved.
  const restored = await scenes.after(foreign, scenes.restoreTrees, useRestored);
  const restore = await scenes.scenario(CHAIN_OF_TREES, foreign, scenes.restoreTrees);
  const restoreNew = await scenes.scenario(
    "restore a chain of trees, new root",
    foreign,
    scenes.restoreTreesNew,
    recoverNew,
  );
  const undo = await scenes.scenario("undo a chain of trees", restored, scenes.undo);
  const revert = await scenes.scenario(REVERT, scenes.changed, scenes.revert);
  return [
    await scenes.scenario("the first restore of all", scenes.stateless, scenes.restore),
    await scenes.scenario("restore by clones", foreign, scenes.restoreClones),
    restore,
    restoreNew,
    revert,
    failing(FAILING_REVERT, revert, puts(LAST_PUT)),
    failing("restore that fails", restore, creates("committed")),
    failing("restore that fails, new root", restoreNew, isRename),
    failing("restore that can't clean up", restore, unlinks("journal")),
    failing("restore that can't clean up, new root", restoreNew, unlinks("journal")),
    failing("undo that is given up", undo, isFsync("declare-plan [root-after-staging]")),
    undo,
  ];
}

/** The same, while the first call that fits fails. */
function failing(name: string, scenario: Scenario, fits: (call: Call) => boolean): Scenario {
  const act: Act = (container, fs) => scenario.act(container, failingOnce(fits, fs));
  return { ...scenario, name, act };
}

function failingOnce(fits: (call: Call) => boolean, below: FileSystem): FileSystem {
  let isPending = true;
  return interceptFileSystem((call, proceed) => {
    if (!isPending || !fits(call)) return proceed();
    isPending = false;
    throw systemError("EIO", call.name);
  }, below);
}

function creates(name: string): (call: Call) => boolean {
  return (call) => call.name === "openSync" && call.address.endsWith(`/${name}`);
}

function unlinks(name: string): (call: Call) => boolean {
  return (call) => call.name === "unlinkSync" && call.address.endsWith(`/${name}`);
}

function isFsync(site: string): (call: Call) => boolean {
  return ({ name }) => name === "fsyncSync" && fsyncSite() === site;
}

function isRename({ address, name }: Call): boolean {
  return name === "renameSync" && address.endsWith("/root");
}

/** Records an undisturbed act. */
export function recordAct(scenes: FaultScenes, scenario: Scenario): Promise<Take> {
  return scenes.use(scenario.start, async (container) => {
    const recorder = new Recorder(container);
    const outcome = await scenario.act(container, recorder.fs);
    const isUnsure = !outcome.ok && outcome.code === "RESTORE_ROLLBACK_FAILED";
    const reached = isUnsure ? undefined : endOf(withoutOwn(photograph(container)));
    return { scenario, trace: recorder, from: 0, reached };
  });
}

/** Records recoveries after the act of a take was killed after so many changes: nothing of what it did is more durable then than it was. */
export async function* recordAfterKills(
  scenes: FaultScenes,
  { scenario }: Take,
  kills: readonly number[],
): AsyncGenerator<Take> {
  for (const changes of kills) {
    const recovery = await scenes.use(scenario.start, (container) =>
      recordAfterKill(scenario, container, changes),
    );
    if (recovery !== undefined) yield recovery;
  }
}

/** `undefined` where the act was over by then. */
async function recordAfterKill(
  scenario: Scenario,
  container: string,
  changes: number,
): Promise<Take | undefined> {
  const recorder = new Recorder(container);
  const isOver = (): boolean => recorder.changes.length >= changes;
  if (!(await kill(scenario.act, container, isOver, recorder.fs))) return undefined;
  return recordRecovery(scenario, container, recorder);
}

/** Records recoveries of disks that cuts of the act of a take left. */
export async function* recordAfterCuts(
  scenes: FaultScenes,
  { scenario }: Take,
  disks: Iterable<DiskImage>,
): AsyncGenerator<Take> {
  for (const disk of disks) {
    yield await scenes.use(disk, (container) => recordRecovery(scenario, container, new Recorder(container)));
  }
}

async function recordRecovery(scenario: Scenario, container: string, recorder: Recorder): Promise<Take> {
  const from = recorder.changes.length;
  const outcome = await scenario.recover(container, recorder.fs);
  if (!outcome.ok) throw new Error(`${scenario.name}: recover ends with ${outcome.code}`);
  return { scenario, trace: recorder, from, reached: endOf(photograph(container)) };
}
