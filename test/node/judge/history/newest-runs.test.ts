import { utimesSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findEarlierRun } from "../../../../src/node/judge/history/earlier-run.ts";
import { judgeHistory } from "../../../../src/node/judge/history/verify-history.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { HistoryScene, linked } from "../../../support/bundles/history-scene.ts";

const COUNT = 40;

let scene: HistoryScene;

beforeEach(() => {
  scene = new HistoryScene();
  // No order of names is that of the line.
  for (let number = 0; number < COUNT; number++) {
    const sealed_at = `2026-11-25T01:02:${String(number).padStart(2, "0")}Z`;
    scene.seal(sha256(`run ${number}`).slice(0, 12), { bind: (right) => ({ ...right, sealed_at }) });
    touch(number, number);
  }
});

afterEach(() => scene[Symbol.dispose]());

/** Sets the time of a run's folder, in seconds. */
function touch(place: number, seconds: number): void {
  utimesSync(scene.at(".runseal/runs", idAt(place)), seconds, seconds);
}

const idAt = (place: number): string => scene.line[place]?.runId ?? "";

/** The newest runs of the line, how many bundles were read for them, and what does not fit. */
async function newest(count: number) {
  let read = 0;
  const begin = (_phase: string, { bundles = 0 }: { readonly bundles?: number | undefined }): void => {
    read = bundles;
  };
  const progress = { begin, beginWhole: () => undefined, end: () => undefined };
  const judged = await judgeHistory({ root: scene.root, environment: scene.env, newest: count, progress });
  if (!judged.ok) throw new Error(judged.code);
  const { history, unread } = judged.value;
  return {
    ids: history.line.map(({ runId }) => runId),
    codes: history.findings.map(({ code }) => code),
    read,
    unread,
  };
}

describe("the newest runs of a long history", () => {
  it("are judged without the others, but for the one before them", async () => {
    const ids = scene.line.slice(-5).map(({ runId }) => runId);
    expect(await newest(5)).toEqual({ ids, codes: [], read: 6, unread: COUNT - 5 });
  });

  it("are found in a copy whose folders have other times", async () => {
    for (let place = 0; place < COUNT; place++) touch(place, COUNT - place);
    const ids = scene.line.map(({ runId }) => runId);
    expect(await newest(5)).toEqual({ ids, codes: [], read: COUNT, unread: 0 });
  });

  it("are judged without an old one that was touched since", async () => {
    touch(3, COUNT + 1);
    expect(await newest(5)).toMatchObject({ codes: [], read: 24, unread: COUNT - 5 });
  });

  it.each([
    ["one of them is missing", () => scene.drop(idAt(COUNT - 3)), "HISTORY_GAP"],
    ["the one before them is missing", () => scene.drop(idAt(COUNT - 6)), "HISTORY_GAP"],
    [
      "one of them is not as it was signed",
      () => scene.write({ [`.runseal/runs/${idAt(COUNT - 3)}/STATUS.json`]: "{}" }),
      "HISTORY_GAP",
    ],
    ["another one follows the same", () => scene.put(linked("fork", scene.line[COUNT - 3])), "HISTORY_FORK"],
    ["HEAD was set back", () => scene.setHead(lineAt(COUNT - 2)), "HISTORY_ROLLED_BACK"],
    [
      "the remembered head is another one",
      () => scene.remember(linked("gone", scene.line[2])),
      "HISTORY_TRUNCATED",
    ],
  ])("are judged with all others where %s", async (_what, happen, code) => {
    happen();
    const { codes, unread } = await newest(5);
    expect(codes).toContain(code);
    expect(unread).toBe(0);
  });

  it("lead to an earlier run by its number", () => {
    expect(findEarlierRun(scene.root, scene.env, 7)).toEqual({ ok: true, value: idAt(COUNT - 8) });
  });
});

function lineAt(place: number) {
  const bundle = scene.line[place];
  if (bundle === undefined) throw new Error("the line is shorter");
  return bundle;
}
