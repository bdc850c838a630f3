import { describe, expect, it } from "vitest";
import {
  beginCleaning,
  beginMany,
  beginReading,
  type Progress,
} from "../../../../src/node/system/runtime/progress.ts";

const MIB = 1024 * 1024;

/** What is reported as one piece. */
function told(tell: (progress: Progress) => void): readonly unknown[] {
  const whole: unknown[] = [];
  const beginWhole: Progress["beginWhole"] = (phase, total) => whole.push([phase, total]);
  tell({ beginWhole, begin: () => expect.unreachable(), end: () => expect.unreachable() });
  return whole;
}

describe("work that is one piece", () => {
  it("is reported before it begins, if there are many files", () => {
    expect(told((progress) => beginMany(progress, "plan", 50_001))).toEqual([["plan", { files: 50_001 }]]);
    expect(told((progress) => beginCleaning(progress, 10_001))).toEqual([["clean", { files: 10_001 }]]);
    expect(told((progress) => beginReading(progress, 16 * MIB))).toEqual([["open", {}]]);
  });

  it("is not told of where it takes no time: a terminal would flicker", () => {
    expect(told((progress) => beginMany(progress, "plan", 50_000))).toEqual([]);
    expect(told((progress) => beginCleaning(progress, 10_000))).toEqual([]);
    expect(told((progress) => beginReading(progress, 16 * MIB - 1))).toEqual([]);
  });
});
