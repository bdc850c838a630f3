// Removes what tsc compiled from sources that are no longer there: a package made here would ship it, and a test could import it.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The folders of compiled modules, and of their sources. */
const COMPILED = {
  "dist/core": "src/core",
  "dist/node": "src/node",
  "dist/cli-modules": "src/cli",
  "packages/fleet/dist": "packages/fleet/src",
};

for (const [compiled, sources] of Object.entries(COMPILED)) {
  const folder = join(root, compiled);
  if (!existsSync(folder)) continue;
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const [, module] = /^(.*)\.(?:d\.ts|js)$/.exec(file) ?? [];
    if (module !== undefined && !existsSync(join(root, sources, `${module}.ts`))) rmSync(join(folder, file));
  }
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort().reverse()) {
    const path = join(folder, file);
    if (!/\./.test(file) && readdirSync(path).length === 0) rmSync(path, { recursive: true });
  }
}
