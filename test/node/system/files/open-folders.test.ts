import { describe, expect, it } from "vitest";
import { openFoldersWithin } from "../../../../src/node/system/runtime/system-limits.ts";

/** A kernel that reports a limit on descriptors as Linux does. */
function granting(soft: string): (path: string) => string | undefined {
  const limits = [
    "Limit                     Soft Limit           Hard Limit           Units     ",
    "Max processes             95898                95898                processes ",
    `Max open files            ${soft.padEnd(20)} 1048576              files     `,
  ];
  return (path) => (path === "/proc/self/limits" ? `${limits.join("\n")}\n` : undefined);
}

describe("folders that may be held open", () => {
  it.each<readonly [string, string, number]>([
    ["are a share of the descriptors", "1024", 16],
    ["are a few at least", "64", 4],
    ["are never more than are of use", "1048576", 200],
    ["are not limited where descriptors aren't", "unlimited", 200],
  ])("%s", (_what, soft, folders) => {
    expect(openFoldersWithin(granting(soft))).toBe(folders);
  });

  it("are not limited where no kernel tells anything", () => {
    expect(openFoldersWithin(() => undefined, "darwin")).toBe(200);
  });

  it("are a few where Linux can't be asked: no descriptor may be left to read with", () => {
    expect(openFoldersWithin(() => undefined, "linux")).toBe(4);
  });
});
