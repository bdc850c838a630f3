// Exchanges, as fast as it can, the folder prey of an arena for a link to outside, and back. ARENA is a
// link that the test points at ever new arenas, so that nothing need be cleaned up under fire.
// Usage: node race-attacker.mjs ARENA. Says "ready" when it begins; on SIGTERM how often it exchanged.

import { readlinkSync, renameSync } from "node:fs";

const [arenaLink = ""] = process.argv.slice(2);

const parent = process.ppid;
let exchanges = 0;
let stopped = false;
process.once("SIGTERM", () => {
  stopped = true;
});
process.stdout.write("ready\n");
attack();

function attack() {
  for (let round = 0; round < 200; round++) {
    // Read once a round: no arena's prey must end up in the next arena.
    const arena = readlinkSync(arenaLink);
    const away = move(arena, "prey", "spare");
    if (move(arena, "link", "prey")) {
      exchanges++;
      move(arena, "prey", "link");
    }
    if (away) move(arena, "spare", "prey");
  }
  // Nobody is left to stop it.
  if (process.ppid !== parent) process.exit(1);
  if (stopped) process.stdout.write(`${exchanges}\n`);
  else setImmediate(attack);
}

/** Fails when the victim has made a folder of that name meanwhile. */
function move(arena, from, to) {
  try {
    renameSync(`${arena}/${from}`, `${arena}/${to}`);
    return true;
  } catch {
    return false;
  }
}
