/** What is measured, group by group: each makes its workload, measures, gives rows, and leaves nothing. */
import { fileURLToPath } from "node:url";
import { measureCarry } from "./carry-group.mjs";
import { measureGuards } from "./guard-group.mjs";
import { measure, ROUNDS } from "./measure.mjs";
import { copyMixedTree } from "./mixed-tree.mjs";
import { PREPARE_LIST } from "./peers.mjs";
import { PREPARE_RUNSEAL, readHelp, runsealWays } from "./runseal-ways.mjs";
import { Scene } from "./scene.mjs";
import { measureStore } from "./store-group.mjs";
import { OPERATIONS, preparePeers, SHARED_OPERATIONS, waysOf } from "./ways.mjs";
import { writeFiles } from "./workloads.mjs";

const NODE_MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));
const TREE_SOURCES = { node_modules: NODE_MODULES, doc: "/usr/share/doc" };

/** Who takes part in the growth: others would take days. */
const GROWING = new Set(["runseal", "sha256sum -c", "cp -a + two checks"]);

/** The groups, by the names that `--only` takes. A run is `{ folder, keep, sizes, rounds, say }`. */
export const GROUPS = {
  START: measureStartUp,
  W1: (run) =>
    measureTree(run, "W1", (scene) => writeFiles(scene.out, "W1", run.sizes.W1), {
      limit: limitOf("one core", ["out/f0"]),
    }),
  TWO: (run) =>
    measureTree(run, "TWO", (scene) => writeFiles(scene.out, "TWO", run.sizes.TWO), {
      operations: ["verify"],
      limit: limitOf("two cores", ["out/f0", "out/f1"]),
    }),
  W2: (run) => measureTree(run, "W2", (scene) => writeFiles(scene.out, "W2", run.sizes.W2)),
  W3: (run) => measureTree(run, "W3", (scene) => writeFiles(scene.out, "W3", run.sizes.W3)),
  W4: (run) => measureTree(run, "W4", (scene) => copyMixedTree(scene.out, TREE_SOURCES, run.sizes.W4.files)),
  S2: (run) => measureKept(run, "S2", (scene) => writeFiles(scene.out, "W2", run.sizes.W2)),
  S3: (run) => measureKept(run, "S3", (scene) => writeFiles(scene.out, "W3", run.sizes.W3)),
  S4: (run) => measureKept(run, "S4", (scene) => copyMixedTree(scene.out, TREE_SOURCES, run.sizes.W4.files)),
  GUARD: measureGuards,
  CARRY: measureCarry,
  CH: (run) => run.sizes.CH.bundles.flatMap((bundles) => measureChain(run, "CH", bundles)),
  "G-FILES": (run) => run.sizes.G.files.flatMap((size) => growTo(run, "files", size, filesOf(run, size))),
  "G-BYTES": (run) =>
    run.sizes.G.bytes.flatMap((size) => growTo(run, "bytes", size, { files: 1, bytes: size })),
  "G-BUNDLES": (run) => run.sizes.G.bundles.flatMap((size) => measureChain(run, "G", size)),
};

function measureStartUp(run) {
  return inScene(run, "START", (scene) => {
    writeFiles(scene.out, "START", { files: 3, bytes: 1024 });
    scene.shell(PREPARE_RUNSEAL);
    return measure(
      scene,
      "start-up",
      [
        { who: "node -e 0", line: 'exec "$NODE" -e 0' },
        { who: "runseal --version", line: 'exec "$NODE" "$RUNSEAL" --version' },
        { who: "runseal verify, 3 files", line: 'exec "$NODE" "$RUNSEAL" verify .runseal/runs/bench' },
      ],
      ROUNDS.startUp,
    );
  });
}

/** One workload, by runseal and all others that are wanted, in these operations; of a few big files, the limit too. */
function measureTree(run, workload, fill, options = {}) {
  const { operations = SHARED_OPERATIONS, limit = [], isWanted = () => true } = options;
  return inScene(run, workload, (scene) => {
    fill(scene);
    scene.shell(PREPARE_LIST);
    scene.shell(PREPARE_RUNSEAL);
    const files = Number(scene.shell('wc -l < "$WORK/list"'));
    const runseal = runsealWays(readHelp(scene));
    const peers = preparePeers(scene, files, isWanted);
    return operations.flatMap((operation) => {
      run.say(`${workload}: ${OPERATIONS[operation]}`);
      const ways = waysOf(operation, runseal, peers, files).filter(({ who }) => isWanted(who));
      return measure(scene, operation, operation === "verify" ? [...ways, ...limit] : ways, run.rounds);
    });
  });
}

/** The store of one workload: S2 is that of W2. */
function measureKept(run, workload, fill) {
  return inScene(run, workload, (scene) => {
    fill(scene);
    return measureStore(scene, run);
  });
}

function limitOf(cores, files) {
  const line = `exec "$NODE" "$BENCH/hash-limit.mjs" ${files.join(" ")}`;
  return [{ who: `the limit: SHA-256 from memory, ${cores}`, printsSeconds: true, line }];
}

/** A chain of so many bundles, sealed through the library. */
function measureChain(run, workload, bundles) {
  return inScene(run, workload, (scene) => {
    run.say(`${workload}: sealing ${bundles} bundles`);
    scene.shell('"$NODE" "$RUNSEAL" init --no-passphrase');
    const seconds = Number(scene.shell(`"$NODE" "$BENCH/seal-chain.mjs" . ${bundles}`));
    run.say(`${workload}: chain verify of ${bundles} bundles`);
    const ways = [
      {
        who: "runseal",
        line: 'cd .runseal/runs && exec "$NODE" "$RUNSEAL" verify --history r*',
      },
      { who: "runseal, of the project", line: 'exec "$NODE" "$RUNSEAL" verify --history' },
    ];
    const brief = { status: "status", log: "log --limit 10" };
    const rows = [
      ...measure(scene, "chain verify", ways, run.rounds),
      ...Object.entries(brief).flatMap(([operation, line]) =>
        measure(scene, operation, [{ who: "runseal", line: `exec "$NODE" "$RUNSEAL" ${line}` }], run.rounds),
      ),
      { workload, operation: "one more seal", who: "runseal", seconds: [seconds], median: seconds },
    ];
    return rows.map((row) => ({ ...row, growth: { over: "bundles", size: bundles } }));
  });
}

/** As many small files of growth. */
function filesOf({ sizes }, files) {
  return { files, bytes: sizes.G.fileBytes, inFolder: sizes.G.inFolder };
}

function growTo(run, over, size, files) {
  const isWanted = (who) => GROWING.has(who);
  const rounds = (seconds) => Math.min(run.rounds(seconds), ROUNDS.growth(seconds));
  const rows = measureTree({ ...run, rounds }, "G", (scene) => writeFiles(scene.out, "G", files), {
    isWanted,
    operations: over === "files" ? Object.keys(OPERATIONS) : SHARED_OPERATIONS,
  });
  return rows.map((row) => ({ ...row, growth: { over, size } }));
}

function inScene(run, workload, work) {
  run.say(`${workload}: preparing`);
  const scene = new Scene(run.folder, workload);
  try {
    return work(scene);
  } finally {
    scene.dispose(run.keep);
  }
}
