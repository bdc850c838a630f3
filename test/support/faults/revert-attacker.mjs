// Writes files, as fast as it can, into the folder that ARENA, a link, leads to, while a revert is at work there.
//
//   node revert-attacker.mjs save ARENA LOG WHEN PATH…     saves by rename: whatever is at the path is replaced
//   node revert-attacker.mjs create ARENA LOG WHEN PATH…   makes new files at paths that are free just now
//   node revert-attacker.mjs fill ARENA LOG WHEN FOLDER…   makes new files in folders
//
// Each file has other bytes. LOG gets the bytes and the path of each. At most one file a path. In each arena it writes a few files
// or many; WHEN is `first`: as soon as a revert is at work, or `any`: at another moment in each arena.

import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";

const [mode = "", arenaLink = "", log = "", when = "", ...paths] = process.argv.slice(2);
const OWN = /^\.spectrum06_staging_/;
/** How many files it writes in one arena. */
const COUNTS = [1, 1, 3, 20];
/** What shows that a moment of the revert has come: a name in its staging folder, or in the arena. */
const MOMENTS = [
  () => "STAGING/owner",
  () => "STAGING/journal",
  () => `STAGING/o${pick(100)}`,
  () => `STAGING/o${pick(100)}`,
  () => `STAGING/x${pick(100)}`,
  () => `p${pick(4)}/before-only`,
  () => `p${pick(4)}/before-only/g${pick(12)}`,
];

const parent = process.ppid;
let written = 0;
let stopped = false;
let state = { arena: "", left: 0, free: [], moment: "", rounds: 0 };
process.once("SIGTERM", () => {
  stopped = true;
});
process.stdout.write("ready\n");
attack();

function attack() {
  for (let round = 0; round < 100; round++) act(readlinkSync(arenaLink));
  // Its parent is gone and cannot stop it.
  if (process.ppid !== parent) process.exit(1);
  if (stopped) process.stdout.write(`${written}\n`);
  else setImmediate(attack);
}

function act(arena) {
  if (state.arena !== arena) {
    const isFirst = when === "first";
    state = {
      arena,
      left: pick(COUNTS),
      free: [...paths],
      moment: isFirst ? "" : pick(MOMENTS)(),
      rounds: isFirst ? 0 : pick(30),
    };
  }
  if (state.left === 0) return;
  // Once the victim is at work: earlier it would find the change, and not begin.
  const staging = readdirSync(arena).find((name) => OWN.test(name));
  if (staging === undefined) return;
  if (state.moment !== "" && !existsSync(`${arena}/${state.moment.replace("STAGING", staging)}`)) return;
  state.moment = "";
  if (state.rounds-- > 0) return;
  for (let turn = 0; turn < 20 && state.left > 0; turn++) {
    const index = pick(state.free.length);
    const path = `${arena}/${state.free[index]}${mode === "fill" ? `/late-${written}` : ""}`;
    const bytes = `theirs ${process.pid} ${written}`;
    if (!(mode === "save" ? save(arena, path, bytes) : create(path, bytes))) continue;
    appendFileSync(log, `${bytes}\t${path}\n`);
    written++;
    state.left--;
    if (mode !== "fill") state.free.splice(index, 1);
  }
}

/** One of several, or a number below one. */
function pick(from) {
  return typeof from === "number" ? Math.floor(Math.random() * from) : from[pick(from.length)];
}

function save(arena, path, bytes) {
  const beside = `${arena}/.saving-${process.pid}`;
  if (!create(beside, bytes)) return false;
  try {
    renameSync(beside, path);
    return true;
  } catch {
    unlinkSync(beside);
    return false;
  }
}

function create(path, bytes) {
  try {
    const fd = openSync(path, "wx");
    writeSync(fd, bytes);
    closeSync(fd);
    return true;
  } catch {
    return false;
  }
}
