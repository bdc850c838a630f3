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
import { drawn, longIt } from "./support/rings/ring.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));

/** What each layer may import: its own files, the layers below, and these packages. */
const LAYERS = {
  core: { layers: ["core"], packages: [] },
  node: { layers: ["node", "core"], packages: [/^node:/, /^sodium-native$/, /^asn1js$/, /^undici$/] },
  cli: {
    layers: ["cli", "node", "core"],
    packages: [/^node:/, /^@commander-js\/extra-typings$/, /^diff$/, /^jsonc-parser$/, /^pino$/],
  },
  web: { layers: ["web", "core"], packages: [/^hash-wasm$/, /^asn1js$/] },
  // A program on the library, as any other one: nothing of `src` but what the package publishes.
  fleet: {
    layers: ["fleet"],
    packages: [
      ...[/^node:/, /^runseal(?:\/core)?$/, /^graphile-worker$/, /^pg$/],
      ...[
        /^fastify$/,
        /^@fastify\/(?:rate-limit|swagger|type-provider-typebox)$/,
        /^typebox$/,
        /^prom-client$/,
      ],
    ],
  },
} as const;

/** The one file that asks which system it is. */
const ASKS_THE_SYSTEM = "src/node/system/runtime/this-system.ts";

/** The layers that are compiled for Node. The page is a bundle of `web`. */
const NODE_LAYERS = ["core", "node", "cli"] as const;

/** A file without its comments. */
function codeOf(file: string): string {
  return readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
}

/** Where a layer is. */
function placeOf(layer: string): string {
  if (layer === "fleet") return join(repository, "packages/fleet/src");
  return join(repository, layer === "web" ? "web" : `src/${layer}`);
}

/**
 * The folders of each layer as a list: a folder imports from folders that stand before it, and from layers below.
 * A folder that is not named belongs to the one around it.
 */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  core: [
    "system/bytes",
    "system/json",
    "system/paths",
    "system/codes",
    "records/artifacts",
    "records/tree",
    "records/packs",
    "judge/bundle/phases",
    "judge/bundle",
    "judge/trust",
    "judge/time",
    "judge/history",
    "judge/said",
    "make/proof",
    "make/unsigned",
    "make/evidence",
    "make/evidence/reading",
    "move/archive",
    "move/registry",
    "move/carried",
    "back/restore",
  ],
  node: [
    "system/runtime",
    "system/files",
    "system/locks",
    "system/work",
    "system/packs",
    "system/hashing",
    "system/http",
    "keys",
    "keys/time",
    "keys/trust",
    "keys/create",
    "records/bundle",
    "records/project",
    "records/store",
    "judge/source",
    "judge/verify",
    "judge/history",
    "judge/check",
    "make/timestamp",
    "make/seal",
    "make/sign",
    "make/prove",
    "make/countersign",
    "make/export",
    "move/registry",
    "move/archive",
    "move/carry",
    "back/guard/index",
    "back/guard/turns",
    "back/guard",
    "back/guard/prune",
    "back/transaction/journal",
    "back/transaction/work",
    "back/transaction",
    "back/restore/target",
    "back/restore/recover",
    "back/restore",
    "back/restore/undo",
    "back/revert",
    "back/turns",
    "run",
    "library/doctor",
    "library/places",
    "library",
  ],
  cli: [
    "results",
    "text",
    "codes",
    "output",
    "options",
    "progress",
    "debug",
    "markup",
    "verdict",
    "junit",
    "html",
    "commands/trust",
    "commands/key",
    "commands/timestamp",
    "commands/seal",
    "commands/run",
    "commands/sign",
    "commands/verify",
    "commands/history",
    "commands/diff",
    "commands/restore",
    "commands/undo",
    "commands/store",
    "commands/guard",
    "commands/hook",
    "commands/prune",
    "commands/carry",
    "commands/proof",
    "commands/export",
    "commands/check",
    "commands/explain",
    "commands/status",
    "commands/doctor",
    "commands/completion",
    "reference",
  ],
  web: ["source", "store", "time", "hashing", "verify", "trust", "words", "shown", "session", "view"],
  fleet: ["outcome", "database", "audit", "page", "work", "service", "command"],
};

const MOST_FILES_IN_A_FOLDER = 25;

