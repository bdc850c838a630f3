// Writes files, as fast as it can, into the folder that ARENA, a link, leads to, while a revert is at work there.
//
//   node revert-attacker.mjs save ARENA LOG PATH…     saves by rename: whatever is at the path is replaced
//   node revert-attacker.mjs create ARENA LOG PATH…   makes new files at paths that are free just now
//   node revert-attacker.mjs fill ARENA LOG FOLDER…   makes new files in folders
//
// Each file has other bytes. LOG gets the bytes and the path of each. At most one file a path, and a few in one arena.

import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";

const [mode = "", arenaLink = "", log = "", ...paths] = process.argv.slice(2);
const OWN = /^\.spectrum06_staging_/;
const IN_ONE_ARENA = 3;

const parent = process.ppid;
let written = 0;
let stopped = false;
let state = { arena: "", left: 0, free: [] };
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
  if (state.arena !== arena) state = { arena, left: IN_ONE_ARENA, free: [...paths] };
  // Once the victim is at work: earlier it would find the change, and not begin.
  if (state.left === 0 || !readdirSync(arena).some((name) => OWN.test(name))) return;
  for (let turn = 0; turn < 20 && state.left > 0; turn++) {
    const index = Math.floor(Math.random() * state.free.length);
    const path = `${arena}/${state.free[index]}${mode === "fill" ? `/late-${written}` : ""}`;
    const bytes = `theirs ${process.pid} ${written}`;
    if (!(mode === "save" ? save(arena, path, bytes) : create(path, bytes))) continue;
    appendFileSync(log, `${bytes}\t${path}\n`);
    written++;
    state.left--;
    if (mode !== "fill") state.free.splice(index, 1);
  }
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
