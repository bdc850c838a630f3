import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const dist = fileURLToPath(new URL("./dist/", import.meta.url));

/** The fault matrices in full, which is `npm run test:faults`: nothing else runs then, and they are printed. */
const faults = process.env["RUNSEAL_FAULTS"] === "full";
const TIMEOUT = faults ? 600_000 : 60_000;

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
    include: [faults ? "test/faults/**/*.test.ts" : "test/**/*.test.ts"],
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: TIMEOUT,
    hookTimeout: TIMEOUT,
    disableConsoleIntercept: faults,
    // Each file has its own folders. Most of them wait for processes and disks.
    ...(faults ? { maxWorkers: "100%" } : {}),
  },
});
