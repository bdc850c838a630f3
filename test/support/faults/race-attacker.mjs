// Attacks, as fast as it can, the folder that ARENA, a link, leads to; a test points it at ever new ones.
//
//   node race-attacker.mjs exchange ARENA NAME…    folders for links to outside: NAME, `spare-NAME`, `link-NAME`
//   node race-attacker.mjs staging ARENA OUTSIDE   the same with the folders that a restore makes for itself
//   node race-attacker.mjs create ARENA OUTSIDE LOG NAME…   creates what a restore is about to create
//
// Says "ready" when it begins; on SIGTERM how often it did it. Node has no renameat2(EXCHANGE): it takes two renames.

import {
  appendFileSync,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";

const [mode = "", arenaLink = "", ...rest] = process.argv.slice(2);
const OWN = /^\.spectrum06_(staging|new)_/;
/** The number of files it creates in one arena. Creating all of them would leave the victim nothing to do. */
const CREATED_IN_ONE = 6;

const parent = process.ppid;
let successes = 0;
let stopped = false;
let created = { arena: "", left: 0 };
process.once("SIGTERM", () => {
  stopped = true;
});
process.stdout.write("ready\n");
attack();

function attack() {
  // Read once a round: what was taken from one arena must not end up in the next.
  for (let round = 0; round < 100; round++) act(readlinkSync(arenaLink));
  // Its parent is gone and cannot stop it.
  if (process.ppid !== parent) process.exit(1);
  if (stopped) process.stdout.write(`${successes}\n`);
  else setImmediate(attack);
}

function act(arena) {
  if (mode === "exchange") for (const name of rest) exchange(arena, name);
  else if (mode === "staging") exchangeStaging(arena);
  else create(arena);
}

function exchange(arena, name) {
  const away = move(`${arena}/${name}`, `${arena}/spare-${name}`);
  if (move(`${arena}/link-${name}`, `${arena}/${name}`)) {
    successes++;
    move(`${arena}/${name}`, `${arena}/link-${name}`);
  }
  if (away) move(`${arena}/spare-${name}`, `${arena}/${name}`);
}

function exchangeStaging(arena) {
  const [outside] = rest;
  for (const name of readdirSync(arena).filter((entry) => OWN.test(entry))) {
    const [at, kept] = [`${arena}/${name}`, `${arena}/kept-${name}`];
    if (!move(at, kept)) continue;
    if (attempt(() => symlinkSync(outside, at))) {
      successes++;
      attempt(() => lstatSync(at).isSymbolicLink() && unlinkSync(at));
    }
    move(kept, at);
  }
}

/** Once the victim is at work: earlier it would find the name taken, and not begin. */
function create(arena) {
  const [outside, log, ...names] = rest;
  if (created.arena !== arena) created = { arena, left: CREATED_IN_ONE };
  if (created.left === 0 || !readdirSync(arena).some((entry) => OWN.test(entry))) return;
  for (let turn = 0; turn < 20 && created.left > 0; turn++) {
    const path = `${arena}/${names[Math.floor(Math.random() * names.length)]}`;
    const isLink = Math.random() < 0.2;
    if (!attempt(() => (isLink ? symlinkSync(outside, path) : writeNew(path)))) continue;
    appendFileSync(log, `${path}\n`);
    successes++;
    created.left--;
  }
}

function writeNew(path) {
  const fd = openSync(path, "wx");
  writeSync(fd, "theirs\n");
  closeSync(fd);
}

/** Fails when the victim has made a folder of that name meanwhile. */
function move(from, to) {
  return attempt(() => renameSync(from, to));
}

function attempt(step) {
  try {
    step();
    return true;
  } catch {
    return false;
  }
}
