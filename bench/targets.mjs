/**
 * The targets of design/PERFORMANCE.md, as data; judge.mjs reads them. A measurement is named
 * "WORKLOAD / operation / who". Of a target:
 *
 *     of, to, with atMost | below | atLeast     the ratio of a time to the smallest of others'
 *     secondsOf, with atMost                    a time
 *     peakOf, with below                        bytes of memory; with over and size, where so many files or bundles are worked on
 *     sizeOf, field, with atMost                bytes or files of a store
 *     growthOf, over, field, with atMost        what ten times as much costs, divided by ten; with isRatio, not divided
 */

import { PEERS } from "./peers.mjs";
import { OPERATIONS } from "./ways.mjs";

/** The peers that check a signature or a MAC: verifying and restoring are to be faster than each. */
const SIGNED = PEERS.filter((peer) => peer.authenticates);

/**
 * What the Python reference of the protocol took, where it was measured (design/PERFORMANCE.md), beside
 * `sha256sum -c` there. It isn't here to be run: its time is estimated by that ratio; for the chain it is taken as it is.
 */
export const REFERENCE = {
  W2: { seconds: 0.544, sha256sum: 0.19 },
  W3: { seconds: 2.108, sha256sum: 0.692 },
  CH: { seconds: 4.59, bundles: 10_000 },
};

const TREES = ["W1", "W2", "W3", "W4"];

/** A restore puts files into a folder that is there, one by one, or makes it, and it appears by one rename (`--mkdir`). */
const INTO = ["", ", a new folder"];

const MIB = 1024 * 1024;

