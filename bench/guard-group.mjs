/** Measures what a guard costs: snapshots and undos of a folder, beside git and restic. */
import { fileURLToPath } from "node:url";
import { GUARD_OPERATIONS, guardWaysOf, PREPARE_GUARD } from "./guard-ways.mjs";
import { measure } from "./measure.mjs";
import { copyMixedTree } from "./mixed-tree.mjs";
import { Scene } from "./scene.mjs";
import { writeFiles } from "./workloads.mjs";

const NODE_MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));
const SOURCES = { node_modules: NODE_MODULES, doc: "/usr/share/doc" };

/** Earlier writes are on the disk, and what is read is in memory, whichever program comes next. */
const QUIET = 'sync -f "$WORK" && find out -type f -exec cat {} + > /dev/null';

/** The rows of both trees: a real one, and many small files. */
export function measureGuards(run) {
  const { mixed, small } = run.sizes.GUARD;
  return [
    ...measureGuard(run, `GUARD ${mixed}`, (out) => copyMixedTree(out, SOURCES, mixed)),
    ...measureGuard(run, `GUARD ${small.files}`, (out) => writeFiles(out, "GUARD", small)),
  ];
}

function measureGuard(run, workload, fill) {
  run.say(`${workload}: preparing`);
  const scene = new Scene(run.folder, workload.replace(" ", "-"));
  try {
    fill(scene.out);
    scene.shell(PREPARE_GUARD);
    return Object.keys(GUARD_OPERATIONS).flatMap((operation) => {
      run.say(`${workload}: ${GUARD_OPERATIONS[operation]}`);
      const ways = guardWaysOf(operation).map(({ before, ...way }) => ({
        ...way,
        before: `${before} && ${QUIET}`,
      }));
      return measure(scene, operation, ways, run.rounds);
    });
  } finally {
    scene.dispose(run.keep);
  }
}
