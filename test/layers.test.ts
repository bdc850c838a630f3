import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";

const repository = fileURLToPath(new URL("..", import.meta.url));

/** What each layer may import: its own files, the layers below, and these packages. */
const LAYERS = {
  core: { layers: ["core"], packages: [] },
  node: { layers: ["node", "core"], packages: [/^node:/, /^sodium-native$/] },
  cli: { layers: ["cli", "node", "core"], packages: [/^node:/, /^@commander-js\/extra-typings$/, /^pino$/] },
} as const;

describe("layers", () => {
  it.each(Object.entries(LAYERS))("%s imports nothing but what it may", (layer, allowed) => {
    const folder = join(repository, "src", layer);
    const forbidden = sourceFiles(folder).flatMap((file) =>
      importsOf(file)
        .filter((specifier) => !isAllowed(file, specifier, allowed))
        .map((specifier) => `${relative(repository, file)} imports ${specifier}`),
    );
    expect(forbidden).toEqual([]);
  });

  it("finds imports at all, so that the test above can fail", () => {
    const specifiers = sourceFiles(join(repository, "src/node")).flatMap(importsOf);
    expect(specifiers.some((specifier) => specifier.startsWith("node:"))).toBe(true);
    expect(specifiers.some((specifier) => specifier.includes("/core/"))).toBe(true);
  });

  it("keeps every source file within 400 lines", () => {
    const long = sourceFiles(join(repository, "src")).filter(
      (file) => readFileSync(file, "utf8").split("\n").length > 400,
    );
    expect(long).toEqual([]);
  });
});

describe("the compiler and the linter catch a planted violation", () => {
  const planted: string[] = [];
  afterEach(() => {
    for (const folder of planted.splice(0)) rmSync(folder, { recursive: true });
  });

  it.each([
    [
      "Node's modules in the core",
      "core",
      'import { readFileSync } from "node:fs";\nexport const read: typeof readFileSync = readFileSync;\n',
    ],
    ["Buffer in the core", "core", 'export const bytes: Uint8Array = Buffer.from("x");\n'],
    ["process in the core", "core", "export const platform: string = process.platform;\n"],
    ["the clock by way of the DOM in the core", "core", "export const now: number = performance.now();\n"],
    ["the node layer in the core", "core", 'export { runIdOf } from "../node/files/open-bundle.ts";\n'],
    ["the command line in the node layer", "node", 'export { run } from "../cli/run.ts";\n'],
  ])("tsc refuses %s", (_what, layer, source) => {
    const copy = plant(layer, source);
    const { status, stdout } = spawnSync(
      process.execPath,
      [bin("typescript/bin/tsc"), "-b", `src/${layer}`],
      {
        cwd: copy,
        encoding: "utf8",
      },
    );
    expect(stdout).toContain(`src/${layer}/planted.ts`);
    expect(status).not.toBe(0);
  });

  it.each([
    [
      "node:fs in the core",
      "core",
      'import { readFileSync } from "node:fs";\nexport const read: typeof readFileSync = readFileSync;\n',
    ],
    ["the node layer in the core", "core", 'export { runIdOf } from "../node/files/open-bundle.ts";\n'],
    ["the command line in the node layer", "node", 'export { run } from "../cli/run.ts";\n'],
  ])("biome refuses %s", (_what, layer, source) => {
    const copy = plant(layer, source);
    const { status, stdout, stderr } = spawnSync(bin(".bin/biome"), ["lint", `src/${layer}/planted.ts`], {
      cwd: copy,
      encoding: "utf8",
    });
    expect(stdout + stderr).toContain("noRestrictedImports");
    expect(status).not.toBe(0);
  });

  /** A copy of the sources with one more file in it. */
  function plant(layer: string, source: string): string {
    const copy = mkdtempSync(join(tmpdir(), "runseal-layers-"));
    planted.push(copy);
    cpSync(join(repository, "src"), join(copy, "src"), { recursive: true });
    for (const file of ["tsconfig.base.json", "biome.json", "package.json"]) {
      cpSync(join(repository, file), join(copy, file));
    }
    mkdirSync(join(copy, "node_modules/.bin"), { recursive: true });
    for (const name of readdirSync(join(repository, "node_modules"))) {
      if (name !== ".bin")
        symlinkSync(join(repository, "node_modules", name), join(copy, "node_modules", name));
    }
    writeFileSync(join(copy, "src", layer, "planted.ts"), source);
    return copy;
  }
});

function bin(path: string): string {
  return join(repository, "node_modules", path);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  const source = readFileSync(file, "utf8");
  return [...source.matchAll(/(?:\bfrom |\bimport |\bimport\()"([^"]+)"/g)].map((match) => match[1] ?? "");
}

function isAllowed(
  file: string,
  specifier: string,
  allowed: { readonly layers: readonly string[]; readonly packages: readonly RegExp[] },
): boolean {
  if (!specifier.startsWith(".")) return allowed.packages.some((pattern) => pattern.test(specifier));
  const [layer = ""] = relative(join(repository, "src"), resolve(dirname(file), specifier)).split("/");
  return allowed.layers.includes(layer);
}
