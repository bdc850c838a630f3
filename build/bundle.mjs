// Bundles the command from the modules that tsc compiled (src/cli to dist/cli-modules): some 300 modules become a few files,
// because Node takes longer to find and read a module than to run most of them. The files are CommonJS, which Node starts
// faster than ECMAScript modules, and carry no comments, which Node would read. Nothing is minified. The library ships tsc's modules.
//
//     dist/cli/main.js       the program
//     dist/cli/package.json  marks all of it as CommonJS
//     dist/cli/bundle/       chunks that the program loads when it needs them, and the programs of threads and child processes
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { parseSync, Visitor } from "rolldown/utils";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const target = join(dist, "cli");
const { dependencies, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Entry modules by the name of their file. `new URL("./hash-job.js", import.meta.url)` in a bundled module names its neighbour here. */
const ENTRIES = {
  main: "cli-modules/start.js",
  "pool-worker": "node/system/work/pool-worker.js",
  "hash-job": "node/system/hashing/hash-job.js",
  "root-job": "node/system/hashing/root-job.js",
  "restore-job": "node/back/transaction/work/restore-job.js",
  "import-worker": "node/keys/import/import-worker.js",
};

/** What a verification needs only if something fails, is timestamped, comes from a store or is about a history. */
const SELDOM = [
  /\/cli-modules\/(?:codes\/(?!exit-code)|output\/failure-report|text\/(?:expectation-text|trust-line-words))/,
  /\/rejection-message\.js$/,
  /\/(?:core\/judge|node\/keys)\/time\/(?!find-time|bundle-time|named-certificate)/,
  /\/(?:core|node)\/(?:records|system|judge)\/(?:store|packs|history)\//,
  /\/node\/records\/project\/(?!project-names|find-project)/,
];

/** The packages in the bundle. Finding commander's six files took 7 % of the time of a small verification. */
const BUNDLED = ["commander", "diff", "jsonc-parser"];

/** The first package adds only types to commander; the other's main file calls a `require` that no bundler sees. */
function resolveId(id, importer) {
  if (id === "jsonc-parser") return this.resolve("jsonc-parser/lib/esm/main.js", importer);
  return id === "@commander-js/extra-typings" ? this.resolve("commander", importer) : undefined;
}

/** The module reads package.json, which is not where the bundle would look. */
function load(id) {
  if (id !== join(dist, "node/system/runtime/version.js")) return undefined;
  return `export const RUNSEAL_VERSION = ${JSON.stringify(version)};\n`;
}

/** Commander starts commands that are programs of their own. There are none. */
function transform(code, id) {
  return id.endsWith("commander/lib/command.js")
    ? code.replace("require('node:child_process')", "{}")
    : undefined;
}

/** The chunks that the seldom ones are in. */
const SELDOM_CHUNKS = ["codes", "definitions", "history", "make", "back", "guard", "common"];

/** Modules of Node that take long to load, and that most calls of few files do not need. */
const SELDOM_OF_NODE = ["child_process", "net", "os", "timers_promises", "tty", "worker_threads"];

/** Makes a chunk start faster. Nothing that is exported is assigned to again, so that no getter is needed. */
function renderChunk(code, { name }) {
  const plain = code.replace(
    /^Object\.defineProperty\(exports, "(\w+)", \{\s+enumerable: true,\s+get: function ?\(\) \{\s+return ([\w$]+);\s+\}\s+\}\);$/gm,
    "exports.$1 = $2;",
  );
  // A command that `run` runs may install another version of runseal in place of this one.
  if (name === "run")
    return `${SELDOM_CHUNKS.map((seldom) => `require("./${seldom}.js");\n`).join("")}${plain}`;
  if (!["program", "verify", "definitions", "make", "back", "guard", "hook"].includes(name)) return plain;
  // Read when a member is first used, and kept: Node finds a module that it has loaded anew in each call of `require`.
  const names = [
    ...SELDOM_CHUNKS.filter((seldom) => seldom !== name).map((seldom) => `require_${seldom}`),
    ...(name === "definitions" ? ["require_verify"] : []),
    ...SELDOM_OF_NODE.map((it) => `node_${it}`),
  ].join("|");
  const lazy = plain
    .replace(
      new RegExp(`^(?:const|let) (${names}) = (require\\(.*\\));$`, "gm"),
      "let $1_loaded;\nconst $1 = () => ($1_loaded ??= $2);",
    )
    .replace(new RegExp(`\\b(${names})\\.`, "g"), "($1()).");
  const other = new RegExp(`\\b(?:${names})\\b(?!\\(\\)\\)\\.| = \\(\\) => \\()`).exec(lazy);
  if (other !== null) throw new Error(`${name} uses all of ${other[0]}`);
  return lazy;
}

const shared = {
  cwd: root,
  platform: "node",
  plugins: [{ name: "runseal", resolveId, load, transform, renderChunk }],
  onLog(_level, log) {
    // The load of the machine is not a mistake in the bundle, nor is what some commands load on demand and others always.
    if (log.code === "PLUGIN_TIMINGS" || log.code === "INEFFECTIVE_DYNAMIC_IMPORT") return;
    throw new Error(log.message);
  },
};
const external = [/^node:/, ...Object.keys(dependencies)];

/** Leaves the seldom modules out: of each only the names that it exports, so that `export *` of a barrel takes nothing besides. */
const withoutSeldom = {
  name: "without the seldom ones",
  resolveId: (id, _importer, { kind }) => (kind === "dynamic-import" ? { id, external: true } : undefined),
  load(id) {
    if (!SELDOM.some((seldom) => seldom.test(id))) return undefined;
    const { staticExports } = parseSync(id, readFileSync(id, "utf8")).module;
    const names = staticExports.flatMap(({ entries }) => entries.map(({ exportName }) => exportName.name));
    return names.map((exported) => `export const ${exported} = globalThis.seldom;`).join("\n");
  },
};

/** What these modules of the command use, without the seldom ones. */
async function modulesUsedBy(names) {
  const input = names.map((name) => join(dist, `cli-modules/${name}.js`));
  const part = await rolldown({ ...shared, plugins: [withoutSeldom, ...shared.plugins], input, external });
  const { output } = await part.generate();
  await part.close();
  const modules = output.flatMap((chunk) => Object.keys(chunk.modules));
  return new Set(modules.filter((id) => !SELDOM.some((seldom) => seldom.test(id))));
}
const definitions = readdirSync(join(dist, "cli-modules/commands"), { recursive: true })
  .filter((path) => path.endsWith("-program.js"))
  .map((path) => `commands/${path.slice(0, -".js".length)}`);
const ofHelp = await modulesUsedBy(["program", ...definitions]);
const ofVerify = await modulesUsedBy([
  "program",
  "commands/verify/verify-program",
  "commands/verify/verify",
  "options/default-run",
]);
const ofSeal = await modulesUsedBy(["commands/seal/seal"]);
const ofRestore = await modulesUsedBy(["commands/restore/restore"]);
const ofGuard = await modulesUsedBy(["commands/guard/snapshot"]);

/**
 * Chunks, in order: the first match takes a module, and what it imports. The chunk of `verify` has nothing but what a verification that
 * succeeds needs; what the definitions of commands need of it is with the arguments, since help reads those alone. What a seal, a restore and a snapshot need besides come next, in this order. What several other commands share is common; all else is in the chunk of its command.
 */
const CHUNKS = [
  { name: "program", test: /\/cli-modules\/(?:run-command-line|provide-collector|output\/process-io)\.js$/ },
  { name: "arguments", test: (id) => ofVerify.has(id) && ofHelp.has(id) },
  { name: "verify", test: (id) => ofVerify.has(id), includeDependenciesRecursively: false },
  { name: "definitions", test: (id) => ofHelp.has(id) },
  { name: "codes", test: /\/cli-modules\/output\/failure-report\.js$/ },
  { name: "history", test: /\/cli-modules\/commands\/verify\/project-verdict\.js$/ },
  { name: "make", test: (id) => ofSeal.has(id) },
  { name: "back", test: (id) => ofRestore.has(id) },
  { name: "guard", test: (id) => ofGuard.has(id) },
  { name: "common", minShareCount: 2 },
];

const build = await rolldown({
  ...shared,
  input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(dist, file)])),
  preserveEntrySignatures: "allow-extension",
  external,
});
const { output } = await build.generate({
  format: "cjs",
  charset: "ascii",
  comments: { legal: true, annotation: false, jsdoc: false },
  entryFileNames: ({ name }) => (name === "main" ? "main.js" : "bundle/[name].js"),
  chunkFileNames: "bundle/[name].js",
  minifyInternalExports: false,
  codeSplitting: {
    groups: CHUNKS.map((chunk, index) => ({ ...chunk, priority: CHUNKS.length - index })),
  },
});
await build.close();

