/**
 * Cuts the power of an act at every point, and looks what `recover` makes of each disk that this can leave.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { nodeFileSystem } from "../../../src/node/system/files/file-system.ts";
import { type DiskImage, listDisk, photograph } from "../files/disk-image.ts";
import type { Choose } from "../rings/matrix.ts";
import type { FaultScenes, Outcome, Scenario } from "./fault-scenes.ts";
import { disksAfter, type Effort } from "./power-model.ts";
import type { Take } from "./power-takes.ts";

/** What came of cuts. */
export interface Tally {
  cuts: number;
  /** Disks that differ in more than random names and times. */
  disks: number;
  nothing: number;
  everything: number;
  readonly broken: string[];
}

/** Of what is cut only a part. */
export interface Bounds {
  /** An fsync that the engine is pretended not to have made. */
  readonly omitted?: string;
  /** As soon as so many are broken, it is enough. */
  readonly enough?: number;
  /** Which points, beside the last one. */
  readonly choose?: Choose;
}

interface Verdict {
  readonly end: "nothing" | "everything" | "broken";
  readonly why: string;
}

/** Cuts the power of takes, and remembers what became of each disk. */
export class PowerCutter {
  readonly #scenes: FaultScenes;
  /** By the ends of a scenario and the disk. */
  readonly #verdicts = new Map<string, Verdict>();

  constructor(scenes: FaultScenes) {
    this.#scenes = scenes;
  }

  /** Cuts one after the other, each at every point. */
  async cutAll(
    takes: Iterable<Take> | AsyncIterable<Take>,
    effort: Effort,
    bounds: Bounds = {},
  ): Promise<Tally> {
    const { enough = Number.POSITIVE_INFINITY } = bounds;
    const tally: Tally = { cuts: 0, disks: 0, nothing: 0, everything: 0, broken: [] };
    const seen = new Set<string>();
    for await (const take of takes) {
      for (const point of pointsOf(take, bounds)) {
        tally.cuts++;
        for (const disk of disksAfter({ trace: take.trace, point, omitted: bounds.omitted }, effort)) {
          await this.#visit(take, point, disk, seen, tally);
        }
        if (tally.broken.length >= enough) return tally;
      }
    }
    return tally;
  }

  async #visit(take: Take, point: number, disk: DiskImage, seen: Set<string>, tally: Tally): Promise<void> {
    const { from, reached, scenario, trace } = take;
    const isOver = point === trace.changes.length;
    const key = keyOf(scenario, disk);
    if (seen.has(key) && !isOver) return;
    const { end, why } = await this.#judge(scenario, disk, key);
    const what = `${scenario.name}, changes ${from} to ${point}`;
    if (!seen.has(key)) {
      tally.disks++;
      if (end === "broken") tally.broken.push(`${what}: ${why}`);
      else tally[end]++;
    }
    seen.add(key);
    if (isOver && end !== "broken" && reached !== undefined && scenario[end] !== reached) {
      tally.broken.push(`${what}: it had said that it is over, and it is ${end}`);
    }
  }

  /** Recovers a disk, and looks. */
  async #judge(scenario: Scenario, disk: DiskImage, key: string): Promise<Verdict> {
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = await this.#scenes.use(disk, async (container) => {
      const outcome = await scenario.recover(container, nodeFileSystem);
      return verdictOf(scenario, outcome, photograph(container));
    });
    this.#verdicts.set(key, verdict);
    return verdict;
  }
}

/** The points at which the power is cut. */
function pointsOf(
  { from, trace: { changes } }: Take,
  { choose = (points) => points, enough = Number.POSITIVE_INFINITY, omitted }: Bounds,
): readonly number[] {
  // Before the fsync that is left out, the disks are those of the whole act. Where one broken disk is enough, these are skipped.
  const first = changes.findIndex((change) => "site" in change && change.site === omitted);
  const start = Number.isFinite(enough) && first > from ? first : from;
  const points = [...changes.keys()].slice(start);
  return [...choose(points), changes.length];
}

/** Every so-manieth of the different disks that cuts of an act can leave. */
export function* sampleDisks(
  { from, scenario, trace }: Take,
  effort: Effort,
  step: number,
): Generator<DiskImage> {
  const seen = new Set<string>();
  for (let point = from; point <= trace.changes.length; point++) {
    for (const disk of disksAfter({ trace, point, omitted: undefined }, effort)) {
      const key = keyOf(scenario, disk);
      if (!seen.has(key) && seen.size % step === 0) yield disk;
      seen.add(key);
    }
  }
}

function keyOf({ everything, nothing }: Scenario, disk: DiskImage): string {
  const text = [nothing, everything, ...listDisk(disk)].join("\n");
  return createHash("sha256").update(text).digest("base64");
}

function verdictOf({ everything, nothing }: Scenario, outcome: Outcome, disk: DiskImage): Verdict {
  const lines = listDisk(disk);
  const found = lines.join("\n");
  const end = found === nothing ? "nothing" : found === everything ? "everything" : undefined;
  if (!outcome.ok) return broken(`recover ends with ${outcome.code}`);
  if (end === undefined) return broken(`a mixture: ${names(lines)}`);
  for (const recovery of outcome.recovered) {
    if (recovery.act === undefined) continue;
    if (recovery.end !== end)
      return broken(`recover says ${recovery.end} of ${recovery.act}, and it is ${end}`);
  }
  return { end, why: "" };
}

function broken(why: string): Verdict {
  return { end: "broken", why };
}

function names(lines: readonly string[]): string {
  return lines.map((line) => line.slice(0, 60)).join(" | ");
}
