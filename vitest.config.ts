import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const dist = fileURLToPath(new URL("./dist/", import.meta.url));

/** The fault matrices in full, which is `npm run test:faults`: nothing else runs then, and they are printed. */
const faults = process.env["RUNSEAL_FAULTS"] === "full";
/** The matrices of every writing command in full, which is `npm run test:writes`: nothing else runs then. */
const writes = process.env["RUNSEAL_WRITES"] === "full";
const TIMEOUT = faults || writes ? 600_000 : 60_000;

function included(): string {
  if (writes) return "test/writes/**/*.test.ts";
  return faults ? "test/faults/**/*.test.ts" : "test/**/*.test.ts";
}

export default defineConfig({
  // What ships is what is tested, the hash worker included: a test imports
  // "../../src/core/hex.ts" for its types, and runs the compiled dist/core/hex.js. In dist/cli is the bundle.
  resolve: {
    alias: [
      { find: /^(?:\.\.\/)+src\/cli\/(.+)\.ts$/, replacement: `${dist}cli-modules/$1.js` },
      { find: /^(?:\.\.\/)+src\/(.+)\.ts$/, replacement: `${dist}$1.js` },
    ],
  },
  test: {
    include: [included()],
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: TIMEOUT,
    hookTimeout: TIMEOUT,
    disableConsoleIntercept: faults || writes,
    // Each of these files keeps all cores busy by itself.
    ...(writes ? { fileParallelism: false } : {}),
    // Each file has its own folders. Most of them wait for processes and disks.
    ...(faults ? { maxWorkers: "100%" } : {}),
  },
});