/** The files that a chunk names as `new URL("…", import.meta.url)`: programs of threads and child processes. */
function namedFiles({ code, fileName }) {
  const named = [];
  const visitor = new Visitor({
    NewExpression({ callee, arguments: [path, base] }) {
      // The bundler writes `import.meta.url` so. Other addresses are those of registries.
      const isBeside = base?.object?.callee?.property?.name === "pathToFileURL";
      if (callee.name !== "URL" || !isBeside) return;
      if (typeof path.value !== "string") throw new Error(`${fileName} computes the name of a file`);
      named.push(join(dirname(fileName), path.value));
    },
  });
  visitor.visit(parseSync(fileName, code, { sourceType: "script" }).program);
  return named;
}

/** What build/page.mjs makes: a chunk in bundle/ reads it. */
const PAGE = "../page/verify.html";

const written = new Set([PAGE, ...output.map(({ fileName }) => fileName)]);
const named = new Set(output.flatMap(namedFiles));
for (const fileName of named)
  if (!written.has(fileName)) throw new Error(`${fileName} is named but does not exist`);
for (const { fileName, isEntry } of output) {
  if (isEntry && fileName !== "main.js" && !named.has(fileName))
    throw new Error(`no chunk names ${fileName}`);
}
mkdirSync(join(target, "bundle"), { recursive: true });
for (const name of readdirSync(join(target, "bundle"), { recursive: true, withFileTypes: true })) {
  const file = join(name.parentPath, name.name).slice(target.length + 1);
  if (name.isFile() && !written.has(file)) rmSync(join(target, file));
}
writeFileSync(join(target, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
for (const { code, fileName } of output) writeFileSync(join(target, fileName), code);
for (const name of BUNDLED) {
  const license = name === "jsonc-parser" ? "LICENSE.md" : "LICENSE";
  copyFileSync(join(root, "node_modules", name, license), join(target, "bundle", `${name}.LICENSE`));
}
