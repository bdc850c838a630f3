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
import { lazyRequires } from "./lazy-requires.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const target = join(dist, "cli");
const { dependencies, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Entry modules by the name of their file. `new URL("./hash-job.js", import.meta.url)` in a bundled module names its neighbour here. */
const ENTRIES = {
  main: "cli-modules/start.js",
  "pool-worker": "node/work/pool-worker.js",
  "hash-job": "node/hashing/hash-job.js",
  "root-job": "node/hashing/root-job.js",
  "restore-job": "node/restore/work/restore-job.js",
  "import-worker": "node/keys/import/import-worker.js",
};

/** Chunks, in order: the first match takes a module. Modules that match none go into a chunk of their command. */
const CHUNKS = [
  alone(
    "codes",
    /cli-modules\/(?:codes\/(?!exit-code)[a-z-]+|output\/failure-report|text\/(?:expectation-text|trust-line-words))\.js$/,
  ),
  alone("failures", /(?:rejection-message|operation-fault)\.js$/),
  alone("progress", /\/(?:progress-text|progress-event|progress-show|pace)\.js$/),
  alone(
    "names",
    /\/(?:name-collision|distinct-names|fold-name|portable-name|walk-tree|select-outputs|claimed-run)\.js$/,
  ),
  alone("more-core", /\/(?:outputs-root|restore-gate|restore-artifacts)\.js$/),
  alone("time", /\/(?:core|node)\/time\/(?!find-time|named-certificate)[a-z-]+\.js$/),
  alone("store", /\/store\/(?:object-store|hash-stored-claims)\.js$/),
  { name: "surroundings", test: /cli-modules\/output\/process-io\.js$|\/runtime\/version\.js$/ },
  {
    name: "hashing",
    test: /\/(?:work-board|cause-channel|node-crypto|worker-death|merkle)\.js$/,
  },
  { name: "program", test: /cli-modules\/(?:run|codes\/exit-code)\.js$/ },
  { name: "verify-bundle", test: /cli-modules\/commands\/verify\/verify\.js$/ },
  { name: "arguments", test: /cli-modules\/call-command\.js$/ },
  { name: "evidence", test: /core\/evidence\//, includeDependenciesRecursively: false },
  {
    name: "carry",
    test: /\/(?:core\/(?:registry|carried)|node\/(?:registry|carry))\/|\/registry-options\.js$/,
    includeDependenciesRecursively: false,
  },
  { name: "sodium", test: /node\/keys\/sodium\.js$/ },
  { name: "seal", test: /cli-modules\/commands\/seal\/seal\.js$/ },
  { name: "common", minShareCount: 2 },
];

/** Modules that a verification which succeeds does not need. */
function alone(name, test) {
  return { name, test, includeDependenciesRecursively: false, isSeldom: true };
}

/**
 * The chunks of `verify BUNDLE` load rarely used modules lazily. Other chunks must not: a command that `run` runs may
 * install another version of runseal in place of this one.
 */
const VERIFY_CHUNKS = new Set(["bundle/hashing.js", "bundle/program.js", "bundle/verify-bundle.js"]);

/** Rarely used modules: the chunks that stand alone, and modules of Node that take long to load. */
const SELDOM = new Set([
  "node:child_process",
  "node:os",
  "node:timers/promises",
  "node:worker_threads",
  ...CHUNKS.filter(({ isSeldom }) => isSeldom).map(({ name }) => `./${name}.js`),
]);

/** The packages in the bundle. Finding commander's six files took 7 % of the time of a small verification. */
const BUNDLED = ["commander", "diff"];

/** The package adds only types to commander. */
function resolveId(id, importer) {
  return id === "@commander-js/extra-typings" ? this.resolve("commander", importer) : undefined;
}

/** The module reads package.json, which is not where the bundle would look. */
function load(id) {
  if (id !== join(dist, "node/runtime/version.js")) return undefined;
  return `export const RUNSEAL_VERSION = ${JSON.stringify(version)};\n`;
}

const build = await rolldown({
  cwd: root,
  input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(dist, file)])),
  platform: "node",
  preserveEntrySignatures: "allow-extension",
  external: [/^node:/, ...Object.keys(dependencies)],
  plugins: [
    { name: "elsewhere", resolveId, load },
    lazyRequires({ importers: VERIFY_CHUNKS, modules: SELDOM }),
  ],
  onLog(_level, log) {
    // The load of the machine is not a mistake in the bundle.
    if (log.code === "PLUGIN_TIMINGS") return;
    throw new Error(log.message);
  },
});
const { output } = await build.generate({
  format: "cjs",
  charset: "ascii",
  comments: { legal: true, annotation: false, jsdoc: false },
  entryFileNames: ({ name }) => (name === "main" ? "main.js" : "bundle/[name].js"),
  chunkFileNames: "bundle/[name].js",
  minifyInternalExports: false,
  codeSplitting: {
    groups: CHUNKS.map(({ isSeldom: _, ...chunk }, index) => ({ ...chunk, priority: CHUNKS.length - index })),
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
for (const name of BUNDLED)
  copyFileSync(join(root, "node_modules", name, "LICENSE"), join(target, "bundle", `${name}.LICENSE`));
