import { describe, expect, it } from "vitest";
import { planRevert } from "../../../../src/core/back/restore/plan-revert.ts";
import type { RevertOutlook, RevertPlaces } from "../../../../src/core/back/restore/revert-outlook.ts";
import { type EntryState, isEmptyPlan } from "../../../../src/core/back/restore/revert-plan.ts";
import type { RevertChoice } from "../../../../src/core/back/restore/revert-set.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import {
  anyEditOf,
  anyModel,
  applyPlan,
  fileOf,
  linesOf,
  type ModelTree,
  modelOf,
  placesOf,
  snapshotOf,
  textOf,
} from "../../../support/bundles/model-tree.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

interface Trees {
  readonly before: ModelTree;
  readonly after: ModelTree;
  readonly now: ModelTree;
}

function plan(
  { after, before, now }: Trees,
  choice: RevertChoice = { changed: "refuse" },
  places: Partial<RevertPlaces> = {},
): RevertOutlook {
  const snapshots = { before: snapshotOf(before), after: snapshotOf(after), now: snapshotOf(now) };
  const planned = planRevert({ snapshots, choice, places: placesOf(now, places) }, nodeCrypto);
  if (!planned.ok) throw new Error(planned.code);
  return planned.value;
}

const folder = (mode = 0o755): EntryState => ({ kind: "folder", mode });
const link = (target: string): EntryState => ({ kind: "link", target });
const tree = (entries: Readonly<Record<string, EntryState>>): ModelTree => modelOf(Object.entries(entries));

/** The paths of which two trees differ. */
function setOf(before: ModelTree, after: ModelTree): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => textOf(before.get(path)) !== textOf(after.get(path)));
}

const pair = fc.tuple(anyModel, anyModel).map(([before, after]) => ({ before, after, now: after }));
const triple = anyModel.chain((before) =>
  anyEditOf(before).chain((after) => anyEditOf(after).map((now) => ({ before, after, now }))),
);

