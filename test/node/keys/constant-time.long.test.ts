import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../support/command/timing.mjs", import.meta.url));
const DIST = fileURLToPath(new URL("../../../dist", import.meta.url));

/** An odd number: the median is one of them, and one bad process does not decide. */
const PROCESSES = 5;

/** |t| below which two classes are indistinguishable, and above which a difference is plain (SECURITY.md, 5). */
const NOISE = 10;
const SIGNAL = 50;

const SUBJECTS = ["equalDigests", "matchesDigest"] as const;

/** |t| of the subjects and of the two controls. */
type Times = Readonly<Record<(typeof SUBJECTS)[number] | "stopsEarly" | "sameClass", number>>;

type Judgement = "constant" | "leaks" | "inconclusive";

/** Judges only where the instrument works: it sees a difference that is there, and none where there is none. */
function judge(times: Times): Judgement {
  if (times.stopsEarly <= SIGNAL || times.sameClass >= NOISE) return "inconclusive";
  return SUBJECTS.every((subject) => times[subject] < NOISE) ? "constant" : "leaks";
}

function medians(runs: readonly Times[]): Times {
  const median = (name: keyof Times): number => {
    const sorted = runs.map((times) => times[name]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  return {
    equalDigests: median("equalDigests"),
    matchesDigest: median("matchesDigest"),
    stopsEarly: median("stopsEarly"),
    sameClass: median("sameClass"),
  };
}

function measure(): Times {
  return JSON.parse(execFileSync(process.execPath, [SCRIPT, DIST], { encoding: "utf8" })) as Times;
}

describe("comparing digests (PROTOCOL 14, H-02)", () => {
  it("takes as long whether the first byte differs or the last", () => {
    const times = medians(Array.from({ length: PROCESSES }, measure));
    const judgement = judge(times);
    const shown = Object.entries(times).map(([name, t]) => `${name} ${t.toFixed(1)}`);
    // A busy machine proves nothing, either way: said, not failed.
    console.log(`constant time: ${judgement}; median |t| of ${PROCESSES} processes: ${shown.join(", ")}`);
    expect(["constant", "inconclusive"]).toContain(judgement);
  });

  it.each<readonly [Judgement, Times]>([
    ["constant", { equalDigests: 2, matchesDigest: 9.9, stopsEarly: 51, sameClass: 9.9 }],
    ["leaks", { equalDigests: 2, matchesDigest: 10, stopsEarly: 51, sameClass: 1 }],
    ["leaks", { equalDigests: 28, matchesDigest: 1, stopsEarly: 900, sameClass: 1 }],
    ["inconclusive", { equalDigests: 28, matchesDigest: 1, stopsEarly: 50, sameClass: 1 }],
    ["inconclusive", { equalDigests: 28, matchesDigest: 1, stopsEarly: 900, sameClass: 10 }],
  ])("is judged %s by %o", (judgement, times) => {
    expect(judge(times)).toBe(judgement);
  });
});
