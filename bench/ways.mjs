/** Puts together who takes part in an operation: runseal's ways and the peers'. */
import { isInstalled } from "./measure.mjs";
import { PEERS } from "./peers.mjs";
import { attempt } from "./scene.mjs";

/** The operations of a tree, with their titles. */
export const OPERATIONS = {
  verify: "verify",
  seal: "seal",
  restore: "restore by others, without durability work",
  restoreDurable: "restore, durable",
  undo: "undo",
};

/** Those that others have too. An undo is measured for its growth alone. */
export const SHARED_OPERATIONS = Object.keys(OPERATIONS).filter((operation) => operation !== "undo");

/** Earlier writes are on the disk already: a command that syncs would wait for them too. */
const WRITE_OUT = 'sync -f "$WORK"';

/** A system may let go of what was read some seconds ago, as while others write for longer than that. */
const READ_AGAIN = "find out -type f -exec cat {} + > /dev/null";

const EMPTY_TARGET = `rm -rf "$THERE" && mkdir "$THERE" && ${WRITE_OUT} && ${READ_AGAIN}`;

/** The peers that this workload concerns, each with what it needs made once. One that can't be prepared has failed. */
export function preparePeers(scene, files, isWanted) {
  return PEERS.filter((peer) => files >= (peer.filesAtLeast ?? 1) && isWanted(peer.who)).map((peer) => {
    if (peer.prepare === undefined || !(peer.needs ?? []).every(isInstalled)) return peer;
    const unprepared = attempt(() => scene.shell(peer.prepare));
    return unprepared === undefined ? peer : { ...peer, unprepared };
  });
}

/** The ways of one operation, runseal's first. */
export function waysOf(operation, runseal, peers, files) {
  const ways = [...runseal[operation], ...peers.flatMap((peer) => wayOf(operation, peer))];
  if (operation === "seal") return ways.map(onQuietDisk);
  if (operation === "undo") return ways.map(onRestored);
  if (!operation.startsWith("restore")) return ways;
  const after = `test "$(find "$THERE" -type f | wc -l)" -ge ${files}`;
  return ways.map((way) => ({ ...way, before: EMPTY_TARGET, after }));
}

/** A seal begins when everything is written, what was prepared for it too, and what it reads is in memory, whichever program seals. */
function onQuietDisk({ before, ...way }) {
  const steps = before === undefined ? [WRITE_OUT, READ_AGAIN] : [before, WRITE_OUT, READ_AGAIN];
  return { ...way, before: steps.join(" && ") };
}

/** An undo begins when everything is restored, and leaves the folder as it was. */
function onRestored({ before, ...way }) {
  return { ...way, before: `${EMPTY_TARGET} && ${before}`, after: 'test -z "$(ls -A "$THERE")"' };
}

function wayOf(operation, peer) {
  const line = peer[operation];
  if (line === undefined) return [];
  const { who, needs, unprepared } = peer;
  const way = { who, needs, unprepared, line };
  return [operation === "seal" ? { ...way, before: peer.beforeSeal } : way];
}
