import { describe, expect, it } from "vitest";
import { encodeTree } from "../../../../src/core/records/tree/encode-tree.ts";
import { LinkJudge } from "../../../../src/core/records/tree/link-judge.ts";
import { mergePaths, withSlash } from "../../../../src/core/records/tree/merge-paths.ts";
import { outputPaths } from "../../../../src/core/records/tree/output-tree.ts";
import { parseTree } from "../../../../src/core/records/tree/tree-form.ts";
import { checkTree } from "../../../../src/core/records/tree/tree-law.ts";
import { encodeUtf8, sortUtf8 } from "../../../../src/core/system/bytes/utf8.ts";
import { TextViews } from "../../../../src/core/system/json/text-views.ts";
import { anyPath } from "../../../support/bundles/arbitrary-tree.ts";
import { canonical } from "../../../support/bundles/bundle.ts";
import { tableOf } from "../../../support/bundles/claims.ts";
import {
  anyEntries,
  type DrawnTree,
  lawfulTree,
  membersOf,
  type TreeMembers,
  treeOf,
} from "../../../support/bundles/output-trees.ts";
import { wellFormedText } from "../../../support/bundles/plain-json.ts";
import { fc, runs } from "../../../support/rings/properties.ts";
import { longIt } from "../../../support/rings/ring.ts";

const POSIX = { refuseColon: false };

describe("the form of OUTPUT_TREE.json", () => {
  const texts = fc.array(wellFormedText, { maxLength: 4 });
  const anyMembers: fc.Arbitrary<TreeMembers> = fc.record({
    kind: fc.constant("snapshot" as const),
    scope: texts,
    ignored: texts,
    modes: fc.dictionary(
      fc.constantFrom("600", "640", "755"),
      texts.filter(({ length }) => length > 0),
    ),
    folder_modes: fc.dictionary(
      fc.constantFrom("700", "777"),
      texts.filter(({ length }) => length > 0),
    ),
    empty_folders: texts,
    links: fc.array(fc.record({ path: wellFormedText, target: wellFormedText }), { maxLength: 3 }),
    left_out: fc.array(
      fc.record({ path: wellFormedText, reason: fc.constantFrom("fifo", "link", "unreadable") }),
      { maxLength: 3 },
    ),
  });

  it("gives back the tree that was encoded, and the bytes that were parsed", () => {
    fc.assert(
      fc.property(anyMembers, (members) => {
        const bytes = encodeTree(treeOf(members));
        expect(Buffer.from(bytes).equals(encodeUtf8(canonical({ ...members, version: 1 })))).toBe(true);
        const parsed = parseTree(bytes);
        if (!parsed.ok) throw new Error(parsed.message);
        expect(membersOf(parsed.value)).toEqual({ ...members });
        expect(Buffer.from(encodeTree(parsed.value)).equals(bytes)).toBe(true);
      }),
      { numRuns: runs(400) },
    );
  });

  it("accepts only the canonical form of what it reads, whatever bytes are changed", () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      byte: fc.nat(255),
      length: fc.nat(2),
    });
    fc.assert(
      fc.property(anyMembers, change, (members, { at, byte, length }) => {
        const bytes = [...encodeTree(treeOf(members))];
        bytes.splice(Math.floor(at * bytes.length), length, byte);
        const changed = Uint8Array.from(bytes);
        const parsed = parseTree(changed);
        if (parsed.ok) expect(Buffer.from(encodeTree(parsed.value)).equals(changed)).toBe(true);
        else expect(parsed).toMatchObject({ code: "TREE_MALFORMED", phase: "tree" });
      }),
      { numRuns: runs(2000) },
    );
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseTree(bytes)));
  });
});

