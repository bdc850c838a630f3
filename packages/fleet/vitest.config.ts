import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const own = fileURLToPath(new URL("./dist/", import.meta.url));
const dist = fileURLToPath(new URL("../../dist/", import.meta.url));

/** The tests run what was compiled, as those of `runseal` do: of this package, and of `runseal` by longer ways up. */
export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^(?:\.\.\/){1,2}src\/((?:main|outcome|database|audit|page|work|service|command)\b.*)\.ts$/,
        replacement: `${own}$1.js`,
      },
      { find: /^(?:\.\.\/)+src\/cli\/(.+)\.ts$/, replacement: `${dist}cli-modules/$1.js` },
      { find: /^(?:\.\.\/)+src\/(.+)\.ts$/, replacement: `${dist}$1.js` },
    ],
  },
  test: {
    root: fileURLToPath(new URL("./", import.meta.url)),
    include: ["test/**/*.test.ts"],
    globalSetup: fileURLToPath(new URL("../../test/support/rings/seeds.ts", import.meta.url)),
    server: { deps: { external: [/\/dist\//] } },
    // Commands of runseal run inside of the test, and change the current folder.
    pool: "forks",
    env: { RUNSEAL_CLI: "inside" },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: "100%",
  },
});
