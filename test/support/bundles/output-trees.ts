/**
 * Trees for tests: from the members of OUTPUT_TREE.json, and as fast-check draws them.
 *
 * @module
 */

import type { OutputTree } from "../../../src/core/records/tree/output-tree.ts";
import { sortUtf8 } from "../../../src/core/system/bytes/utf8.ts";
import { TextViews } from "../../../src/core/system/json/text-views.ts";
import { fc } from "../rings/properties.ts";

/** The members of OUTPUT_TREE.json, as JSON.parse gives them. */
export interface TreeMembers {
  readonly kind: "outputs" | "snapshot";
  readonly scope: readonly string[];
  readonly ignored: readonly string[];
  readonly modes: Readonly<Record<string, readonly string[]>>;
  readonly folder_modes: Readonly<Record<string, readonly string[]>>;
  readonly empty_folders: readonly string[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  readonly left_out: readonly { readonly path: string; readonly reason: string }[];
}

/** A tree and the paths of its files. */
export interface DrawnTree {
  readonly members: TreeMembers;
  readonly files: readonly string[];
}

const NOTHING: TreeMembers = {
  kind: "outputs",
  scope: [],
  ignored: [],
  modes: {},
  folder_modes: {},
  empty_folders: [],
  links: [],
  left_out: [],
};

/** OUTPUT_TREE.json of nothing. */
export const EMPTY_TREE = { ...NOTHING, version: 1 } as const;

/** The tree of some members. */
export function treeOf(members: Partial<TreeMembers>): OutputTree {
  const { empty_folders, folder_modes, ignored, kind, left_out, links, modes, scope } = {
    ...NOTHING,
    ...members,
  };
  const modesOf = (table: TreeMembers["modes"]): OutputTree["modes"] =>
    Object.entries(table)
      .map(([mode, paths]) => ({ mode, paths: TextViews.of(paths) }))
      .sort((left, right) => (left.mode < right.mode ? -1 : 1));
  return {
    kind,
    scope: TextViews.of(scope),
    ignored,
    modes: modesOf(modes),
    folderModes: modesOf(folder_modes),
    emptyFolders: TextViews.of(empty_folders),
    links: {
      paths: TextViews.of(links.map(({ path }) => path)),
      values: TextViews.of(links.map(({ target }) => target)),
    },
    leftOut: {
      paths: TextViews.of(left_out.map(({ path }) => path)),
      values: TextViews.of(left_out.map(({ reason }) => reason)),
    },
  };
}

/** The members of a tree. */
export function membersOf(tree: OutputTree): TreeMembers {
  const pairs = ({ paths, values }: OutputTree["links"]): readonly (readonly [string, string])[] =>
    [...paths].map((path, index) => [path, values.at(index) ?? ""]);
  const modesOf = (modes: OutputTree["modes"]): TreeMembers["modes"] =>
    Object.fromEntries(modes.map(({ mode, paths }) => [mode, [...paths]]));
  return {
    kind: tree.kind,
    scope: [...tree.scope],
    ignored: tree.ignored,
    modes: modesOf(tree.modes),
    folder_modes: modesOf(tree.folderModes),
    empty_folders: [...tree.emptyFolders],
    links: pairs(tree.links).map(([path, target]) => ({ path, target })),
    left_out: pairs(tree.leftOut).map(([path, reason]) => ({ path, reason })),
  };
}

/** Few names, so that they meet; some begin with others, and go on with a character before the slash. */
const NAMES = ["a", "b", "ab", "a-b", "a.b", "é", "\uffee", "\u{10000}"];
const path = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
  .map((names) => names.join("/"));
const target = fc
  .tuple(
    fc.constantFrom("", "", "", "", "", "", "/"),
    fc.array(fc.constantFrom(...NAMES.slice(0, 4), "..", "..", ".", ""), { minLength: 1, maxLength: 5 }),
  )
  .map(([root, names]) => root + names.join("/"))
  .filter((text) => text !== "");

/** What each path of a drawn tree is. */
const entry = fc.record({
  path,
  kind: fc.constantFrom("file", "file", "link", "link", "folder", "socket"),
  isProgram: fc.boolean(),
  target,
});

/** Up to a dozen entries with distinct paths, some below others. */
export const anyEntries = fc.uniqueArray(entry, { selector: (each) => each.path, maxLength: 12 });

/** A lawful tree of up to a dozen entries, with links that lead anywhere. */
export const lawfulTree: fc.Arbitrary<DrawnTree> = anyEntries.map((entries) => {
  const paths = new Set(entries.map((each) => each.path));
  const isBelow = (each: string): boolean => [...paths].some((other) => each.startsWith(`${other}/`));
  const kept = entries.filter((each) => !isBelow(each.path));
  const of = (kind: string): typeof kept => sortedByPath(kept.filter((each) => each.kind === kind));
  const files = of("file");
  const programs = files.filter((each) => each.isProgram).map((each) => each.path);
  return {
    files: files.map((each) => each.path),
    members: {
      ...NOTHING,
      modes: programs.length === 0 ? {} : { "755": programs },
      empty_folders: of("folder").map((each) => each.path),
      links: of("link").map((each) => ({ path: each.path, target: each.target })),
      left_out: of("socket").map((each) => ({ path: each.path, reason: "socket" })),
    },
  };
});

function sortedByPath<Item extends { readonly path: string }>(items: readonly Item[]): Item[] {
  const byPath = new Map(items.map((item) => [item.path, item]));
  return sortUtf8([...byPath.keys()]).flatMap((each) => byPath.get(each) ?? []);
}
