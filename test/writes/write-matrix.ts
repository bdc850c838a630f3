/**
 * One command, with each fault at each of its writing calls, judged.
 *
 * @module
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type CountedCall,
  type Fault,
  type FaultedEnd,
  type FaultMode,
  runFaulted,
} from "./faulted-process.ts";
import { Photographer } from "./photo.ts";
import { WriteCell } from "./write-cell.ts";

/** How the command ended that a fault met; `fault` is undefined for the run without one. */
export interface Ended extends FaultedEnd {
  readonly fault: Fault | undefined;
}

/** A command, the folder in which it begins, and what must hold after any fault. */
export interface WriteScenario {
  readonly name: string;
  readonly prepare: (cell: WriteCell) => Promise<void>;
  readonly args: (cell: WriteCell) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What comes on stdin; default: nothing. */
  readonly input?: (cell: WriteCell) => string;
  /** Whether each run derives a key from a passphrase, which costs a second. */
  readonly isSlow?: boolean;
  /** What is wrong, in words; none where all is as it should be. May change the cell. */
  readonly judge: (cell: WriteCell, ended: Ended) => Promise<readonly string[]>;
}

/** Which faults to try, of all that there are. */
export type Choose = (faults: readonly Fault[], mode: FaultMode) => readonly Fault[];

/** What came of one command. */
export interface Tally {
  readonly calls: number;
  readonly kills: number;
  readonly tears: number;
  readonly errors: number;
  /** Different folders that were left, with the exit codes that came with them. */
  readonly states: number;
  readonly broken: readonly string[];
}

/** Calls that can need room on a disk; all can end in EIO. */
const NEEDS_ROOM = ["open", "write", "mkdir", "link", "symlink", "rename", "fsync", "bind", "ioctl"];

/** All faults of one mode. After a kill behind a call the folder is as before the next call: only the last one differs. */
export function faultsOf(mode: FaultMode, calls: readonly CountedCall[]): readonly Fault[] {
  const isPossible = ({ name }: CountedCall, index: number): boolean => {
    if (mode === "tear") return name === "write";
    if (mode === "kill-after") return index === calls.length - 1;
    return mode.startsWith("ENOSPC") ? NEEDS_ROOM.includes(name) : true;
  };
  return calls.flatMap((call, index) => (isPossible(call, index) ? [{ mode, at: index + 1 }] : []));
}

/** Tries all chosen faults, in as many cells at once as `lanes` says. */
export async function sweep(
  scenario: WriteScenario,
  options: {
    readonly library: string;
    readonly folder: string;
    readonly lanes: number;
    readonly modes: readonly FaultMode[];
    readonly choose: Choose;
  },
): Promise<Tally> {
  const { choose, folder, lanes, library, modes } = options;
  const sweeper = new Sweeper(scenario, library);
  const all = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => sweeper.openLane(join(folder, `lane-${lane}`))),
  );
  const [first] = all;
  if (first === undefined) throw new Error("there is no cell");
  const calls = await sweeper.count(first);
  const faults = modes.flatMap((mode) => choose(faultsOf(mode, calls), mode));
  const queue = [...faults];
  const work = async (lane: Lane): Promise<void> => {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
      await sweeper.strike(lane, fault, calls);
    }
  };
  await Promise.all(all.map(work));
  const count = (test: (mode: FaultMode) => boolean): number =>
    faults.filter(({ mode }) => test(mode)).length;
  return {
    calls: calls.length,
    kills: count((mode) => mode.startsWith("kill")),
    tears: count((mode) => mode === "tear"),
    errors: count((mode) => mode.startsWith("E")),
    states: sweeper.states,
    broken: sweeper.broken,
  };
}

interface Lane {
  readonly cell: WriteCell;
  readonly log: string;
}

class Sweeper {
  readonly broken: string[] = [];
  readonly #scenario: WriteScenario;
  readonly #library: string;
  readonly #judged = new Map<string, Promise<readonly string[]>>();
  #photographer: Photographer | undefined;

  constructor(scenario: WriteScenario, library: string) {
    this.#scenario = scenario;
    this.#library = library;
  }

  get states(): number {
    return this.#judged.size;
  }

  async openLane(folder: string): Promise<Lane> {
    mkdirSync(folder, { recursive: true });
    const cell = new WriteCell(folder);
    await this.#scenario.prepare(cell);
    this.#photographer ??= new Photographer(cell.folder);
    cell.keep();
    return { cell, log: join(folder, "log") };
  }

  /** Lists the calls of the command without a fault, which must succeed and be judged sound. */
  async count({ cell, log }: Lane): Promise<readonly CountedCall[]> {
    const end = await this.#run({ cell, log }, undefined);
    if (end.exitCode !== 0) throw new Error(`not even without a fault: ${end.stderr}`);
    const problems = await this.#scenario.judge(cell, { ...end, fault: undefined });
    if (problems.length > 0) throw new Error(`not even without a fault: ${problems.join("; ")}`);
    return end.calls;
  }

  async strike(lane: Lane, fault: Fault, calls: readonly CountedCall[]): Promise<void> {
    const end = await this.#run(lane, fault);
    const struck = calls[fault.at - 1];
    const problems = [...wrongEnds(end, fault), ...(await this.#judge(lane.cell, { ...end, fault }))];
    if (problems.length === 0) return;
    const path = struck?.path.replace(/^.*\/cell/, "") ?? "";
    this.broken.push(`${fault.mode} at ${fault.at}, ${struck?.name} ${path}: ${problems.join("; ")}`);
  }

  #run({ cell, log }: Lane, fault: Fault | undefined): Promise<FaultedEnd> {
    cell.reset();
    const { args, env = {}, input } = this.#scenario;
    const stdin = input === undefined ? {} : { input: Buffer.from(input(cell)) };
    const setting = { cwd: cell.project, env: { ...cell.env, ...env }, below: cell.folder, log, ...stdin };
    return runFaulted(this.#library, args(cell), setting, fault);
  }

  /** Judges a folder once, wherever else it occurs with the same end. */
  #judge(cell: WriteCell, ended: Ended): Promise<readonly string[]> {
    const kind = ended.fault?.mode.endsWith("+") === true ? "lasting" : "once";
    const key = `${ended.exitCode} ${kind}\n${this.#photographer?.take(cell.folder)}`;
    const known = this.#judged.get(key);
    if (known !== undefined) return known;
    const judged = this.#scenario.judge(cell, ended);
    this.#judged.set(key, judged);
    return judged;
  }
}

/** What no command may do, whatever it writes. */
function wrongEnds({ calls, exitCode, stderr }: FaultedEnd, { at, mode }: Fault): readonly string[] {
  const problems: string[] = [];
  if (calls.length < at) problems.push(`ended after ${calls.length} calls, before the fault`);
  const isKilled = mode === "tear" || mode.startsWith("kill");
  if (isKilled !== (exitCode === null)) problems.push(`ended with ${exitCode ?? "a signal"}`);
  if (exitCode === 70) problems.push("exit 70 for an error of the system");
  if (/\n\s+at .+:\d+:\d+|node:internal|UnhandledPromise/.test(stderr)) problems.push("shows a stack trace");
  return problems;
}
