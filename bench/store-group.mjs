/** Measures what the store of a workload costs: keeping, reading back, collecting, and its size. */
import { isInstalled, measure } from "./measure.mjs";
import { PREPARE_LIST } from "./peers.mjs";
import { attempt } from "./scene.mjs";
import {
  PREPARE_STORES,
  PREPARE_TREES,
  RESET_STORE,
  STORE_OPERATIONS,
  STORE_PEERS,
  storeWaysOf,
} from "./store-ways.mjs";

/** Earlier writes are on the disk, and what is read is in memory, whichever program comes next. */
const QUIET = 'sync -f "$WORK" && find out -type f -exec cat {} + > /dev/null';
const EMPTY_TARGET = 'rm -rf "$THERE" && mkdir "$THERE"';

/** The rows of one workload, whose tree is in `out`. */
export function measureStore(scene, run) {
  scene.shell(PREPARE_LIST);
  scene.shell(PREPARE_TREES);
  scene.shell(PREPARE_STORES);
  const peers = STORE_PEERS.map((peer) => {
    if (!peer.needs.every(isInstalled)) return peer;
    const unprepared = attempt(() => scene.shell(peer.prepare));
    return unprepared === undefined ? peer : { ...peer, unprepared };
  });
  const sizes = sizesOf(scene, peers);
  const times = Object.keys(STORE_OPERATIONS).flatMap((operation) => {
    run.say(`${scene.workload}: ${STORE_OPERATIONS[operation]}`);
    scene.shell(RESET_STORE);
    const ways = storeWaysOf(operation, peers).map((way) => quiet(way, operation));
    return measure(scene, operation, ways, run.rounds);
  });
  return [...sizes, ...times];
}

function quiet({ before, ...way }, operation) {
  const target = operation === "restoreStored" ? [EMPTY_TARGET] : [];
  return { ...way, before: [...(before === undefined ? [] : [before]), ...target, QUIET].join(" && ") };
}

/** How much of the disk the copies of one tree take, and in how many files. */
function sizesOf(scene, peers) {
  const sizeOf = (who, folders) => {
    const blocks = scene.shell(`du -sc --block-size=1 ${folders} | tail -1 | cut -f1`);
    const files = scene.shell(`find ${folders} -type f | wc -l`);
    const { workload } = scene;
    return { workload, operation: "storeSize", who, storeBytes: Number(blocks), storeFiles: Number(files) };
  };
  const there = peers.filter((peer) => peer.unprepared === undefined && peer.needs.every(isInstalled));
  return [
    sizeOf("runseal", '$(find "$WORK/store/packs" "$WORK/store/objects" -maxdepth 0 2> /dev/null)'),
    sizeOf("the tree itself", "out"),
    ...there.map(({ repository, who }) => sizeOf(who, `"$WORK/${repository}"`)),
  ];
}