describe("the law of trees", () => {
  it("names the path that its definition names, for any entries and folder modes", () => {
    fc.assert(
      fc.property(anyEntries, fc.uniqueArray(anyPath, { maxLength: 4 }), (entries, modes) => {
        const of = (kind: string): string[] =>
          sortUtf8(entries.filter((each) => each.kind === kind).map((each) => each.path));
        const files = of("file").filter(
          (path, _at, all) => !all.some((other) => path.startsWith(`${other}/`)),
        );
        const members = {
          kind: "snapshot" as const,
          empty_folders: of("folder"),
          links: of("link").map((path) => ({ path, target: "x" })),
          left_out: of("socket").map((path) => ({ path, reason: "socket" })),
          // What was left out must not have a mode.
          folder_modes: { "700": sortUtf8(modes.filter((path) => !of("socket").includes(path))) },
        };
        const tree = treeOf(members);
        expect(checkTree(tree, { files: TextViews.of(files), rules: POSIX })?.details).toEqual(
          breachByDefinition(files, of("link"), of("folder"), of("socket"), members.folder_modes["700"]),
        );
      }),
      { numRuns: runs(1500) },
    );
  });

  function breachByDefinition(
    files: readonly string[],
    links: readonly string[],
    folders: readonly string[],
    leftOut: readonly string[],
    modes: readonly string[],
  ): unknown {
    const entries = [...files, ...links, ...folders];
    const isAbove = (folder: string, path: string): boolean => path.startsWith(`${folder}/`);
    const unknown = modes.find(
      (folder) => !folders.includes(folder) && !entries.some((path) => isAbove(folder, path)),
    );
    if (unknown !== undefined) return { path: unknown, reason: "unknown-folder" };
    for (const path of sortUtf8([...entries, ...leftOut])) {
      if (files.some((file) => isAbove(file, path))) return { path, reason: "below-a-file" };
      if (links.some((link) => isAbove(link, path))) return { path, reason: "below-a-link" };
    }
    const full = folders.find((folder) => entries.some((path) => isAbove(folder, path)));
    return full === undefined ? undefined : { path: full, reason: "not-empty" };
  }
});

describe("walks over sorted lists", () => {
  const list = fc.uniqueArray(
    fc.constantFrom("a", "a-b", "a/b", "a.c", "ab", "a-b/c", "a-b-c", "é", "\uffee", "\u{10000}"),
  );

  it("merge to what a sort of all paths gives", () => {
    fc.assert(
      fc.property(fc.array(list, { maxLength: 6 }), (lists) => {
        const ordered = lists.map((paths) => sortUtf8([...paths]));
        const merged = [...mergePaths(ordered)].map(({ path }) => path);
        expect(merged).toEqual(sortUtf8(lists.flat()));
      }),
    );
  });

  it("give folders in the order of their paths with a slash", () => {
    fc.assert(
      fc.property(list, (paths) => {
        const expected = sortUtf8(paths.map((path) => `${path}/`));
        expect([...withSlash(sortUtf8([...paths]))]).toEqual(expected);
      }),
    );
  });

  it("find each text of a list and no other", () => {
    fc.assert(
      fc.property(fc.uniqueArray(wellFormedText), wellFormedText, (some, other) => {
        const texts = sortUtf8([...some]);
        const parsed = parseTree(encodeTree(treeOf({ scope: texts })));
        for (const views of [TextViews.of(texts), ...(parsed.ok ? [parsed.value.scope] : [])]) {
          expect([...views]).toEqual(texts);
          expect(texts.map((text) => views.find(text))).toEqual([...texts.keys()]);
          expect(views.find(other)).toBe(texts.includes(other) ? texts.indexOf(other) : undefined);
          expect(texts.toReversed().map((_text, at) => views.at(texts.length - 1 - at))).toEqual(
            texts.toReversed(),
          );
        }
      }),
    );
  });

  it("are the same whenever a list is read again, from its start or in between", () => {
    for (const count of [1, 64, 65, 200]) {
      const texts = Array.from({ length: count }, (_, index) => `path-${String(index).padStart(3, "0")}`);
      const views = TextViews.of(texts);
      for (let round = 0; round < 3; round++) {
        expect([...views]).toEqual(texts);
        expect(views.at(0)).toBe(texts[0]);
        expect(views.at(count - 1)).toBe(texts[count - 1]);
        const [first] = views;
        expect(first).toBe(texts[0]);
      }
    }
  });

  it("read the paths of OUTPUT_HASHES.json in byte order, whatever the order of the document", () => {
    expect([
      ...outputPaths(
        tableOf([
          ["a", "1"],
          ["b", "2"],
        ]),
      ),
    ]).toEqual(["a", "b"]);
    expect([
      ...outputPaths(
        tableOf([
          ["b", "2"],
          ["a", "1"],
        ]),
      ),
    ]).toEqual(["a", "b"]);
  });
});

