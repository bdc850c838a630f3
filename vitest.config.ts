import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const dist = fileURLToPath(new URL("./dist/", import.meta.url));

/** Only the fault matrices, in full and printed: `npm run test:faults`. */
const faults = process.env["RUNSEAL_FAULTS"] === "full";
/** Only the matrices of every writing command, in full: `npm run test:writes`. */
const writes = process.env["RUNSEAL_WRITES"] === "full";
/** All other tests, the long ones too: the first part of what CI runs. */
const full = process.env["RUNSEAL_RING"] === "full";
/** What `npm test` runs: all but the matrices and the files whose names end in `.long.test.ts`. */
const bounded = process.env["RUNSEAL_RING"] === "bounded";
/** CI runs more at the same time, on machines that are slower. */
const TIMEOUT = faults || writes ? 600_000 : full ? 180_000 : 60_000;

const MATRICES = ["test/faults/**", "test/writes/**"];

/** Tests of memory, threads and many files or processes. */
const LONG = bounded ? ["test/**/*.long.test.ts"] : [];

/** Test files that need a process without a past: these measure memory or time, count descriptors or replace `node:fs`. */
const ALONE = [
  "test/node/byte-budget.long.test.ts",
  "test/node/constant-time.long.test.ts",
  "test/node/hash-files.test.ts",
  "test/node/memory-scan.long.test.ts",
  "test/node/project-hold.test.ts",
];

function alone(): string[] {
  if (writes) return ["test/writes/**/*.test.ts"];
  if (faults) return ["test/faults/**/*.test.ts"];
  return full || bounded ? ALONE : [...ALONE, ...MATRICES.map((folder) => `${folder}/*.test.ts`)];
}

export default defineConfig(({ mode }) =>
  // `npm run test:core`: the core alone, from the TypeScript sources, without a build. The core has no state: its
  // test files share one load of the modules.
  mode === "core"
    ? {
        test: {
          include: ["test/core/**/*.test.ts"],
          globalSetup: "test/support/seeds.ts",
          testTimeout: TIMEOUT,
          pool: "threads",
          isolate: false,
        },
      }
    : {
        // The tests run the compiled files that ship: an import of "../../src/core/hex.ts" gives the types of that file and
        // the code of dist/core/hex.js. In dist/cli is the bundle.
        resolve: {
          alias: [
            { find: /^(?:\.\.\/)+src\/cli\/(.+)\.ts$/, replacement: `${dist}cli-modules/$1.js` },
            { find: /^(?:\.\.\/)+src\/(.+)\.ts$/, replacement: `${dist}$1.js` },
          ],
        },
        test: {
          globalSetup: "test/support/seeds.ts",
          server: { deps: { external: [/\/dist\//] } },
          // Commands that run inside the test change the current folder, which a thread cannot do.
          pool: "forks",
          testTimeout: TIMEOUT,
          hookTimeout: TIMEOUT,
          disableConsoleIntercept: faults || writes,
          // Each of these files keeps all cores busy by itself.
          ...(writes ? { fileParallelism: false } : {}),
          // Each file has its own folders. vitest leaves one core idle by default.
          maxWorkers: "100%",
          // A process and a load of all modules take about a second: most test files share both.
          projects: [
            {
              extends: true,
              test: {
                name: "shared",
                include: faults || writes ? [] : ["test/**/*.test.ts"],
                exclude: [...ALONE, ...MATRICES, ...LONG],
                isolate: false,
                sequence: { groupOrder: 1 },
              },
            },
            {
              extends: true,
              test: {
                name: "alone",
                include: alone(),
                exclude: LONG,
                isolate: true,
                sequence: { groupOrder: 2 },
              },
            },
          ],
        },
      },
);
