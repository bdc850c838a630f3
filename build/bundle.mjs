// Makes the command that is shipped of what tsc compiled, src/cli to dist/cli-modules: some 300 modules become few files,
// since Node takes longer to find and read a module than to run most of them. They are CommonJS, which Node starts sooner
// than ECMAScript modules, and have no comments, which it would read. Nothing is minified. Library users get tsc's modules.
//
//     dist/cli/main.js       the program
//     dist/cli/package.json  says that all of it is CommonJS
//     dist/cli/bundle/       what it loads, when it needs it; the programs of its threads and children stand here too
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const target = join(dist, "cli");
const { dependencies, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Modules by the file that starts them. `new URL("./hash-job.js", import.meta.url)` in a bundled module means its neighbour here. */
const ENTRIES = {
  main: "cli-modules/start.js",
  "pool-worker": "node/work/pool-worker.js",
  "hash-job": "node/hashing/hash-job.js",
  "root-job": "node/hashing/root-job.js",
  "restore-job": "node/restore/work/restore-job.js",
  "import-worker": "node/keys/import/import-worker.js",
};

/** What is loaded together, the first that takes a module in. The rest is each command's own. */
const CHUNKS = [
  alone("explanations", /cli-modules\/codes\/(?:explanations|explain-[a-z-]+)\.js$/),
  alone(
    "failures",
    /(?:rejection-message|operation-fault|\/(?:operation|passphrase|project|signer)-text|-fault-text)\.js$/,
  ),
  alone("progress", /\/(?:progress-text|progress-event|progress-show|pace)\.js$/),
  alone(
    "names",
    /\/(?:name-collision|distinct-names|fold-name|portable-name|walk-tree|select-outputs|claimed-run)\.js$/,
  ),
  alone("more-core", /\/(?:outputs-root|restore-gate|restore-artifacts)\.js$/),
  alone("store", /\/store\/(?:object-store|hash-stored-claims)\.js$/),
  { name: "surroundings", test: /cli-modules\/output\/process-io\.js$|\/runtime\/version\.js$/ },
  {
    name: "hashing",
    test: /\/(?:work-board|cause-channel|node-crypto|worker-death|merkle)\.js$/,
  },
  { name: "program", test: /cli-modules\/(?:run|codes\/exit-code)\.js$/ },
  { name: "verify-bundle", test: /cli-modules\/commands\/verify\/verify\.js$/ },
  { name: "arguments", test: /cli-modules\/call-command\.js$/ },
  { name: "sodium", test: /node\/keys\/sodium\.js$/ },
  { name: "seal", test: /cli-modules\/commands\/seal\/seal\.js$/ },
  { name: "common", minShareCount: 2 },
];

/** Modules that a verification which ends well does not need. */
function alone(name, test) {
  return { name, test, includeDependenciesRecursively: false, isSeldom: true };
}

/**
 * What requires late, and so is read by no verification for nothing. The other commands have read all of it before they
 * begin: the command that `run` runs may well install another runseal in this one's place.
 */
const PATIENT = new Set(["bundle/hashing.js", "bundle/program.js", "bundle/verify-bundle.js"]);

/** What is required late: chunks that stand alone, and modules of Node's that take long to load. */
const LAZY = new Set([
  "node:child_process",
  "node:os",
  "node:timers/promises",
  "node:worker_threads",
  ...CHUNKS.filter(({ isSeldom }) => isSeldom).map(({ name }) => `./${name}.js`),
]);

/** The code, where it is patient with getters that require in place of what was required. */
function requireLazily({ code, fileName }) {
  if (!PATIENT.has(fileName)) return code;
  return code.replace(/^(\s*)(?:const|let) (\w+) = require\("([^"]+)"\);$/gm, (line, indent, name, id) => {
    if (!LAZY.has(id)) return line;
    const uses = [...code.matchAll(new RegExp(`\\b${name}\\b(?! = require\\()(?:\\.(\\w+))?`, "g"))];
    const members = new Set(uses.map(([, member]) => member));
    if (members.has(undefined)) throw new Error(`${fileName}: ${id} is used as a whole`);
    const getters = [...members].map(
      (member) => `get ${member}() { return (this.$ ??= require("${id}")).${member}; },`,
    );
    return [`const ${name} = {`, "$: undefined,", ...getters.map((getter) => `\t${getter}`), "};"]
      .map((made) => indent + made)
      .join("\n");
  });
}

/**
 * The code, with a module of Node's itself in place of a copy that has a getter for each of its members, as is made where it was
 * imported as a whole: through one a call of the file system took five times as long to be found.
 */
function withoutCopies({ code, fileName }) {
  const plain = code.replace(/^(node_\w+) = require_rolldown_runtime\.__toESM\(\1, 1\);\n/gm, "");
  if (/\bnode_\w+\.default\b|__toESM\(node_/.test(plain))
    throw new Error(`${fileName} needs a copy of a module of Node's`);
  return plain;
}

/** Commander is the one package that is in the bundle: to find it and its six files took 7 % of a small verification. */
const COMMANDER_LICENSE = "commander.LICENSE";

/** Types are all that this package adds to commander, and they are gone by now. */
function resolveId(id, importer) {
  return id === "@commander-js/extra-typings" ? this.resolve("commander", importer) : undefined;
}

/** It would look for package.json where the bundle does not have it. */
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
  plugins: [{ name: "elsewhere", resolveId, load }],
  onLog(_level, log) {
    // A machine under load is not a mistake of the bundle.
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

const made = new Set(output.map(({ fileName }) => fileName));
const named = new Set();
for (const { code, fileName } of output) {
  for (const [, neighbour] of code.matchAll(/new URL\("([^"]+)", require\("url"\)/g)) {
    named.add(join(dirname(fileName), neighbour));
  }
}
for (const fileName of named) if (!made.has(fileName)) throw new Error(`${fileName} is named, and not there`);
for (const { fileName, isEntry } of output) {
  if (isEntry && fileName !== "main.js" && !named.has(fileName)) throw new Error(`nobody names ${fileName}`);
}
mkdirSync(join(target, "bundle"), { recursive: true });
for (const name of readdirSync(join(target, "bundle"), { recursive: true, withFileTypes: true })) {
  const file = join(name.parentPath, name.name).slice(target.length + 1);
  if (name.isFile() && !made.has(file)) rmSync(join(target, file));
}
writeFileSync(join(target, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
for (const file of output) {
  const { fileName } = file;
  writeFileSync(join(target, fileName), requireLazily({ code: withoutCopies(file), fileName }));
}
copyFileSync(join(root, "node_modules/commander/LICENSE"), join(target, "bundle", COMMANDER_LICENSE));
