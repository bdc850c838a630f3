/**
 * Sealed bundles with a tree for tests, made from the words of PROTOCOL.md alone, as `bundle.ts` makes those without one.
 *
 * @module
 */

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type BundleRecipe,
  canonical,
  sealBundle,
  sha256,
  sortedEntries,
  type TestBundle,
  writeBundle,
} from "./bundle.ts";
import type { TreeMembers } from "./output-trees.ts";

/** What to seal: the outputs, and what is said of the tree. */
export interface TreeRecipe extends Omit<BundleRecipe, "bind"> {
  /** Path to target. */
  readonly links?: Readonly<Record<string, string>>;
  readonly programs?: readonly string[];
  readonly emptyFolders?: readonly string[];
  /** Further or other members of OUTPUT_TREE.json. */
  readonly members?: Partial<TreeMembers>;
}

/**
 * For faults, of which each further file makes many more: each kind of step of a restore is there once. A snapshot, whose
 * folders have modes too, with links in a folder of its own and in `keep`, which other users' files are in.
 */
export const SMALL_TREE: TreeRecipe & Pick<Required<TreeRecipe>, "outputs"> = {
  outputs: { "a.txt": "alpha\n", "data/b.txt": "beta\n" },
  links: { "data/latest": "b.txt", "keep/up": "../a.txt" },
  emptyFolders: ["data/hollow"],
  members: {
    kind: "snapshot",
    modes: { "755": ["data/b.txt"], "600": ["a.txt"] },
    folder_modes: { "700": ["data/hollow"], "750": ["data"] },
  },
};

/** A sealed bundle with a tree. */
export interface TreeBundle extends TestBundle {
  readonly tree: Buffer;
  readonly recipe: TreeRecipe;
}

/** Seals a bundle with a tree in memory. */
export function sealTreeBundle(recipe: TreeRecipe = {}): TreeBundle {
  const { emptyFolders = [], links = {}, members, programs = [], ...rest } = recipe;
  const tree = Buffer.from(
    canonical({
      empty_folders: inOrder(emptyFolders),
      folder_modes: {},
      ignored: [],
      kind: "outputs",
      left_out: [],
      links: sortedEntries(links).map(([path, target]) => ({ path, target })),
      modes: programs.length === 0 ? {} : { 755: inOrder(programs) },
      scope: ["."],
      version: 1,
      ...members,
    }),
  );
  const bind: BundleRecipe["bind"] = (right) => ({ ...right, output_tree_sha256: sha256(tree) });
  return { ...sealBundle({ ...rest, bind }), tree, recipe };
}

/** Seals runs `run-001`, `run-002`, … each bound to the one before it. */
export function sealLinkedTrees(recipes: readonly TreeRecipe[]): readonly TreeBundle[] {
  const runs: TreeBundle[] = [];
  for (const [index, recipe] of recipes.entries()) {
    const before = runs.at(-1);
    const runId = `run-${String(index + 1).padStart(3, "0")}`;
    const link = before === undefined ? {} : { previousBundleRoot: before.bundleRoot };
    runs.push(sealTreeBundle({ ...recipe, runId, ...link }));
  }
  return runs;
}

/** Writes a bundle to `run/<run id>` and its tree to `files` below a folder; gives both addresses. */
export function writeTreeBundle(folder: string, bundle: TreeBundle): ReturnType<typeof writeBundle> {
  const address = writeBundle(folder, bundle);
  const { emptyFolders = [], links = {}, members, programs = [] } = bundle.recipe;
  writeFileSync(join(address.bundle, "OUTPUT_TREE.json"), bundle.tree);
  const at = (path: string): string => {
    mkdirSync(dirname(join(address.root, path)), { recursive: true });
    return join(address.root, path);
  };
  for (const path of emptyFolders) mkdirSync(at(path), { recursive: true });
  for (const [path, target] of Object.entries(links)) symlinkSync(target, at(path));
  for (const path of Object.keys(bundle.outputs))
    chmodSync(at(path), programs.includes(path) ? 0o755 : 0o644);
  for (const [mode, paths] of Object.entries({ ...members?.modes, ...members?.folder_modes })) {
    for (const path of paths) chmodSync(at(path), Number.parseInt(mode, 8));
  }
  return address;
}

function inOrder(paths: readonly string[]): readonly string[] {
  return [...paths].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}
