import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RestoreRequest } from "../../../../src/node/back/restore/restore-bundle.ts";
import type { RestoreOutcome } from "../../../../src/node/back/restore/target/restore-outcome.ts";
import { SecretKeySigner } from "../../../../src/node/keys/secret-key-signer.ts";
import { type SealRequest, sealOutputs } from "../../../../src/node/make/seal/seal-outputs.ts";
import { secretOf } from "../../../support/bundles/keys.ts";
import { type DrawnEntries, layOutEntries } from "../../../support/bundles/laid-tree.ts";
import { anyEntries, type TreeMembers } from "../../../support/bundles/output-trees.ts";
import { STATE } from "../../../support/command/state.ts";
import { restoreBundle, restoreChain } from "../../../support/faults/restore-acts.ts";
import { ANY_SIGNER, fastFolder } from "../../../support/faults/restore-scene.ts";
import { makeFolder, removeTree, snapshotTree } from "../../../support/files/tree.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

/** Which links are sealed and restored. */
type Rule = "inside" | "any";

/** What a bundle says of what was sealed. */
interface Said {
  readonly hashes: Readonly<Record<string, string>>;
  readonly tree: TreeMembers;
}

/** A project whose folder `t` is sealed, and folders for restores. */
class Scene implements Disposable {
  readonly #folder = makeFolder(fastFolder());
  readonly project: string = join(this.#folder, "project");
  readonly target: string = join(this.#folder, "target");
  readonly #rule: Rule;

  constructor(rule: Rule) {
    this.#rule = rule;
  }

  /** Lays the entries out in the project and seals them as a run of it, without links that the rule refuses. */
  async seal(entries: DrawnEntries, runId = "one"): Promise<Said> {
    removeTree(join(this.project, "t"));
    layOutEntries(join(this.project, "t"), entries);
    for (;;) {
      const sealed = await sealFolder(this.project, { runId, links: this.#rule });
      if (sealed.ok) return readBundle(sealed.value.bundle);
      if (sealed.code !== "ENTRIES_REFUSED") return expect.unreachable(sealed.message);
      // Others may lead outside without them.
      for (const { path } of sealed.details.refused) rmSync(join(this.project, path));
    }
  }

  /** Removes what was sealed: the store alone has it then. */
  forget(): void {
    removeTree(join(this.project, "t"));
  }

  async restore(over: Partial<RestoreRequest> = {}): Promise<void> {
    const bundle = this.#bundle("one");
    succeed(await restoreBundle({ ...this.#request(), bundle, mkdir: true, ...over }));
  }

  async restoreChain(...runIds: readonly string[]): Promise<void> {
    const bundles = runIds.map((runId) => this.#bundle(runId));
    succeed(await restoreChain({ ...this.#request(), bundles, mkdir: true }));
  }

  /** Seals again what was restored, outside of any project. */
  async sealRestored(folder = ""): Promise<Said> {
    const root = join(this.target, folder);
    const out = join(this.#folder, "again", folder);
    const sealed = await sealFolder(root, { runId: "again", links: "any", out });
    return sealed.ok ? readBundle(sealed.value.bundle) : expect.unreachable(sealed.message);
  }

  [Symbol.dispose](): void {
    removeTree(this.#folder);
  }

  #bundle(runId: string): string {
    return join(this.project, ".runseal/runs", runId);
  }

  #request(): Omit<RestoreRequest, "bundle" | "environment"> {
    return { root: this.project, target: this.target, trust: ANY_SIGNER, links: this.#rule };
  }
}

async function sealFolder(
  root: string,
  request: Pick<SealRequest, "runId" | "links" | "out">,
): ReturnType<typeof sealOutputs> {
  using seed = secretOf(new Uint8Array(32).fill(7));
  using signer = new SecretKeySigner(seed);
  const names = { names: "posix", now: 1_700_000_000 } as const;
  return await sealOutputs({
    cwd: root,
    root,
    paths: ["t"],
    environment: STATE,
    signer,
    ...names,
    ...request,
  });
}

function readBundle(bundle: string): Said {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(bundle, name), "utf8"));
  const { hashes } = read("OUTPUT_HASHES.json") as Said;
  return { hashes, tree: read("OUTPUT_TREE.json") as TreeMembers };
}

function succeed(outcome: RestoreOutcome): void {
  if (!outcome.ok) expect.unreachable(JSON.stringify(outcome));
}

/** What of a tree is at or below some paths. */
function selectionOf({ hashes, tree }: Said, only: readonly string[]): Said {
  const isWanted = (path: string): boolean =>
    only.some((wanted) => path === wanted || path.startsWith(`${wanted}/`));
  const programs = (tree.modes["755"] ?? []).filter(isWanted);
  return {
    hashes: Object.fromEntries(Object.entries(hashes).filter(([path]) => isWanted(path))),
    tree: {
      ...tree,
      modes: programs.length === 0 ? {} : { "755": programs },
      empty_folders: tree.empty_folders.filter(isWanted),
      links: tree.links.filter(({ path }) => isWanted(path)),
    },
  };
}

const rule: fc.Arbitrary<Rule> = fc.constantFrom("inside", "any");
const TIMES = { numRuns: runs(120) };

describe("a tree that is sealed, restored and sealed again", () => {
  it.each<[string, (scene: Scene) => Promise<void>]>([
    ["a new root", (scene) => scene.restore()],
    [
      "an existing root",
      (scene) => {
        mkdirSync(scene.target);
        return scene.restore();
      },
    ],
    [
      "the store",
      (scene) => {
        scene.forget();
        return scene.restore();
      },
    ],
  ])("is the same: %s", async (_way, restore) => {
    await fc.assert(
      fc.asyncProperty(rule, anyEntries, async (links, entries) => {
        using scene = new Scene(links);
        const sealed = await scene.seal(entries);
        await restore(scene);
        expect(await scene.sealRestored()).toEqual(sealed);
      }),
      TIMES,
    );
  });

  it("is the same as a run of a chain, whatever was sealed after it", async () => {
    await fc.assert(
      fc.asyncProperty(rule, anyEntries, anyEntries, async (links, first, second) => {
        using scene = new Scene(links);
        const sealed = [await scene.seal(first, "one"), await scene.seal(second, "two")];
        await scene.restoreChain("one", "two");
        expect([await scene.sealRestored("one"), await scene.sealRestored("two")]).toEqual(sealed);
      }),
      TIMES,
    );
  });

  it("is the selected part of it after a restore of a part", async () => {
    const places = fc.array(fc.nat(), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(rule, anyEntries, places, async (links, entries, chosen) => {
        using scene = new Scene(links);
        const sealed = await scene.seal(entries);
        const all = [...snapshotTree(join(scene.project, "t")).keys()].map((path) => `t/${path}`);
        const only = chosen.map((place) => all[place % all.length] ?? "t");
        await scene.restore({ only });
        expect(await scene.sealRestored()).toEqual(selectionOf(sealed, only));
      }),
      TIMES,
    );
  });
});