describe("plan of a revert: properties", () => {
  it("makes any tree what any other tree was", () => {
    fc.assert(
      fc.property(pair, (trees) => {
        const outlook = plan(trees);
        expect(outlook).toMatchObject({ blocked: [], changed: [], skipped: [], foldersLeft: [], already: 0 });
        expect(linesOf(applyPlan(outlook.plan, trees.now))).toEqual(linesOf(trees.before));
      }),
      { numRuns: runs(1000) },
    );
  });

  it("is empty once everything is as it was", () => {
    fc.assert(
      fc.property(pair, ({ after, before }) => {
        const outlook = plan({ before, after, now: before });
        expect(isEmptyPlan(outlook.plan)).toBe(true);
        expect(outlook).toMatchObject({ already: setOf(before, after).length, changed: [], blocked: [] });
      }),
      { numRuns: runs(400) },
    );
  });

  it("of a revert gives back what the revert took away", () => {
    fc.assert(
      fc.property(pair, ({ after, before, now }) => {
        const reverted = applyPlan(plan({ before, after, now }).plan, now);
        const redone = applyPlan(plan({ before: now, after: reverted, now: reverted }).plan, reverted);
        expect(linesOf(redone)).toEqual(linesOf(now));
      }),
      { numRuns: runs(400) },
    );
  });

  it("touches nothing that the run did not touch, and restores the rest where nothing is blocked", () => {
    fc.assert(
      fc.property(triple, (trees) => {
        const { after, before, now } = trees;
        const { blocked, foldersLeft, plan: planned, skipped } = plan(trees, { changed: "take" });
        expect(skipped).toEqual([]);
        if (blocked.length > 0) return;
        const end = applyPlan(planned, now);
        const set = new Set(setOf(before, after));
        for (const path of new Set([...before.keys(), ...now.keys(), ...end.keys()])) {
          // What was missing above an entry is made with the mode that it had.
          const isAbove = !now.has(path) && end.get(path)?.kind === "folder";
          const isGoal = (set.has(path) && !foldersLeft.includes(path)) || isAbove;
          expect([path, textOf(end.get(path))]).toEqual([path, textOf((isGoal ? before : now).get(path))]);
        }
      }),
      { numRuns: runs(1500) },
    );
  });

  it("names all that was changed since the run, and plans to skip just that", () => {
    fc.assert(
      fc.property(triple, (trees) => {
        const { after, before, now } = trees;
        const set = setOf(before, after);
        const isChanged = (path: string): boolean => {
          const [was, is] = [after.get(path), now.get(path)];
          if (textOf(is) === textOf(before.get(path)) || textOf(is) === textOf(was)) return false;
          const isGoing = before.get(path)?.kind !== "folder" && was?.kind === "folder";
          return !(isGoing && is?.kind === "folder");
        };
        const { blocked, changed, foldersLeft, plan: planned, skipped } = plan(trees, { changed: "skip" });
        expect(changed.map(({ path }) => path).sort()).toEqual(set.filter(isChanged).sort());
        if (blocked.length > 0) return;
        const end = applyPlan(planned, now);
        const stays = new Set([...skipped, ...foldersLeft]);
        for (const path of set) {
          const goal = stays.has(path) ? now : before;
          expect([path, textOf(end.get(path))]).toEqual([path, textOf(goal.get(path))]);
        }
      }),
      { numRuns: runs(1500) },
    );
  });

  it("changes nothing outside of a selection but the folders above it", () => {
    fc.assert(
      fc.property(
        triple.chain((trees) =>
          fc.tuple(fc.constant(trees), fc.constantFrom("", ...trees.before.keys(), ...trees.after.keys())),
        ),
        ([trees, only]) => {
          if (only === "") return;
          const { before, now } = trees;
          const { blocked, foldersLeft, plan: planned } = plan(trees, { changed: "take", only: [only] });
          if (blocked.length > 0) return;
          const end = applyPlan(planned, now);
          for (const path of new Set([...before.keys(), ...now.keys()])) {
            const isInside = path === only || path.startsWith(`${only}/`);
            const isMadeAbove = only.startsWith(`${path}/`) && !now.has(path) && end.has(path);
            if (isMadeAbove) expect(textOf(end.get(path))).toBe(textOf(before.get(path)));
            else if (!isInside) expect([path, textOf(end.get(path))]).toEqual([path, textOf(now.get(path))]);
            else if (setOf(trees.before, trees.after).includes(path) && !foldersLeft.includes(path))
              expect([path, textOf(end.get(path))]).toEqual([path, textOf(before.get(path))]);
          }
        },
      ),
      { numRuns: runs(1000) },
    );
  });
});

