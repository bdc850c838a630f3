/**
 * Fuzzes readers. `--of readers`, the default: each try changes something that a stranger may have made, and calls a command that reads it:
 * it must neither end with 70, nor hang, nor take much memory. `--of packs`: each try changes a folder of packs, reads all objects, and
 * compares with the format.
 *
 *     npm run fuzz -- --tries 30000 --seed 7      so many tries
 *     npm run fuzz -- --of packs --minutes 60 --seed 7      tries until the time is over
 *     npm run fuzz -- --tries 1 --first 812 --seed 7      repeats one try
 *     --cli 200      of packs: tries the commands too, each so many tries (0: never)
 *     --keep DIR     where failing cases are saved (default: /tmp)
 *
 * Prints tries, crashes (exceptions), broken invariants and the most memory; ends with 1 if any try failed.
 */

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Chance, MUTATIONS } from "./mutate-packs.mjs";
import { makeBases } from "./pack-bases.mjs";
import { Broken, judgeFolder, tryFolder } from "./read-packs.mjs";
import { CommandScene } from "./try-commands.mjs";

/** Most memory of the process. The largest pack here has 5 MiB. */
const MOST_MEMORY = { packs: 700 * 2 ** 20, readers: 200 * 2 ** 20 };

/** Most time for a try, and for one of commands: other work can slow it down. */
const MOST_SECONDS = { reads: 30, commands: 300, readers: 8 };

const { values: options } = parseArgs({
  options: {
    of: { type: "string", default: "readers" },
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
const scratch = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "fuzz-"));
const counts = { tries: 0, collections: 0, commands: 0, crashes: 0, broken: 0, slow: 0 };
let peak = 0;

try {
  await (options.of === "packs" ? fuzzPacks() : fuzzReaders());
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** In one process, so that what a reader leaves behind adds up. */
async function fuzzReaders() {
  const { ReaderScene } = await import("./reader-scene.mjs");
  const scene = await ReaderScene.make(scratch);
  setFlagsFromString("--expose-gc");
  const collectNow = runInNewContext("gc");
  const first = Number(options.first);
  for (let number = first; number < first + most && Date.now() < deadline; number++) {
    const chance = () => new Chance(Math.imul(seed, 0x9e3779b1) + number);
    const applied = [];
    const save = (saved) => scene.repeatInto(join(saved, "project"), chance());
    await attempt({ number, applied, save, limit: "readers" }, () =>
      scene.try(chance(), (name) => applied.push(name)),
    );
    counts.tries++;
    if (counts.tries % 5000 === 0) report();
    // Each command has a process of its own outside of here: garbage of many is not the need of one.
    if (counts.tries % 100 === 0) collectNow();
  }
  report();
  console.log(
    `exit codes: ${[...scene.ends]
      .sort()
      .map(([code, times]) => `${times} × ${code}`)
      .join(", ")}`,
  );
  process.exitCode = counts.crashes + counts.broken + counts.slow > 0 ? 1 : 0;
}

async function fuzzPacks() {
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
    const save = (saved) => layOut(join(saved, "folder"), folder);
    await attempt({ number, applied, save, limit: isCommand ? "commands" : "reads" }, async () => {
      const project = join(scratch, "project");
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

async function attempt({ applied, limit, number, save }, act) {
  try {
    let seconds = await timed(act);
    // A busy machine is not slow twice: a reader is.
    if (limit === "readers" && seconds > MOST_SECONDS[limit]) seconds = Math.min(seconds, await timed(act));
    const { rss } = process.memoryUsage();
    peak = Math.max(peak, rss);
    if (seconds > MOST_SECONDS[limit]) await fail("slow", new Broken(`took ${seconds} s`));
    if (rss > MOST_MEMORY[options.of]) throw new Broken(`${rss} bytes of memory`);
  } catch (thrown) {
    await fail(thrown instanceof Broken ? "broken" : "crashes", thrown);
  } finally {
    if (limit !== "readers") rmSync(join(scratch, "project"), { recursive: true, force: true });
  }

  async function fail(kind, thrown) {
    counts[kind]++;
    const saved = mkdtempSync(join(options.keep, `fuzz-${options.of}-${seed}-${number}-`));
    const project = join(scratch, "project");
    if (limit !== "readers" && existsSync(project))
      cpSync(project, join(saved, "project"), { recursive: true, verbatimSymlinks: true, filter: isCopied });
    await save(saved);
    const text = `seed ${seed}, try ${number}: ${applied.join(", ")}\n${thrown.stack}\n`;
    writeFileSync(join(saved, "failure.txt"), text);
    console.log(`${kind}: ${text}saved in ${saved}`);
  }
}

async function timed(act) {
  const begun = Date.now();
  await act();
  return (Date.now() - begun) / 1000;
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
