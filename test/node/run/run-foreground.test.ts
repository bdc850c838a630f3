import { describe, expect, it } from "vitest";
import { isForegroundStat } from "../../../src/node/run/foreground.ts";

describe("whether a terminal's Ctrl-C reaches this process (proc(5), stat)", () => {
  it.each([
    ["the terminal's foreground group is its own", "71 (node) S 70 71 60 34816 71 4194304 9", true],
    ["another group is in the foreground", "71 (node) S 70 71 60 34816 60 4194304 9", false],
    ["it has no terminal", "71 (node) S 70 71 60 0 -1 4194304 9", false],
    ["its name looks like more fields", "71 (a) S 1 2 3) S 70 71 60 34816 71 4194304 9", true],
    ["its name holds a bracket and a space", "71 (x) 0 () S 70 71 60 34816 60 4194304 9", false],
  ])("%s", (_what, line, expected) => {
    expect(isForegroundStat(line)).toBe(expected);
  });
});
