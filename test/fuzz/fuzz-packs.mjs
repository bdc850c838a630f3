/**
 * Fuzzes the readers of packs. Each try changes a folder of packs, reads all objects, and compares with the format.
 *
 *     npm run fuzz:packs -- --minutes 60 --seed 7      tries until the time is over
 *     npm run fuzz:packs -- --tries 1 --first 812 --seed 7      repeats one try
 *     --cli 200      tries the commands too, each so many tries (0: never)
 *     --keep DIR     where failing cases are saved (default: /tmp)
 *
 * Prints tries, crashes (exceptions), broken invariants and the most memory; ends with 1 if any try failed.
 */

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Chance, MUTATIONS } from "./mutate-packs.mjs";
import { makeBases } from "./pack-bases.mjs";
import { Broken, judgeFolder, tryFolder } from "./read-packs.mjs";
import { CommandScene } from "./try-commands.mjs";

/** Most memory of the process. The largest pack here has 5 MiB. */
const MOST_MEMORY = 700 * 1024 * 1024;

/** Most time for a try, and for one of commands: other work can slow it down. */
const MOST_SECONDS = { reads: 30, commands: 300 };

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string" },
    tries: { type: "string" },
    seed: { type: "string", default: "1" },
    first: { type: "string", default: "0" },
    cli: { type: "string", default: "500" },
    keep: { type: "string", default: tmpdir() },
  },
});

const seed = Number(options.seed);
const every = Number(options.cli);
const deadline =
  options.minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + Number(options.minutes) * 60_000;
const most = Number(options.tries ?? (options.minutes === undefined ? 1000 : Number.POSITIVE_INFINITY));
const scratch = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "fuzz-packs-"));
const counts = { tries: 0, collections: 0, commands: 0, crashes: 0, broken: 0, slow: 0 };
let peak = 0;

try {
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function main() {
  const bases = makeBases(new Chance(seed), scratch).map((folder) => ({
    folder,
    known: judgeFolder(folder).named,
  }));
  const scene = new CommandScene(scratch);
  const first = Number(options.first);
  for (let number = first; number < first + most && Date.now() < deadline; number++) {
    const chance = new Chance(Math.imul(seed, 0x9e3779b1) + number);
    const isCommand = every > 0 && number % every === every - 1;
    const isCollection = !isCommand && number % 8 === 3;
    const base = isCommand || isCollection ? scene.base : chance.pick(bases);
    const folder = new Map(base.folder);
    const applied = [];
    for (let count = 1 + chance.below(4); count > 0 && folder.size > 0; count--) {
      const name = chance.pick(Object.keys(MUTATIONS));
      // A folder without files or readable packs leaves some nothing to change.
      if ([...folder.values()].some(Buffer.isBuffer)) MUTATIONS[name](folder, chance);
      applied.push(name);
    }
    await attempt({ number, applied, folder, isCommand }, async (project) => {
      if (isCommand) scene.try(project, () => layOut(project, folder), chance);
      else if (isCollection) await scene.collect(project, () => layOut(project, folder), chance);
      else {
        layOut(project, folder);
        await tryFolder(project, folder, base.known, chance);
      }
    });
    counts.tries++;
    if (isCommand) counts.commands++;
    if (isCollection) counts.collections++;
    if (counts.tries % 5000 === 0) report();
  }
  report();
  process.exitCode = counts.crashes + counts.broken + counts.slow > 0 ? 1 : 0;
}

async function attempt({ applied, folder, isCommand, number }, act) {
  const project = join(scratch, "project");
  const begun = Date.now();
  try {
    await act(project);
    const seconds = (Date.now() - begun) / 1000;
    peak = Math.max(peak, process.memoryUsage().rss);
    if (seconds > MOST_SECONDS[isCommand ? "commands" : "reads"])
      fail("slow", new Broken(`took ${seconds} s`));
    if (peak > MOST_MEMORY) throw new Broken(`${peak} bytes of memory`);
  } catch (thrown) {
    fail(thrown instanceof Broken ? "broken" : "crashes", thrown);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }

  function fail(kind, thrown) {
    counts[kind]++;
    const saved = mkdtempSync(join(options.keep, `fuzz-packs-${seed}-${number}-`));
    if (existsSync(project))
      cpSync(project, join(saved, "project"), { recursive: true, verbatimSymlinks: true, filter: isCopied });
    layOut(join(saved, "folder"), folder);
    const text = `seed ${seed}, try ${number}: ${applied.join(", ")}\n${thrown.stack}\n`;
    writeFileSync(join(saved, "failure.txt"), text);
    console.log(`${kind}: ${text}saved in ${saved}`);
  }
}

/** cp can't copy a FIFO. */
function isCopied(path) {
  return spawnSync("test", ["-p", path]).status !== 0;
}

function layOut(project, folder) {
  const packs = join(project, ".runseal/packs");
  rmSync(packs, { recursive: true, force: true });
  mkdirSync(packs, { recursive: true });
  for (const [name, content] of folder) {
    const path = join(packs, name);
    if (content === "link") symlinkSync("/etc/passwd", path);
    else if (content === "fifo") spawnSync("mkfifo", [path]);
    else if (content === "folder") mkdirSync(path);
    else writeFileSync(path, content, { mode: 0o444 });
  }
}

function report() {
  const { broken, collections, commands, crashes, slow, tries } = counts;
  const mib = Math.round(peak / 2 ** 20);
  console.log(
    `seed ${seed}: ${tries} tries (${collections} of collections, ${commands} of commands), ${crashes} crashes, ${broken} broken invariants, ${slow} slow, ${mib} MiB at most`,
  );
}
