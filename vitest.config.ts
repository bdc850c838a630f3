import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = fileURLToPath(new URL("./", import.meta.url));
const dist = fileURLToPath(new URL("./dist/", import.meta.url));

/** `npm test` is bounded; CI is full as root, and `ordinary` as an ordinary user: without the matrices and the long tests. */
const ring = process.env["RUNSEAL_RING"];
const isBounded = ring === "bounded";
/** All points of the matrices: `npm run test:faults` and `npm run test:writes`. */
const takesAll = process.env["RUNSEAL_MATRICES"] === "all";

/** A busy machine takes ten times as long as an idle one. */
const TIMEOUT = isBounded ? 120_000 : 180_000;
const MATRIX_TIMEOUT = 900_000;

/** Faults at many points (support/rings/matrix.ts). */
const MATRICES = ["test/faults/**/*.test.ts", "test/writes/**/*.test.ts"];

/** Attackers in processes of their own, which must get their turn: nothing else runs beside them. */
const RACES = ["test/faults/*race*.test.ts", "test/writes/*-attack.test.ts"];

/** Tests of memory, threads and many files or processes. */
const LONG = ["test/**/*.long.test.ts"];

/** The ring of real processes: what a process alone shows. All other tests call most commands inside of their own process. */
const PROCESSES = [
  "completion-shells",
  "debug-log",
  "edits-as-root",
  "init",
  "interrupt.long",
  "key-descriptor",
  "no-answer",
  "restore",
  "run-signals",
  "run-streams",
  "seal",
  "seal-disk",
  "terminal",
  "user-home",
  "verify",
].map((name) => `test/cli/**/${name}.test.ts`);

/**
 * What `npm test` leaves out besides: tests of browsers, shells, terminals, other people's tools and servers, of the templates and
 * pages that start them, of other systems, and of many kills.
 */
const OUTSIDE = [
  "test/web/**/*.test.ts",
  "test/docs/{ci-recipes,library-example,signers-example,role-demos}.test.ts",
  "test/cli/output/{action,terminal}.test.ts",
  "test/cli/{completion/completion-shells,key/user-home,run/run-signals}.test.ts",
  "test/cli/{carry/proxy,carry/push-archive,carry/registry-tools,seal/seal-signers}.test.ts",
  "test/cli/**/*-{elsewhere,platforms,killed}.test.ts",
  "test/core/system/paths/ignore-as-git.test.ts",
  "test/node/{system/hashing/hash-files,keys/keys-import,move/registry/registry-hostile}.test.ts",
  "test/node/{system/packs/packs-fuzz,records/store/store-collect-faults}.test.ts",
];

/** Test files that need a process without a past: these measure memory or time, count descriptors, replace `node:fs` or hide /proc. */
const ALONE = [
  "test/node/system/files/exchanged-folders.test.ts",
  "test/node/system/hashing/byte-budget.long.test.ts",
  "test/node/keys/constant-time.long.test.ts",
  "test/node/system/hashing/hash-files.test.ts",
  "test/node/keys/memory-scan.long.test.ts",
  "test/node/records/project/project-hold.test.ts",
];

const slowFiles: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL(".ci/slow-files.json", import.meta.url), "utf8"),
);

/** Runs slow files first, so that no worker waits long for the last one, and the files of a project one after the other. */
class SlowFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const projects = ["matrices", "processes", "shared", "alone", "races"];
    const rank = ({ moduleId, project }: TestSpecification): number =>
      2 * projects.indexOf(project.name) + (relative(root, moduleId) in slowFiles ? 0 : 1);
    return (await super.sort(specifications)).sort((one, other) => rank(one) - rank(other));
  }
}

const isFull = ring !== "bounded" && ring !== "ordinary";
const excluded = [...(isFull ? [] : LONG), ...(isBounded ? OUTSIDE : [])];

export default defineConfig(({ mode }) =>
  // `npm run test:core`: the core alone, from the TypeScript sources, without a build. The core has no state: its
  // test files share one load of the modules.
  mode === "core"
    ? {
        test: {
          include: ["test/core/**/*.test.ts"],
          globalSetup: "test/support/rings/seeds.ts",
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
          globalSetup: "test/support/rings/seeds.ts",
          setupFiles: process.env["RUNSEAL_RECORD"] === undefined ? [] : ["test/support/record/setup.ts"],
          server: { deps: { external: [/\/dist\//] } },
          // Commands that run inside the test change the current folder, which a thread cannot do.
          pool: "forks",
          testTimeout: TIMEOUT,
          hookTimeout: TIMEOUT,
          disableConsoleIntercept: takesAll,
          // With all points, each matrix keeps all cores busy by itself.
          fileParallelism: !takesAll,
          // Each file has its own folders. vitest leaves one core idle by default.
          maxWorkers: "100%",
          sequence: { sequencer: SlowFirst },
          // A process and a load of all modules take about a second: most test files share both.
          projects: [
            {
              extends: true,
              test: {
                name: "shared",
                include: ["test/**/*.test.ts"],
                exclude: [...ALONE, ...MATRICES, ...PROCESSES, ...excluded],
                env: { RUNSEAL_CLI: "inside" },
                isolate: false,
                sequence: { groupOrder: 1 },
              },
            },
            {
              extends: true,
              test: {
                name: "processes",
                include: PROCESSES,
                exclude: excluded,
                isolate: false,
                sequence: { groupOrder: 1 },
              },
            },
            {
              extends: true,
              test: {
                name: "matrices",
                include: isFull ? MATRICES : [],
                exclude: RACES,
                env: { RUNSEAL_CLI: "inside" },
                testTimeout: MATRIX_TIMEOUT,
                hookTimeout: MATRIX_TIMEOUT,
                isolate: true,
                sequence: { groupOrder: 1 },
              },
            },
            {
              extends: true,
              test: {
                name: "races",
                include: isFull ? RACES : [],
                env: { RUNSEAL_CLI: "inside" },
                testTimeout: MATRIX_TIMEOUT,
                maxWorkers: 1,
                isolate: true,
                sequence: { groupOrder: 3 },
              },
            },
            {
              extends: true,
              test: {
                name: "alone",
                include: ALONE,
                exclude: excluded,
                env: { RUNSEAL_CLI: "inside" },
                isolate: true,
                sequence: { groupOrder: 2 },
              },
            },
          ],
        },
      },
);
