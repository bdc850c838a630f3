import { describe, expect, it } from "vitest";
import { FakeAgent, type FakeKind } from "../../support/agents/fake-agent.ts";
import { makeProject, type Project } from "../../support/command/cli.ts";
import { snapshotTree, type TreeSnapshot } from "../../support/files/tree.ts";
import { drawing, LONG_TEST_MS, ofRing } from "../../support/rings/ring.ts";

const KINDS: readonly FakeKind[] = ["claude", "codex", "opencode", "generic"];

/** What an agent does in one step. `N` is a number of the step, `P` one of a few paths. */
const STEPS = [
  "rm -rf P; echo N > P",
  "rm -rf P",
  "rm -rf P; mkdir -p P; echo N > P/f",
  "rm -rf P; mkdir P",
  "rm -rf P; ln -s N P",
  "test ! -f P || chmod 7N0 P",
  "test -L P || test ! -d P || chmod 7N0 P",
  "rm -rf P; printf '#!/bin/sh' > P; chmod 755 P",
  "rm -rf ./* ./.[a-z]*",
  "git init -q .; git add . ; git -c user.name=a -c user.email=a@b commit -qm N --allow-empty",
  "echo P > .gitignore",
  "echo unused-N > .runsealignore",
  "(exec >/dev/null 2>&1; sleep 5) &",
] as const;

const PATHS = ["a", "b", "dir", "dir2", "ignored", "ünicode"] as const;

/** The folder, and what a person keeps in it: an agent leaves that alone here. */
async function guarded(): Promise<Project> {
  const project = await makeProject();
  project.write({ "work/a": "1\n", "work/dir/x": "x\n", "work/dir/y": "y\n", "work/ignored": "i\n" });
  await project.json(["snapshot", "work"]);
  return project;
}

describe("sequences of turns, drawn by the seed", () => {
  const seeds = Array.from({ length: ofRing(6, 200) }, (_, index) => index);
  it.each(seeds)(
    "come back exactly, in sequence %i",
    async (seed) => {
      using project = await guarded();
      const draw = drawing(seed + 7000);
      const pick = <Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item => {
        const item = items[draw(items.length)];
        if (item === undefined) throw new TypeError("nothing to draw from");
        return item;
      };
      const agents = ["one", "two"].map((session) => new FakeAgent(project, pick(KINDS), session));
      const look = (): TreeSnapshot => snapshotTree(project.at("work"));
      const befores: { readonly session: number; readonly state: TreeSnapshot }[] = [];
      const count = 1 + draw(4);
      for (let number = 0; number < count; number++) {
        const session = draw(2);
        befores.push({ session, state: look() });
        const commands = Array.from({ length: 1 + draw(4) }, () =>
          pick(STEPS)
            .replaceAll("N", String(4 + draw(4)))
            .replaceAll("P", pick(PATHS)),
        );
        // Only the last turn may be without an end: what comes later would be of it.
        const isKilled = number === count - 1 && draw(2) === 0;
        // An undo of a killed one that changed nothing would have nothing to do.
        if (isKilled) commands.push("echo > killed");
        await agents[session]?.turn(commands.join("\n"), isKilled);
      }
      const last = look();
      const undo = ["undo", "--guard", "work", "--even-if-open"];
      for (const { state } of befores.toReversed()) {
        // A turn that changed nothing is passed over.
        if (compare(state, look())) continue;
        await project.json([...undo, "--turn", "--session", await sessionOfLast(project)]);
        expect(look()).toEqual(state);
      }
      for (let back = 0; back < count && !compare(last, look()); back++)
        await project.json(["redo", "--guard", "work"]);
      expect(look()).toEqual(last);
    },
    LONG_TEST_MS,
  );
});

function compare(one: TreeSnapshot, other: TreeSnapshot): boolean {
  return JSON.stringify([...one]) === JSON.stringify([...other]);
}

/** The session whose turn was the last to change something and is not undone: the newest one that an undo without a name would take. */
async function sessionOfLast(project: Project): Promise<string> {
  const { run_id } = await project.json(["undo", "--guard", "work", "--dry-run", "--even-if-open"]);
  return /^turn-([0-9a-f]{12})-/.exec(String(run_id))?.[1] ?? "";
}
