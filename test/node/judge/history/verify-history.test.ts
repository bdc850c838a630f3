import { rmSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { reportOnHistory } from "../../../../src/node/judge/history/verify-history.ts";
import type { Progress } from "../../../../src/node/system/runtime/progress.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { HistoryScene, linked } from "../../../support/bundles/history-scene.ts";
import { ofRing } from "../../../support/rings/ring.ts";

/** Long enough that a second thread has started while the first half is looked at. */
const COUNT = 1200;

const scene = new HistoryScene();
for (let number = 0; number < COUNT; number++) {
  // No order of names is that of the line.
  scene.seal(sha256(`run ${number}`).slice(0, 12), { outputs: { "out/same": "same" } });
}

afterAll(() => scene[Symbol.dispose]());

/** Which phases were begun, and of how many bundles. */
class Phases implements Progress {
  readonly begun: unknown[] = [];
  begin(phase: string, { bundles }: { readonly bundles?: number | undefined }): void {
    this.begun.push([phase, bundles]);
  }
  beginWhole(phase: string): void {
    this.begun.push([phase]);
  }
  end(): void {
    // Nothing is shown.
  }
}

async function verify(jobs: number, progress?: Progress) {
  return await reportOnHistory({ root: scene.root, environment: scene.env, jobs, progress });
}

/** The same, of a history that was read. */
async function verified(jobs: number, progress?: Progress) {
  const read = await verify(jobs, progress);
  if (!read.ok) throw new Error(read.code);
  const { findings, line, places } = read.value.history;
  return { findings, line, places, verdict: read.value.verdict };
}

const idAt = (place: number): string => scene.line[place]?.runId ?? "";
const pathOf = (place: number, name: string): string => scene.at(".runseal/runs", idAt(place), name);

/** Puts a run of the history back as it was. */
function mend(place: number): void {
  const bundle = scene.line[place];
  if (bundle !== undefined) scene.put(bundle);
}

describe.each(ofRing([2], [1, 2]))("a long history, with %i threads at most", (jobs) => {
  it("is put in order by its links, and verified as a chain", async () => {
    const progress = new Phases();
    const { findings, verdict } = await verified(jobs, progress);
    expect(findings).toEqual([]);
    if (verdict?.ok !== true) throw new Error(verdict?.code);
    expect(verdict.value.bundles.map(({ runId }) => runId)).toEqual(scene.line.map(({ runId }) => runId));
    expect(progress.begun).toEqual([
      ["read", COUNT],
      ["verify", COUNT],
    ]);
  });

  it("reports each rejected run, and reads none of its outputs", async () => {
    const places = [3, 700, COUNT - 1];
    writeFileSync(pathOf(3, "SIGNATURE.json"), scene.line[0]?.artifacts["SIGNATURE.json"] ?? "");
    rmSync(pathOf(700, "PROOF.json"));
    writeFileSync(pathOf(COUNT - 1, "SIGNATURE.json"), "{}");
    const progress = new Phases();
    const { findings, verdict } = await verified(jobs, progress);
    for (const place of places) mend(place);
    expect(verdict).toBeUndefined();
    expect(progress.begun).toEqual([["read", COUNT]]);
    const rejected = findings.flatMap((finding) =>
      finding.code === "RUN_REJECTED" ? [[finding.run.runId, finding.run.failure?.code]] : [],
    );
    expect(new Map(rejected as [string, string][])).toEqual(
      new Map([
        [idAt(3), "SIGNATURE_INVALID"],
        [idAt(700), "ARTIFACT_MISSING"],
        [idAt(COUNT - 1), "SIGNATURE_INCOMPLETE"],
      ]),
    );
  });

  it("ends with the first run of the history whose outputs are not as sealed", async () => {
    writeFileSync(scene.at("out/same"), "other");
    const { findings, verdict } = await verified(jobs);
    writeFileSync(scene.at("out/same"), "same");
    expect(findings).toEqual([]);
    expect(verdict).toMatchObject({ ok: false, code: "HASH_MISMATCH", details: { run_id: idAt(0) } });
  });

  it("does not ask for the outputs of runs outside the history", async () => {
    const last = scene.line.at(-1);
    const failed = linked("failed", last, { status: { status: "failure" }, outputs: { "out/gone": "x" } });
    const started = linked("started", last, { outputs: { "out/gone": "x" } });
    for (const bundle of [failed, started]) scene.put(bundle);
    scene.announce(started);
    rmSync(scene.at("out/gone"));
    const { findings, places, verdict } = await verified(jobs);
    for (const { runId } of [failed, started]) scene.drop(runId);
    rmSync(scene.at(".runseal/pending"));
    expect(findings).toEqual([]);
    const outside = [...places].filter(([, place]) => place !== "line");
    expect(new Map(outside.map(([run, place]) => [run.runId, place]))).toEqual(
      new Map([
        ["failed", "beside"],
        ["started", "unfinished"],
      ]),
    );
    expect(verdict).toMatchObject({ ok: true });
  });

  it("stops when the signal fires, at any moment", async () => {
    for (const milliseconds of [1, 30, 100, 200]) {
      const signal = AbortSignal.timeout(milliseconds);
      const end = reportOnHistory({ root: scene.root, environment: scene.env, jobs, signal });
      const last = await end.then(
        () => "ended",
        ({ name }) => name,
      );
      // How far it comes until then varies; it must end in one of two ways.
      expect(milliseconds === 1 ? ["Interruption"] : ["ended", "Interruption"]).toContain(last);
    }
  });
});

it("a history is read anew where a seal ends while it is read", async () => {
  let hasSealed = false;
  const progress: Progress = {
    begin: (phase) => {
      if (phase !== "read" || hasSealed) return;
      hasSealed = true;
      scene.seal("sealed-meanwhile", { outputs: { "out/same": "same" } });
    },
    beginWhole: () => undefined,
    end: () => undefined,
  };
  const { findings, verdict } = await verified(2, progress);
  expect(findings).toEqual([]);
  expect(verdict).toMatchObject({ ok: true, value: { bundles: { length: COUNT + 1 } } });
});
