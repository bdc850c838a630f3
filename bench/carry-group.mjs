/** Measures what it costs to carry a run to another machine by a registry, beside oras. */
import {
  CARRY_OPERATIONS,
  carryWaysOf,
  PREPARE_PULLS,
  PREPARE_RUN,
  START_REGISTRY,
  STOP_REGISTRY,
} from "./carry-ways.mjs";
import { isInstalled, measure } from "./measure.mjs";
import { Scene } from "./scene.mjs";
import { writeFiles } from "./workloads.mjs";

/** Earlier writes are on the disk, and what is read is in memory, whichever program comes next. */
const QUIET =
  'sync -f "$WORK" && find out .runseal "$WORK/registry" -type f -exec cat {} + 2> /dev/null > /dev/null || true';

/** The rows of both folders: many small files, and a few big ones. */
export function measureCarry(run) {
  const { big, small } = run.sizes.CARRY;
  return [...measureFolder(run, "CARRY-small", small), ...measureFolder(run, "CARRY-big", big)];
}

function measureFolder(run, workload, sizes) {
  run.say(`${workload}: preparing`);
  const scene = new Scene(run.folder, workload);
  let isUp = false;
  try {
    writeFiles(scene.out, workload, sizes);
    scene.shell(PREPARE_RUN);
    if (isInstalled("docker-registry")) {
      scene.env.REGISTRY = scene.shell(START_REGISTRY).trim();
      isUp = true;
    }
    return Object.keys(CARRY_OPERATIONS).flatMap((operation) => {
      run.say(`${workload}: ${CARRY_OPERATIONS[operation]}`);
      if (operation === "carryPull" && isUp) {
        scene.shell(PREPARE_PULLS.runseal);
        if (isInstalled("oras")) scene.shell(PREPARE_PULLS.oras);
      }
      const ways = carryWaysOf(operation, sizes.files).map((way) => ({
        ...way,
        before: `${way.before} && ${QUIET}`,
      }));
      return measure(scene, operation, ways, run.rounds);
    });
  } finally {
    if (isUp) scene.shell(STOP_REGISTRY);
    scene.dispose(run.keep);
  }
}