describe("layers", () => {
  it.each(Object.entries(FOLDERS))(
    "%s imports only from folders further up in its list",
    (layer, folders) => {
      const inside = placeOf(layer);
      const upward = sourceFiles(inside).flatMap((file) => {
        const own = folders.indexOf(folderOf(relative(inside, file), folders));
        // The files beside the folders publish them: nothing in a folder may import those.
        if (own < 0) return [];
        return importsOf(file)
          .filter((specifier) => specifier.startsWith("."))
          .map((specifier) => relative(inside, resolve(dirname(file), specifier)))
          .filter((imported) => !imported.startsWith(".."))
          .filter((imported) => {
            const other = folders.indexOf(folderOf(imported, folders));
            return other < 0 || other > own;
          })
          .map((imported) => `${relative(inside, file)} imports ${imported}`);
      });
      expect(upward).toEqual([]);
    },
  );

  it.each(Object.entries(FOLDERS))("%s has no folder that is missing in its list", (layer, folders) => {
    const inside = placeOf(layer);
    const unnamed = sourceFiles(inside)
      .map((file) => relative(inside, file))
      .filter((file) => file.includes("/") && folderOf(file, folders) === "");
    expect(unnamed).toEqual([]);
    for (const folder of folders) expect(readdirSync(join(inside, folder))).not.toEqual([]);
  });

  it("keeps every folder within 25 files", () => {
    const counts = new Map<string, number>();
    for (const file of Object.keys(LAYERS).flatMap((layer) => sourceFiles(placeOf(layer)))) {
      const folder = relative(repository, dirname(file));
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    expect([...counts].filter(([, count]) => count > MOST_FILES_IN_A_FOLDER)).toEqual([]);
  });

  it.each(Object.entries(LAYERS))("%s imports nothing but what it may", (layer, allowed) => {
    const folder = placeOf(layer);
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

  it("imports modules inside of the package, and never the index that programs import", () => {
    const published = (["node", "cli", "web"] as const).flatMap((layer) =>
      sourceFiles(placeOf(layer)).filter((file) =>
        importsOf(file).some((specifier) => /^\.[./a-z]*\/index\.ts$/.test(specifier)),
      ),
    );
    expect(published).toEqual([]);
  });

  it("asks in one file which system this is", () => {
    const asking = Object.keys(LAYERS)
      .flatMap((layer) => sourceFiles(placeOf(layer)))
      .filter((file) => /\bprocess\.platform\b|\bplatform\(\)/.test(codeOf(file)))
      .map((file) => relative(repository, file));
    expect(asking).toEqual([ASKS_THE_SYSTEM]);
  });

  it("keeps every source file within 400 lines", () => {
    const long = Object.keys(LAYERS)
      .flatMap((layer) => sourceFiles(placeOf(layer)))
      .filter((file) => readFileSync(file, "utf8").split("\n").length > 400);
    expect(long).toEqual([]);
  });
});

/** It takes seconds, but on a machine that is busy with ten other things more than a minute. */
const COMPILER_MS = 300_000;

/** What is to be caught is a matter of settings, so that a project of one file a layer shows it as well, and soon. */
describe("the compiler and the linter catch a planted violation", () => {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
  });

  const NODE_MODULE =
    'import { readFileSync } from "node:fs";\nexport const read: typeof readFileSync = readFileSync;\n';
  const NODE_LAYER = 'export { here } from "../node/here.ts";\n';
  const COMMAND_LINE = 'export { here } from "../cli/here.ts";\n';

  const PLANTED_FOR_TSC = [
    ["Node's modules in the core", "core", NODE_MODULE],
    ["Buffer in the core", "core", 'export const bytes: Uint8Array = Buffer.from("x");\n'],
    ["process in the core", "core", "export const platform: string = process.platform;\n"],
    ["the clock by way of the DOM in the core", "core", "export const now: number = performance.now();\n"],
    ["the node layer in the core", "core", NODE_LAYER],
    ["the command line in the node layer", "node", COMMAND_LINE],
  ] as const;
  it.each(drawn(PLANTED_FOR_TSC, 1))(
    "tsc refuses %s",
    (_what, layer, source) => {
      const { status, stdout } = compile(makeProject({ [`${layer}/planted.ts`]: source }), layer);
      expect(stdout).toContain(`src/${layer}/planted.ts`);
      expect(status).not.toBe(0);
    },
    COMPILER_MS,
  );

  longIt(
    "tsc takes what each layer may use, so that it is the violation that is refused above",
    () => {
      const project = makeProject({
        "node/used.ts": `${NODE_MODULE}export { here } from "../core/here.ts";\n`,
        "cli/used.ts": `${NODE_MODULE}export { here } from "../core/here.ts";\nexport { here as there } from "../node/here.ts";\n`,
      });
      expect(compile(project, "cli")).toMatchObject({ status: 0, stdout: "" });
    },
    COMPILER_MS,
  );

  const PLANTED_FOR_BIOME = [
    ["node:fs in the core", "core", NODE_MODULE],
    ["the node layer in the core", "core", NODE_LAYER],
    ["the command line in the node layer", "node", COMMAND_LINE],
  ] as const;
  it.each(drawn(PLANTED_FOR_BIOME, 1))("biome refuses %s", (_what, layer, source) => {
    const cwd = makeProject({ [`${layer}/planted.ts`]: source });
    const { status, stdout, stderr } = spawnSync(bin(".bin/biome"), ["lint", `src/${layer}/planted.ts`], {
      cwd,
      encoding: "utf8",
    });
    expect(stdout + stderr).toContain("noRestrictedImports");
    expect(status).not.toBe(0);
  });

  function compile(cwd: string, layer: string): { readonly status: number | null; readonly stdout: string } {
    const args = [bin("typescript/bin/tsc"), "-b", `src/${layer}`];
    return spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  }

  /** A project with the settings of this one, a file in each layer, and these. */
  function makeProject(files: Readonly<Record<string, string>>): string {
    const project = mkdtempSync(join(tmpdir(), "runseal-layers-"));
    made.push(project);
    for (const layer of NODE_LAYERS) {
      mkdirSync(join(project, "src", layer), { recursive: true });
      const settings = join("src", layer, "tsconfig.json");
      cpSync(join(repository, settings), join(project, settings));
      writeFileSync(join(project, "src", layer, "here.ts"), `export const here: string = "${layer}";\n`);
    }
    for (const file of ["tsconfig.base.json", "biome.json", "package.json"]) {
      cpSync(join(repository, file), join(project, file));
    }
    symlinkSync(join(repository, "node_modules"), join(project, "node_modules"));
    for (const [path, source] of Object.entries(files)) writeFileSync(join(project, "src", path), source);
    return project;
  }
});

/** The innermost folder of the list that a file is in; "" for a file beside the folders. */
function folderOf(file: string, folders: readonly string[]): string {
  let folder = dirname(file);
  while (folder !== "." && !folders.includes(folder)) folder = dirname(folder);
  return folder === "." ? "" : folder;
}

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
  const imported = resolve(dirname(file), specifier);
  return allowed.layers.some((layer) => imported.startsWith(`${placeOf(layer)}/`));
}
