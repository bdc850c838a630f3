import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const dist = fileURLToPath(new URL("./dist/", import.meta.url));

export default defineConfig({
  // What ships is what is tested, the hash worker included: a test imports
  // "../../src/core/hex.ts" for its types, and runs the compiled dist/core/hex.js.
  resolve: { alias: [{ find: /^(?:\.\.\/)+src\/(.+)\.ts$/, replacement: `${dist}$1.js` }] },
  test: {
    include: ["test/**/*.test.ts"],
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
