import { describe, expect, it } from "vitest";
import { parsePassedOver } from "../../../../src/core/records/tree/passed-over.ts";

/** Whether the entry of a path is passed over. */
function isPassedOver(lists: [tree: string[], callers: string[]], path: string, isFolder = false): boolean {
  const parsed = parsePassedOver(...lists);
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.value(path, path.slice(path.lastIndexOf("/") + 1), isFolder);
}

describe("entries that verification passes over", () => {
  it("are what the tree ignored and what the caller ignores, from the root", () => {
    const lists: [string[], string[]] = [["*.log", "/tmp/"], ["notes"]];
    expect(isPassedOver(lists, "dist/x.log")).toBe(true);
    expect(isPassedOver(lists, "dist/notes")).toBe(true);
    expect(isPassedOver(lists, "tmp", true)).toBe(true);
    expect(isPassedOver(lists, "tmp")).toBe(false);
    expect(isPassedOver(lists, "dist/tmp", true)).toBe(false);
    expect(isPassedOver(lists, "dist/app.js")).toBe(false);
  });

  it("stay passed over by the tree's list if the caller takes them back", () => {
    expect(isPassedOver([["*.log"], ["!*.log"]], "x.log")).toBe(true);
  });

  it("stay passed over by the caller's list if the tree took them back", () => {
    expect(isPassedOver([["!*.log"], ["*.log"]], "x.log")).toBe(true);
  });

  it("can be taken back within one list", () => {
    expect(isPassedOver([["*.log", "!keep.log"], []], "keep.log")).toBe(false);
    expect(isPassedOver([[], ["*.log", "!keep.log"]], "keep.log")).toBe(false);
  });

  it("allow each list its limit of patterns", () => {
    const many = Array.from({ length: 1000 }, (_, index) => `name${index}`);
    expect(isPassedOver([many, many], "name999")).toBe(true);
    expect(parsePassedOver(many, [...many, "one more"])).toEqual({
      ok: false,
      code: "TOO_MANY_PATTERNS",
      line: 1001,
    });
  });
});
