import { describe, expect, it } from "vitest";
import type { ProgressState } from "../../../src/cli/progress/progress-state.ts";
import { progressLine, progressSentence } from "../../../src/cli/progress/progress-text.ts";
import { sizeOf, sizeOfTotal } from "../../../src/core/system/bytes/size-text.ts";
import { fc } from "../../support/rings/properties.ts";

const STATE: ProgressState = {
  phase: "verify",
  done: { files: 12_345, bytes: 1_234_567_890 },
  total: { files: 100_000, bytes: 4_294_967_296 },
  isWhole: false,
  fraction: 0.2874,
  seconds: 2,
  filesPerSecond: 6172,
  bytesPerSecond: 640_000_000,
  secondsLeft: 4.78,
};

describe("the line of progress", () => {
  it("has phase, percent, files and bytes of their totals, rate and time left", () => {
    expect(progressLine(STATE, 80)).toBe(
      "verifying 28%, 12,345 of 100,000 files, 1.23 of 4.29 GB, 640 MB/s, 5 s left",
    );
  });

  it("drops what is dispensable where the terminal is narrow, and never reaches its last column", () => {
    expect(progressLine(STATE, 75)).toBe("verifying 28%, 12,345 of 100,000 files, 1.23 of 4.29 GB, 5 s left");
    expect(progressLine(STATE, 60)).toBe("verifying 28%, 12,345 of 100,000 files, 5 s left");
    expect(progressLine(STATE, 40)).toBe("verifying 28%, 5 s left");
    expect(progressLine(STATE, 16)).toBe("verifying 28%");
    expect(progressLine(STATE, 5)).toBe("veri");
    expect(progressLine(STATE, 1)).toBe("");
    const widths = fc.integer({ min: 0, max: 200 });
    const counts = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(widths, counts, counts, (columns, files, bytes) => {
        const line = progressLine({ ...STATE, done: { files, bytes } }, columns);
        return line.length <= Math.max(0, columns - 1) && /^[ -~]*$/.test(line);
      }),
    );
  });

  it("says nothing of what is not known", () => {
    const unknown = {
      fraction: undefined,
      filesPerSecond: undefined,
      bytesPerSecond: undefined,
      secondsLeft: undefined,
    };
    const state = { ...STATE, ...unknown };
    expect(progressLine({ ...state, total: {} }, 80)).toBe("verifying, 12,345 files, 1.23 GB");
    expect(progressLine({ ...state, done: { files: 0, bytes: 0 }, total: { files: 1 } }, 80)).toBe(
      "verifying, 0 of 1 file",
    );
  });

  it("counts the bundles of a chain, whole ones", () => {
    const done = { files: 7, bytes: 1500, bundles: 2.9 };
    const state = { ...STATE, fraction: 0.295, done, total: { bundles: 10 } };
    expect(progressLine(state, 80)).toBe(
      "verifying 29%, 2 of 10 bundles, 7 files, 1.50 kB, 640 MB/s, 5 s left",
    );
  });

  it.each([
    [0.2, "1 s left"],
    [59.5, "1 min 0 s left"],
    [3599, "59 min 59 s left"],
    [9000, "2 h 30 min left"],
  ])("of %d seconds makes %s", (secondsLeft, words) => {
    expect(progressLine({ ...STATE, secondsLeft }, 100).endsWith(`, ${words}`)).toBe(true);
  });

  it("is a sentence of its own in a log", () => {
    expect(progressSentence(STATE)).toBe(
      "progress: verifying 28%, 12,345 of 100,000 files, 1.23 of 4.29 GB, 640 MB/s, 5 s left\n",
    );
  });
});

describe("sizes", () => {
  it.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [999.6, "1.00 kB"],
    [12_345, "12.3 kB"],
    [640_000_000, "640 MB"],
    [999_600_000, "1.00 GB"],
    [Number.MAX_SAFE_INTEGER, "9.01 PB"],
  ])("%d is %s", (bytes, words) => {
    expect(sizeOf(bytes)).toBe(words);
  });

  it("have the unit of the whole", () => {
    expect(sizeOfTotal(5, 4_294_967_296)).toBe("0.00 of 4.29 GB");
    expect(sizeOfTotal(5_000, 11)).toBe("5,000 of 11 bytes");
  });
});
