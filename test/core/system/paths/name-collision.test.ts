import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { areDistinctEverywhere } from "../../../../src/core/system/paths/distinct-names.ts";
import { foldName } from "../../../../src/core/system/paths/fold-name.ts";
import { findNameCollisions } from "../../../../src/core/system/paths/name-collision.ts";
import { fc, runs } from "../../../support/rings/properties.ts";
import { longIt } from "../../../support/rings/ring.ts";

interface Data {
  readonly collisionPairs: readonly (readonly [string, string])[];
  readonly lists: readonly (readonly [readonly string[], string | null])[];
}

const data: Data = JSON.parse(readFileSync(new URL("../../../data/names.json", import.meta.url), "utf8"));

const anyString = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
const smallPath = fc
  .array(fc.constantFrom("a", "A", "b", "ß", "ss", "SS"), { minLength: 1, maxLength: 3 })
  .map((components) => components.join("/"));

/** Names that fold to one another, to something with a slash in it, or to themselves though they end with a dot. */
const trickyPath = fc
  .array(fc.constantFrom("a", "A", "a.", "a ", "b", "c", "ä", "a\u0308", "ß", "ss", "℀", "...", "…", ""), {
    minLength: 1,
    maxLength: 5,
  })
  .map((components) => components.join("/"));

/** A file in each folder of a chain. */
function chainOf(name: string, depth: number): readonly string[] {
  return Array.from({ length: depth }, (_, above) => `${`${name}/`.repeat(above + 1)}f`).toSorted();
}

function countFoldedCharacters(paths: readonly string[]): number {
  const spy = vi.spyOn(String.prototype, "toLowerCase");
  try {
    expect(findNameCollisions(paths)).toEqual([]);
    return spy.mock.contexts.reduce<number>((sum, text) => sum + String(text).length, 0);
  } finally {
    spy.mockRestore();
  }
}

function kindsOf(paths: readonly string[]): readonly string[] {
  return findNameCollisions(paths).map(({ kind }) => kind);
}

/** The expected answer for the pair `left`, `right` alone, by definition rather than by tree. */
function expectedKinds(left: string, right: string): readonly string[] {
  if (left === right) return ["duplicate"];
  if (left.startsWith(`${right}/`) || right.startsWith(`${left}/`)) return ["file-dir-conflict"];
  const others = right.split("/");
  const kinds: string[] = [];
  for (const [index, component] of left.split("/").entries()) {
    const other = others[index];
    if (other === undefined || foldName(component) !== foldName(other)) break;
    if (component !== other) kinds.push("collision");
  }
  return kinds;
}