/** The definition, word by word: one link at a time, with a list of what is left to walk. */
function leadsOutsideNaively({ files, members }: DrawnTree, path: string): boolean {
  const targets = new Map(members.links.map((link) => [link.path, link.target]));
  const known = new Set<string>([...files, ...members.empty_folders, ""]);
  for (const entry of [...files, ...members.empty_folders, ...targets.keys()]) {
    const names = entry.split("/");
    for (let depth = 1; depth < names.length; depth++) known.add(names.slice(0, depth).join("/"));
  }
  const place = path.split("/").slice(0, -1);
  const left = (targets.get(path) ?? "").split("/");
  if (targets.get(path)?.startsWith("/") === true) return true;
  for (let followed = 0; left.length > 0; ) {
    const name = left.shift() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (place.length === 0 || !known.has(place.join("/"))) return true;
      place.pop();
      continue;
    }
    const target = targets.get([...place, name].join("/"));
    if (target === undefined) {
      place.push(name);
      continue;
    }
    if (++followed > 40) return false;
    if (target.startsWith("/")) return true;
    left.unshift(...target.split("/"));
  }
  return false;
}

describe("links that lead outside", () => {
  it("are those that the definition names", () => {
    fc.assert(
      fc.property(lawfulTree, fc.boolean(), (drawn, isBackward) => {
        const tree = treeOf(drawn.members);
        const judge = new LinkJudge(tree, TextViews.of(drawn.files));
        const links = drawn.members.links.map(({ path }, index) => ({ path, index }));
        for (const { index, path } of isBackward ? links.toReversed() : links) {
          expect(judge.leadsOutside(index), path).toBe(leadsOutsideNaively(drawn, path));
        }
      }),
      { numRuns: runs(1500) },
    );
  });

  it("are found in a chain of links that are each walked once, in either order", () => {
    const count = 5000;
    const name = (index: number): string => `l${String(index).padStart(6, "0")}`;
    const links = Array.from({ length: count }, (_none, index) => ({
      path: name(index),
      target: `${"d/../".repeat(20)}${index === count - 1 ? "/.." : name(index + 1)}`,
    }));
    const files = TextViews.of(["d/x"]);
    for (const isBackward of [false, true]) {
      const judge = new LinkJudge(treeOf({ links }), files);
      const indexes = isBackward ? [...links.keys()].reverse() : [...links.keys()];
      const outside = indexes
        .filter((index) => judge.leadsOutside(index))
        .sort((left, right) => left - right);
      expect(outside).toEqual(Array.from({ length: 41 }, (_none, at) => count - 41 + at));
    }
  });
});

describe("a tree of 1,000,000 entries", () => {
  longIt("is parsed, checked and judged", () => {
    const paths = Array.from(
      { length: 1_000_000 },
      (_none, at) => `d${at >> 8}/${String(at).padStart(7, "0")}`,
    ).sort();
    const third = (rest: number): string[] => paths.filter((_path, at) => at % 3 === rest);
    const links = third(1).map((path) => ({ path, target: "../d0/0000000" }));
    const made = encodeTree(treeOf({ modes: { "755": third(0) }, links, empty_folders: third(2) }));
    const parsed = parseTree(made);
    if (!parsed.ok) throw new Error(parsed.message);
    const files = TextViews.of(third(0));
    expect(checkTree(parsed.value, { files, rules: POSIX })).toBeUndefined();
    const judge = new LinkJudge(parsed.value, files);
    expect(links.some((_link, index) => judge.leadsOutside(index))).toBe(false);
  });
});