export const TARGETS = [
  {
    text: "verify W1: of one core's SHA-256 limit",
    of: "W1 / verify / the limit: SHA-256 from memory, one core",
    to: ["W1 / verify / runseal"],
    atLeast: 0.95,
  },
  {
    text: "verify two big files: of two cores' limit",
    of: "TWO / verify / the limit: SHA-256 from memory, two cores",
    to: ["TWO / verify / runseal"],
    atLeast: 0.9,
  },
  ...[
    ["W2", 1.0],
    ["W3", 0.9],
    ["W4", 1.0],
  ].map(([workload, atMost]) => ({
    text: `verify ${workload}: × sha256sum -c, which checks no signature`,
    of: `${workload} / verify / runseal`,
    to: [`${workload} / verify / sha256sum -c`],
    atMost,
  })),
  {
    text: "verify W3 --exact: × the same without it",
    of: "W3 / verify / runseal --exact",
    to: ["W3 / verify / runseal"],
    atMost: 1.3,
  },
  ...TREES.map((workload) => ({
    text: `verify ${workload}: × the fastest that checks a signature`,
    of: `${workload} / verify / runseal`,
    to: SIGNED.filter((peer) => peer.verify).map(({ who }) => `${workload} / verify / ${who}`),
    below: 1,
  })),
  ...["W2", "W3"].map((workload) => ({
    text: `verify ${workload}: the Python reference (estimated) × runseal`,
    of: `${workload} / verify / reference`,
    to: [`${workload} / verify / runseal`],
    atLeast: 3,
  })),
  ...TREES.map((workload) => ({
    text: `seal ${workload}: × verify of the same`,
    of: `${workload} / seal / runseal`,
    to: [`${workload} / verify / runseal`],
    atMost: 1.25,
  })),
  ...[
    ["S2", 0.8],
    ["S3", 0.6],
  ].map(([workload, atMost]) => ({
    text: `seal ${workload}, keeping: × restic backup`,
    of: `${workload} / keep / runseal`,
    to: [`${workload} / keep / restic`],
    atMost,
  })),
  {
    text: "second seal S3, the tree unchanged: × the first",
    of: "S3 / keepAgain / runseal, the second seal",
    to: ["S3 / keep / runseal"],
    atMost: 0.6,
  },
  {
    text: "verify --stored S3: × sha256sum -c",
    of: "S3 / verifyStored / runseal verify --stored",
    to: ["S3 / verifyStored / sha256sum -c"],
    atMost: 0.9,
  },
  { text: "store of S3, MiB", sizeOf: "S3 / storeSize / runseal", field: "storeBytes", atMost: 110 * MIB },
  { text: "store of S3: files", sizeOf: "S3 / storeSize / runseal", field: "storeFiles", atMost: 8 },
  ...[
    ["first snapshot of 7,332 files", "GUARD-7332 / guardFirst", 2.5],
    ["first snapshot of 40,000 files", "GUARD-40000 / guardFirst", 3.5],
    ["snapshot of 7,332 files, nothing changed", "GUARD-7332 / guardUnchanged", 0.35],
    ["snapshot of 40,000 files, nothing changed", "GUARD-40000 / guardUnchanged", 0.9],
    ["snapshot of 40,000 files, one changed", "GUARD-40000 / guardOneChanged", 1.4],
    ["undo of 1,000 of 40,000 files", "GUARD-40000 / guardUndo", 3],
  ].map(([text, row, atMost]) => ({
    text: `guard: ${text}, seconds`,
    secondsOf: `${row} / runseal`,
    atMost,
  })),
  ...[
    ["push of 100,000 × 1 KiB", "CARRY-small / carryPush", 0.4],
    ["pull of 100,000 × 1 KiB", "CARRY-small / carryPull", 0.5],
    ["push of 8 × 256 MiB", "CARRY-big / carryPush", 1],
    ["pull of 8 × 256 MiB", "CARRY-big / carryPull", 1],
  ].flatMap(([text, row, atMost]) => [
    { text: `carry: ${text}: × oras`, of: `${row} / runseal`, to: [`${row} / oras`], atMost },
    { text: `memory: ${text}, MiB`, peakOf: `${row} / runseal`, below: 200 * MIB },
  ]),
  { text: "chain CH: seconds", secondsOf: "CH / chain verify / runseal", size: 10_000, atMost: 1.0 },
  {
    text: "chain CH: the Python reference (as recorded) × runseal",
    of: "CH / chain verify / reference",
    to: ["CH / chain verify / runseal"],
    atLeast: 4.5,
  },
  ...TREES.flatMap((workload) =>
    INTO.map((into) => ({
      text: `restore ${workload}${into}, durable: × (the same + sync -f + one fsync a file)`,
      of: `${workload} / restoreDurable / runseal${into}`,
      to: [`${workload} / restoreDurable / cp -a + two checks + sync -f + fsync each`],
      atMost: 1.2,
    })),
  ),
  ...TREES.flatMap((workload) =>
    INTO.map((into) => ({
      text: `restore ${workload}${into}, durable: × the fastest of restic, borg, ostree, which sync nothing`,
      of: `${workload} / restoreDurable / runseal${into}`,
      to: SIGNED.filter((peer) => peer.restore).map(({ who }) => `${workload} / restore / ${who}`),
      below: 1,
    })),
  ),
  ...["verify", "seal", "restoreDurable"].flatMap((operation) =>
    [
      [100_000, 150],
      [1_000_000, 500],
    ].map(([size, mib]) => ({
      text: `memory: ${OPERATIONS[operation]}, of ${size.toLocaleString("en")} files, MiB`,
      peakOf: `G / ${operation} / runseal`,
      over: "files",
      size,
      below: mib * MIB,
    })),
  ),
  {
    text: "memory: undo, of 1,000,000 files, MiB",
    peakOf: "G / undo / runseal",
    over: "files",
    size: 1_000_000,
    below: 500 * MIB,
  },
  ...["runseal", "runseal, of the project"].map((who) => ({
    text: `memory: chain verify, of 100,000 bundles${who.slice("runseal".length)}, MiB`,
    peakOf: `G / chain verify / ${who}`,
    over: "bundles",
    size: 100_000,
    below: 500 * MIB,
  })),
  {
    text: "start-up: runseal --version: × node -e 0",
    of: "START / start-up / runseal --version",
    to: ["START / start-up / node -e 0"],
    atMost: 1.3,
  },
  {
    text: "start-up: verify of 3 files: × node -e 0",
    of: "START / start-up / runseal verify, 3 files",
    to: ["START / start-up / node -e 0"],
    atMost: 2.0,
  },
  ...["files", "bytes"].flatMap((over) =>
    ["verify", "seal", "restoreDurable"].flatMap((operation) => [
      growth(`${OPERATIONS[operation]}: time over ${over}`, `G / ${operation} / runseal`, over, "median"),
      growth(
        `${OPERATIONS[operation]}: memory over ${over}`,
        `G / ${operation} / runseal`,
        over,
        "peakBytes",
      ),
    ]),
  ),
  growth("chain verify: time over bundles", "G / chain verify / runseal", "bundles", "median"),
  growth("chain verify: memory over bundles", "G / chain verify / runseal", "bundles", "peakBytes"),
  ...["one more seal", "status", "log"].map((operation) => ({
    text: `${operation} behind ten times as many bundles: ×`,
    growthOf: `CH / ${operation} / runseal`,
    over: "bundles",
    field: "median",
    isRatio: true,
    atMost: 1.5,
  })),
  ...["status", "log"].map((operation) => ({
    text: `${operation} in a history of 10,000, seconds`,
    secondsOf: `CH / ${operation} / runseal`,
    size: 10_000,
    atMost: 0.3,
  })),
];

/** Linear, with room for noise: of the two biggest sizes, the bigger costs no more than its share and 15%. */
function growth(what, growthOf, over, field) {
  return { text: `growth of ${what}: × linear`, growthOf, over, field, atMost: 1.15 };
}
