import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { EntryState } from "../../../../src/core/back/restore/revert-plan.ts";
import { anyModel, digestOf, type ModelTree } from "../../../support/bundles/model-tree.ts";
import { emptyOut, GuardScene, layOut } from "../../../support/faults/revert-guard.ts";
import { fc } from "../../../support/rings/properties.ts";
import { LONG_TEST_MS, ofRing, sampleOf } from "../../../support/rings/ring.ts";

/** The texts of the drawn files. */
const TEXTS = new Map(["x", "y", "z"].map((text) => [digestOf(text), text]));

function lay(folder: string, tree: ModelTree): void {
  emptyOut(folder);
  const inOrder = [...tree].sort(([left], [right]) => (left < right ? -1 : 1));
  layOut(
    folder,
    inOrder.map(([path, entry]) => [path, { ...entry, ...textOf(entry) }]),
  );
}

function textOf(entry: EntryState): { readonly text?: string } {
  const text = entry.kind === "file" ? TEXTS.get(entry.digest) : undefined;
  return text === undefined ? {} : { text };
}

/** Pairs of trees in all, in groups of which the seed draws some. */
const PAIRS = 500;
const GROUPS = 20;
const DRAWN_GROUPS = ofRing(1, 8);

function pairsOf(group: number): readonly (readonly [ModelTree, ModelTree])[] {
  const pairs = fc.sample(fc.tuple(anyModel, anyModel), PAIRS);
  const size = PAIRS / GROUPS;
  return pairs.slice(group * size, group * size + ofRing(4, size));
}

describe("a revert of a guarded folder", () => {
  it.each(
    sampleOf(
      Array.from({ length: GROUPS }, (_, group) => group),
      DRAWN_GROUPS,
    ),
  )(
    "gives back each tree of a pair exactly, and takes that back too: pairs %i",
    async (group) => {
      for (const [before, after] of pairsOf(group)) {
        using scene = new GuardScene();
        lay(scene.folder, before);
        const was = scene.look();
        await scene.snapshot("before");
        lay(scene.folder, after);
        const is = scene.look();
        await scene.reverted("before");
        expect(scene.look()).toEqual(was);
        if (was.join() === is.join()) continue;
        await scene.reverted({ kind: "last-undo" });
        expect(scene.look()).toEqual(is);
      }
    },
    LONG_TEST_MS,
  );

  it("gives back a repository whose history was rewritten and whose stash was dropped", async () => {
    using scene = new GuardScene();
    const git = (...args: readonly string[]): string => {
      const env = { ...process.env, ...GIT, HOME: scene.above };
      const done = spawnSync("git", ["-C", scene.folder, ...args], { encoding: "utf8", env });
      if (done.status !== 0) throw new Error(`git ${args[0]}: ${done.stderr}`);
      return done.stdout;
    };
    git("init", "-q", "-b", "main");
    for (const name of ["one", "two", "three"]) {
      scene.write(name, `${name}\n`);
      git("add", name);
      git("commit", "-qm", name);
    }
    scene.write(".gitignore", "*.log\n");
    scene.write("build.log", "ignored\n");
    scene.write("one", "stashed\n");
    git("stash");
    scene.write("two", "not committed\n");
    const state = (): readonly string[] => [
      git("fsck", "--full", "--strict"),
      git("status", "--porcelain", "--ignored"),
      git("log", "--all", "--format=%H %s"),
      git("stash", "list"),
    ];
    const before = state();
    await scene.snapshot("before");

    git("checkout", "-q", "--", "two");
    git("stash", "drop", "-q");
    git("rebase", "-q", "--root", "--exec", "git commit -q --amend --no-edit --date=2001-01-01T00:00:00");
    git("reflog", "expire", "--expire=now", "--all");
    git("gc", "-q", "--prune=now");
    git("clean", "-qfdx");
    expect(state()).not.toEqual(before);

    await scene.reverted("before");
    expect(state()).toEqual(before);
    expect(readFileSync(scene.at("build.log"), "utf8")).toBe("ignored\n");
  });
});

const GIT = {
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.org",
  GIT_CONFIG_NOSYSTEM: "1",
};
