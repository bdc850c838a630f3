import { chmodSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RestoreRequest } from "../../../../src/node/back/restore/restore-bundle.ts";
import type { RestoreOutcome } from "../../../../src/node/back/restore/target/restore-outcome.ts";
import { type FileSystem, nodeFileSystem } from "../../../../src/node/system/files/file-system.ts";
import type { Progress } from "../../../../src/node/system/runtime/progress.ts";
import { changesOf, Scene, UNCHANGED } from "../../../support/faults/restore-scene.ts";

/** Threads are called from 1,024 on. */
const FILES = 1200;

const pathOf = (index: number): string => `d${index % 50}/e/f${index}.txt`;

/** In the order in which they are restored. */
const PATHS: readonly string[] = Array.from({ length: FILES }, (_, index) => pathOf(index)).sort();

function manyOutputs(): Record<string, string> {
  return Object.fromEntries(PATHS.map((path, index) => [path, `${path}\n`.repeat(index % 40)]));
}

/** Any port but the system's own: one thread does all of it. */
const ALONE: FileSystem = { ...nodeFileSystem };

interface Shared {
  readonly outcome: RestoreOutcome;
  readonly threads: number;
}

/** What is done meanwhile: as soon as threads were called, which is when it is planned, or when staging begins. */
type Meddling = Readonly<Partial<Record<"plan" | "stage", () => void>>>;

/** Restores with threads while another process meddles. */
async function restoreShared(
  scene: Scene,
  target: string,
  over: Partial<RestoreRequest> = {},
  meddling: Meddling = {},
): Promise<Shared> {
  let threads = 0;
  const hear = (): void => {
    if (threads++ === 0) meddling.plan?.();
  };
  const progress: Progress = {
    begin: (phase) => {
      if (phase === "stage") meddling.stage?.();
    },
    beginWhole: () => undefined,
    end: () => undefined,
  };
  process.on("worker", hear);
  try {
    return { outcome: await scene.restore(target, undefined, { jobs: 3, progress, ...over }), threads };
  } finally {
    process.off("worker", hear);
  }
}

describe("a restore of many files, which threads share", () => {
  it.each([
    ["an existing root", {}],
    ["a new root", { mkdir: true }],
    ["a part (--only)", { only: ["d1", "d2", "d3", ...PATHS.slice(0, 1100)] }],
  ])("leaves what one thread leaves: bytes, modes, artifacts (%s)", async (_what, over) => {
    using scene = new Scene(manyOutputs());
    for (const path of PATHS.slice(0, 300)) chmodSync(scene.source(path), 0o755);
    const [one, other] = "mkdir" in over ? [scene.newTarget(), scene.newTarget()] : twoTargets(scene);
    const shared = await changesOf(`${one}/..`, () => restoreShared(scene, one, over));
    const alone = await changesOf(`${other}/..`, () => scene.restore(other, ALONE, over));
    expect(shared.value.threads).toBe(2);
    expect(shared.value.outcome).toMatchObject({ ok: true, isClean: true });
    expect(shared.value.outcome).toEqual(alone.value);
    expect(below(shared.change, one)).toEqual(below(alone.change, other));
  });

  it.each([
    ["an existing root", false],
    ["a new root", true],
  ])("notices a source that was changed meanwhile, the first in their order (%s)", async (_what, mkdir) => {
    using scene = new Scene(manyOutputs());
    const target = mkdir ? scene.newTarget() : scene.existingTarget();
    const change = (): void => {
      // As long as before: only its digest tells.
      for (const path of [PATHS[1199], PATHS[819]]) {
        writeFileSync(
          scene.source(path ?? ""),
          `${path}\n`.toUpperCase().repeat(path === PATHS[819] ? 19 : 39),
        );
      }
    };
    const { change: changed, value } = await changesOf(mkdir ? `${target}/..` : target, () =>
      restoreShared(scene, target, { mkdir }, { stage: change }),
    );
    expect(value.threads).toBe(2);
    expect(value.outcome).toMatchObject({
      code: "RESTORE_STAGING_HASH_MISMATCH",
      phase: "EXECUTE",
      details: { path: PATHS[819] },
    });
    expect(changed).toEqual(UNCHANGED);
  });

  it.each([
    ["goes away", (_path: string): void => undefined, "RESTORE_SOURCE_MISSING"],
    [
      "becomes a link",
      (path: string): void => symlinkSync("/etc/hostname", path),
      "RESTORE_SOURCE_NOT_REGULAR_FILE",
    ],
  ] as const)(
    "is refused when a source %s, the first in their order, and nothing is written",
    async (_what, make, code) => {
      using scene = new Scene(manyOutputs());
      const target = scene.existingTarget();
      const replace = (): void => {
        for (const path of [PATHS[1199], PATHS[819]]) {
          const source = scene.source(path ?? "");
          rmSync(source);
          make(source);
        }
      };
      const { change, value } = await changesOf(target, () =>
        restoreShared(scene, target, {}, { plan: replace }),
      );
      expect(value.threads).toBe(2);
      expect(value.outcome).toMatchObject({ code, phase: "PLAN", wrote: false });
      expect(value.outcome).toHaveProperty("details", { path: PATHS[819] });
      expect(change).toEqual(UNCHANGED);
    },
  );

  it.each(["plan", "stage"] as const)(
    "is rolled back when it is interrupted, and no thread writes any more (%s)",
    async (moment) => {
      using scene = new Scene(manyOutputs());
      const target = scene.existingTarget();
      const stop = new AbortController();
      const { change } = await changesOf(target, async () => {
        const abort = (): void => stop.abort();
        const meddling = moment === "plan" ? { plan: abort } : { stage: abort };
        const restored = restoreShared(scene, target, { signal: stop.signal }, meddling);
        await expect(restored).rejects.toThrow("interrupted");
      });
      expect(change).toEqual(UNCHANGED);
    },
  );

  it("calls no thread for a few files", async () => {
    using scene = new Scene();
    const { outcome, threads } = await restoreShared(scene, scene.existingTarget());
    expect(outcome.ok).toBe(true);
    expect(threads).toBe(0);
  });
});

function twoTargets(scene: Scene): readonly [string, string] {
  return [scene.existingTarget(), scene.existingTarget()];
}

/** What changed, by paths below the target. */
function below(change: { readonly added: object }, target: string): object {
  const name = `${target.slice(target.lastIndexOf("/") + 1)}/`;
  const added = Object.entries(change.added).map(([path, node]) => [path.replace(name, ""), node] as const);
  return { ...change, added: Object.fromEntries(added) };
}