describe("plan of a revert", () => {
  it("moves aside what is replaced, and puts links after files", () => {
    const before = tree({ a: link("x"), b: fileOf("old"), c: fileOf("gone") });
    const after = tree({ a: fileOf("new"), b: fileOf("new"), d: fileOf("fresh") });
    expect(plan({ before, after, now: after }).plan).toEqual({
      moves: [
        { path: "a", expected: fileOf("new") },
        { path: "b", expected: fileOf("new") },
        { path: "d", expected: fileOf("fresh") },
      ],
      gone: [],
      modes: [],
      folders: [],
      puts: [
        { path: "b", state: { ...fileOf("old"), bytes: 1 } },
        { path: "c", state: { ...fileOf("gone"), bytes: 1 } },
        { path: "a", state: link("x") },
      ],
    });
  });

  it("says how a path was changed since the run", () => {
    const before = tree({
      a: fileOf("0"),
      b: fileOf("0"),
      c: fileOf("0"),
      d: fileOf("0"),
      e: link("0"),
      f: fileOf("0"),
    });
    const after = tree({ a: fileOf("1"), b: fileOf("1"), c: fileOf("1"), d: fileOf("1"), e: link("1") });
    const now = tree({ b: fileOf("2"), c: fileOf("1", 0o600), d: folder(), e: link("2"), f: fileOf("2") });
    expect(plan({ before, after, now }).changed).toEqual([
      { path: "a", change: "missing" },
      { path: "b", change: "other-bytes" },
      { path: "c", change: "other-mode" },
      { path: "d", change: "other-type" },
      { path: "e", change: "other-target" },
      { path: "f", change: "added" },
    ]);
  });

  it("leaves a folder that holds what no snapshot has", () => {
    const after = tree({ "a/b": fileOf("x") });
    const outlook = plan(
      { before: tree({}), after, now: after },
      { changed: "refuse" },
      { list: () => ["b", ".runseal"] },
    );
    expect(outlook.foldersLeft).toEqual(["a"]);
    expect(outlook.plan.gone).toEqual([]);
  });

  it("is blocked where a folder must become a file and holds something of others", () => {
    const [before, after] = [tree({ a: fileOf("x") }), tree({ "a/b": fileOf("x") })];
    const now = modelOf([...after, ["a/mine", fileOf("mine")]]);
    expect(plan({ before, after, now }).blocked).toEqual([{ path: "a", reason: "holds-others" }]);
  });

  it("skips the file that a folder must become if something in the folder is skipped", () => {
    const [before, after] = [tree({ a: fileOf("x") }), tree({ "a/b": fileOf("x") })];
    const now = tree({ "a/b": fileOf("mine") });
    expect(plan({ before, after, now }, { changed: "skip" })).toMatchObject({
      blocked: [],
      skipped: ["a", "a/b"],
      plan: { moves: [], gone: [], puts: [] },
    });
  });

  it("skips what has no folder because that was skipped", () => {
    const [before, after] = [tree({ "a/b": fileOf("x") }), tree({ a: fileOf("x") })];
    const now = tree({ a: fileOf("mine") });
    expect(plan({ before, after, now }, { changed: "skip" })).toMatchObject({
      blocked: [],
      skipped: ["a", "a/b"],
    });
  });

  it("makes missing folders above an entry that comes back", () => {
    const before = tree({ a: folder(0o700), "a/b": fileOf("x"), "a/c": fileOf("x") });
    const after = tree({ a: folder(0o700), "a/c": fileOf("x") });
    const outlook = plan({ before, after, now: tree({}) });
    expect(outlook).toMatchObject({
      changed: [],
      blocked: [],
      plan: { folders: [{ path: "a", mode: 0o700 }] },
    });
  });

  it("is blocked where a folder above an entry is now a file that others made", () => {
    const [before, after] = [tree({ "a/b": fileOf("x"), "a/c": fileOf("x") }), tree({ "a/c": fileOf("x") })];
    const now = tree({ a: fileOf("mine") });
    expect(plan({ before, after, now }).blocked).toEqual([{ path: "a/b", reason: "parent" }]);
  });

  it("is blocked where a selected entry needs a change of kind above it", () => {
    const [before, after] = [tree({ "a/b": fileOf("x") }), tree({ a: fileOf("y") })];
    const outlook = plan({ before, after, now: after }, { changed: "refuse", only: ["a/b"] });
    expect(outlook.blocked).toEqual([{ path: "a/b", reason: "parent" }]);
  });

  it("is blocked by entries and folders of another user", () => {
    const before = tree({ a: fileOf("x"), "b/c": fileOf("x"), d: fileOf("x"), "e/f": fileOf("x") });
    const after = tree({
      a: fileOf("y"),
      b: folder(),
      d: fileOf("x", 0o600),
      e: folder(0o700),
      "e/f": fileOf("x"),
    });
    const facts = {
      isOurs: false,
      isOtherFileSystem: false,
      isSpecial: false,
      isWritable: false,
      links: 1,
      bytes: 1,
    };
    const look: RevertPlaces["look"] = (path) =>
      path === "b/c" ? undefined : { ...facts, isWritable: path === "" };
    expect(plan({ before, after, now: after }, { changed: "refuse" }, { look }).blocked).toEqual([
      { path: "a", reason: "owner" },
      { path: "b", reason: "closed" },
      { path: "d", reason: "owner" },
      { path: "e", reason: "owner" },
    ]);
  });

  it("opens a folder of this user that is read-only, and leaves its mode as it was", () => {
    const before = modelOf([
      ["a", folder(0o500)],
      ["a/b", fileOf("x")],
    ]);
    const after = modelOf([
      ["a", folder(0o500)],
      ["a/b", fileOf("y")],
    ]);
    const facts = { isOurs: true, isOtherFileSystem: false, isSpecial: false, links: 1, bytes: 1 };
    const look = (path: string): ReturnType<RevertPlaces["look"]> => ({ ...facts, isWritable: path !== "a" });
    expect(plan({ before, after, now: after }, { changed: "refuse" }, { look }).plan.modes).toEqual([
      { path: "a", kind: "folder", from: 0o500, to: 0o500 },
    ]);
  });

  it("gives a file with another hard link a file of its own instead of a mode", () => {
    const [before, after] = [tree({ a: fileOf("x") }), tree({ a: fileOf("x", 0o755) })];
    const facts = { isOurs: true, isOtherFileSystem: false, isSpecial: false, isWritable: true, bytes: 1 };
    const look = (): ReturnType<RevertPlaces["look"]> => ({ ...facts, links: 2 });
    const { modes, moves, puts } = plan({ before, after, now: after }, { changed: "refuse" }, { look }).plan;
    expect([modes, moves.map(({ path }) => path), puts.map(({ path }) => path)]).toEqual([[], ["a"], ["a"]]);
  });

  it("is blocked by what is mounted, and by what is not guarded in a place", () => {
    const [before, after] = [tree({ a: fileOf("x"), b: fileOf("x") }), tree({})];
    const facts = { isOurs: true, isSpecial: false, isWritable: true, links: 1, bytes: 1 };
    const look = (path: string): ReturnType<RevertPlaces["look"]> => ({
      ...facts,
      isOtherFileSystem: path === "a",
    });
    expect(plan({ before, after, now: after }, { changed: "refuse" }, { look }).blocked).toEqual([
      { path: "a", reason: "other-file-system" },
      { path: "b", reason: "holds-others" },
    ]);
  });

  it("is blocked by a folder that cannot be read now, and names it once", () => {
    const before = tree({ "a/b": fileOf("x"), "a/c": fileOf("x") });
    const [after, now] = [snapshotOf(tree({})), snapshotOf(tree({}), { a: "unreadable" })];
    const snapshots = { before: snapshotOf(before), after, now };
    const planned = planRevert(
      { snapshots, choice: { changed: "refuse" }, places: placesOf(tree({})) },
      nodeCrypto,
    );
    expect(planned).toMatchObject({ ok: true, value: { blocked: [{ path: "a", reason: "unreadable" }] } });
  });

  it("does not touch what the snapshot before the run left out", () => {
    const [before, after] = [snapshotOf(tree({}), { a: "socket" }), snapshotOf(tree({ a: fileOf("x") }))];
    const snapshots = { before, after, now: after };
    const places = placesOf(tree({ a: fileOf("x") }));
    const planned = planRevert({ snapshots, choice: { changed: "refuse" }, places }, nodeCrypto);
    expect(planned).toMatchObject({ ok: true, value: { already: 0, plan: { moves: [] } } });
  });

  it("refuses a selection that no snapshot knows", () => {
    const [before, after] = [tree({ a: fileOf("x"), b: fileOf("x") }), tree({ b: fileOf("x") })];
    const snapshots = { before: snapshotOf(before), after: snapshotOf(after), now: snapshotOf(after) };
    const choose = (only: string): unknown =>
      planRevert(
        { snapshots, choice: { changed: "refuse", only: [only] }, places: placesOf(after) },
        nodeCrypto,
      );
    expect(choose("c")).toMatchObject({ code: "RESTORE_SELECTION_NOT_FOUND", details: { path: "c" } });
    expect(choose("b/")).toMatchObject({ ok: true, value: { already: 0 } });
  });
});
