import { afterAll, expect, it } from "vitest";
import { MOST_HELD_BYTES, reportOnHistory } from "../../../../src/node/judge/history/verify-history.ts";
import type { Progress } from "../../../../src/node/system/runtime/progress.ts";
import { type BundleRecipe, sha256 } from "../../../support/bundles/bundle.ts";
import { HistoryScene, linked } from "../../../support/bundles/history-scene.ts";
import { factsOf } from "../../../support/command/cli.ts";

const LARGE = 8 * 1024 * 1024;

/** So many that none is held. */
const COUNT = MOST_HELD_BYTES / LARGE + 2;

const RECIPE: BundleRecipe = { taskSpec: { note: "n".repeat(LARGE) }, outputs: { "out/same": "same" } };

const scene = new HistoryScene();
for (let number = 0; number < COUNT; number++) scene.seal(sha256(`run ${number}`).slice(0, 12), RECIPE);

afterAll(() => scene[Symbol.dispose]());

/** What comes of the line when something happens between the two readings. */
async function verdictAfter(happen: () => void) {
  const progress: Progress = {
    begin: (phase) => {
      if (phase === "verify") happen();
    },
    beginWhole: () => undefined,
    end: () => undefined,
  };
  const read = await reportOnHistory({ root: scene.root, environment: scene.env, progress });
  if (!read.ok) throw new Error(read.code);
  expect(read.value.history.findings).toEqual([]);
  return read.value.verdict;
}

it("a history whose documents are too large to be held is verified all the same", async () => {
  const verdict = await verdictAfter(() => undefined);
  if (verdict?.ok !== true) throw new Error(verdict?.code);
  expect(verdict.value.bundles.map(({ runId }) => runId)).toEqual(scene.line.map(({ runId }) => runId));
});

/** Of the history the last run in the order of names. */
function lastRead(): { readonly place: number; readonly runId: string } {
  const runIds = scene.line.map(({ runId }) => runId);
  const runId = runIds.toSorted().at(-1) ?? "";
  return { place: runIds.indexOf(runId), runId };
}

it.each<[string, () => void]>([
  ["is another bundle", () => swapFor({ ...RECIPE, taskSpec: { note: "other" } })],
  ["is signed the same, and has another proof", () => swapFor({ ...RECIPE, proof: { note: "other" } })],
  ["is rejected", () => scene.write({ [`.runseal/runs/${lastRead().runId}/SIGNATURE.json`]: "{}" })],
  ["is gone", () => scene.drop(lastRead().runId)],
])(
  "a run that is not held, and %s when it is read again, changed while it was read",
  async (_what, happen) => {
    const { place } = lastRead();
    const bundle = scene.line[place];
    const verdict = await verdictAfter(happen);
    if (bundle !== undefined) scene.put(bundle);
    expect(verdict).toMatchObject({ ok: false, code: "CHANGED_WHILE_READ" });
  },
);

it("a project with many large planted bundles is read in little memory", async () => {
  using project = new HistoryScene();
  project.seal("honest", { outputs: { "out/same": "same" } });
  const foreign = 36;
  for (let number = 0; number < foreign; number++)
    project.put(linked(`foreign-${number}`, undefined, RECIPE));
  const env = { ...project.env, NODE_OPTIONS: "--max-old-space-size=200" };
  const end = await project.run(["verify", "--history", "--any-signer", "--json"], { env });
  expect(factsOf(end)).toMatchObject({ ok: false, code: "HISTORY_FOREIGN" });
});

function swapFor(recipe: BundleRecipe): void {
  const { place, runId } = lastRead();
  scene.put(linked(runId, scene.line[place - 1], recipe));
}