describe("name collisions (SECURITY 8)", () => {
  it("has all 28 pairs and 9 lists", () => {
    expect(data.collisionPairs).toHaveLength(28);
    expect(data.lists).toHaveLength(9);
  });

  it.each(data.collisionPairs)("lets %j and %j collide", (first, second) => {
    expect(findNameCollisions([first, second])).toEqual([{ kind: "collision", first, second }]);
    expect(findNameCollisions([second, first])).toEqual([
      { kind: "collision", first: second, second: first },
    ]);
    expect(findNameCollisions([`d/${first}/x`, `d/${second}/y`])).toEqual([
      { kind: "collision", first: `d/${first}`, second: `d/${second}` },
    ]);
  });

  it.each(data.lists)("judges the list %j: %s", (paths, verdict) => {
    expect(kindsOf(paths)).toEqual(verdict === null ? [] : [verdict]);
  });

  it("reports every further spelling once, against the first one", () => {
    expect(findNameCollisions(["Foo", "foo", "b", "FOO/x", "FOO/y"])).toEqual([
      { kind: "collision", first: "Foo", second: "foo" },
      { kind: "collision", first: "Foo", second: "FOO" },
    ]);
  });

  it("looks into folders that only other systems take for one", () => {
    expect(findNameCollisions(["x/a", "X/A", "X/a"])).toEqual([
      { kind: "collision", first: "x", second: "X" },
      { kind: "collision", first: "x/a", second: "X/A" },
    ]);
  });

  it("reports a duplicate and a file with a folder's name once, however often they recur", () => {
    expect(findNameCollisions(["a/b", "a/b", "a/b", "a", "a/c"])).toEqual([
      { kind: "duplicate", first: "a/b", second: "a/b" },
      { kind: "file-dir-conflict", first: "a/b", second: "a" },
    ]);
  });

  it("agrees with the definition on every pair", () => {
    fc.assert(
      fc.property(smallPath, smallPath, (left, right) => {
        expect(kindsOf([left, right])).toEqual(expectedKinds(left, right));
      }),
    );
  });

  it("finds as much in any order, and something exactly when a pair collides", () => {
    fc.assert(
      fc.property(fc.array(smallPath, { maxLength: 6 }), (paths) => {
        const kinds = kindsOf(paths);
        expect(kindsOf(paths.toReversed()).toSorted()).toEqual(kinds.toSorted());
        const pairs = paths.flatMap((left, index) =>
          paths.slice(index + 1).map((right) => [left, right] as const),
        );
        expect(kinds.length > 0).toBe(pairs.some(([left, right]) => expectedKinds(left, right).length > 0));
      }),
    );
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.array(anyString), (paths) => void findNameCollisions(paths)));
  });

  it.each([10, 30, 500])(
    "folds each of %i folders in one another no more often than there are files",
    (depth) => {
      const chain = countFoldedCharacters(chainOf("ä", depth));
      expect(chain).toBeGreaterThan(0);
      expect(countFoldedCharacters(chainOf("ä", depth * 2))).toBeLessThanOrEqual(2 * chain);
    },
  );

  longIt("judges 100,000 paths, colliding or not, within the time of a test", () => {
    const distinct = Array.from(
      { length: 100_000 },
      (_, index) => `out/Dé${index % 1000}/Straße-${index}.txt`,
    );
    const alike = Array.from({ length: 100_000 }, (_, index) =>
      index.toString(2).padStart(17, "0").replaceAll("0", "a").replaceAll("1", "A"),
    );
    expect(findNameCollisions(distinct)).toHaveLength(0);
    expect(findNameCollisions(alike)).toHaveLength(99_999);
  });
});

describe("names that are distinct everywhere", () => {
  it("are only said of lists in which nothing collides", () => {
    const lists = fc.array(trickyPath, { maxLength: 8 }).map((paths) => paths.toSorted());
    fc.assert(
      fc.property(lists, (paths) => {
        fc.pre(areDistinctEverywhere(paths));
        // Out of order, every list is looked at name by name.
        expect(kindsOf([...paths, "zz", "zy"])).toEqual([]);
      }),
      { numRuns: runs(2000) },
    );
  });

  it("are said of sorted lists in which nothing collides, but where a folded name has a slash in it", () => {
    const lists = fc.array(trickyPath, { maxLength: 4 }).map((paths) => paths.toSorted());
    fc.assert(
      fc.property(lists, (paths) => {
        fc.pre(!paths.some((path) => path === "" || path.includes("℀")));
        expect(areDistinctEverywhere(paths)).toBe(kindsOf([...paths, "zz", "zy"]).length === 0);
      }),
      { numRuns: runs(2000) },
    );
  });

  it.each(["a", "ä"])("are said of a chain of folders %j, however the next path leaves it", (name) => {
    const chain = chainOf(name, 20);
    expect(areDistinctEverywhere([...chain, `${name}/${name}${name}/f`, `${name}b/f`].toSorted())).toBe(true);
    for (const path of chain.slice(1)) {
      const again = path.replace(`${name}/f`, `${name.toUpperCase()}/g`);
      expect(areDistinctEverywhere([...chain, again].toSorted())).toBe(false);
    }
  });
});

describe("foldName", () => {
  longIt("levels the case and the normalization form of every character", () => {
    const failed: string[] = [];
    for (let code = 0; code < 0x20000; code++) {
      const text = `_${String.fromCodePoint(code)}_`;
      const forms = [text.toUpperCase(), text.toLowerCase(), text.normalize("NFD"), text.normalize("NFKC")];
      const folded = foldName(text);
      if (forms.some((form) => foldName(form) !== folded)) failed.push(code.toString(16));
    }
    expect(failed).toEqual([]);
  });

  it("has nothing left to fold in its own result", () => {
    fc.assert(fc.property(anyString, (text) => foldName(foldName(text)) === foldName(text)));
  });

  it("keeps apart what differs in more than case and form", () => {
    const names = ["a", "b", "ä", "ae", "i", "j", "…", "....", "x.y", "xy", "x y", "ʀ", "r", "а", "α"];
    expect(new Set(names.map(foldName)).size).toBe(names.length);
  });
});
