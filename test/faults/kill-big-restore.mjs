// Kills a real `runseal restore` of 2 GiB at ten random moments, recovers, and compares with `diff -r`.
// Not part of the tests: it takes some minutes and 6 GiB of disk. Usage, after `npm run build`:
//
//     node test/faults/kill-big-restore.mjs [FOLDER]
//
// It works in a fresh folder in FOLDER (the system's temporary one), and removes that in the end.

import { spawn, spawnSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const RUNSEAL = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const ROUNDS = 10;
const BIG_FILES = 4;
const BIG_BYTES = 512 * 1024 * 1024;
const SMALL_FILES = 40;

const scratch = fs.mkdtempSync(join(process.argv[2] ?? tmpdir(), "runseal-kill-"));
const files = join(scratch, "files");
const before = join(scratch, "before");
const bundle = join(files, ".runseal/runs/big");
const env = { PATH: process.env.PATH, HOME: join(scratch, "home"), LC_ALL: "C" };

try {
  process.exitCode = (await main()) === 0 ? 0 : 1;
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}

async function main() {
  makeOutputs();
  makeForeign(before);
  fs.mkdirSync(env.HOME);
  runseal("init", "--no-passphrase");
  runseal("seal", join(files, "out"), "--root", files, "--id", "big");

  let whole = await measure();
  console.log(
    `sealed ${BIG_FILES} files of 512 MiB and ${SMALL_FILES} small ones; unkilled, a restore takes ${seconds(whole)}`,
  );
  let broken = 0;
  for (let round = 1; round <= ROUNDS; ) {
    const isNew = round % 2 === 0;
    const moment = Math.random() * whole;
    const { isKilled, line, state } = await killOnce(isNew, moment);
    if (state === "broken") broken++;
    console.log(`${String(round).padStart(2)}  ${isNew ? "new root     " : "existing root"}  ${line}`);
    if (isKilled) round++;
    // It took less than that: the disk was busier as it was measured.
    else whole = moment;
  }
  console.log(`${ROUNDS} kills, ${broken} broken`);
  return broken;
}

function makeOutputs() {
  const chunk = Buffer.alloc(8 * 1024 * 1024);
  for (let number = 0; number < BIG_FILES; number++) {
    fs.mkdirSync(join(files, "out/big"), { recursive: true });
    const fd = fs.openSync(join(files, `out/big/${number}.bin`), "wx");
    for (let written = 0; written < BIG_BYTES; written += chunk.length)
      fs.writeSync(fd, randomFillSync(chunk));
    fs.closeSync(fd);
  }
  for (let number = 0; number < SMALL_FILES; number++) {
    const folder = join(files, `out/small/${number % 5}/deep`);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(join(folder, `${number}.txt`), `small file ${number}\n`, {
      mode: number % 2 === 0 ? 0o644 : 0o755,
    });
  }
}

/** Foreign files, some of them in a folder that the restore uses too. */
function makeForeign(folder) {
  fs.mkdirSync(join(folder, "out/small/0"), { recursive: true });
  fs.mkdirSync(join(folder, "empty"));
  fs.writeFileSync(join(folder, "out/small/0/own.txt"), "other user\n", { mode: 0o600 });
  fs.writeFileSync(join(folder, "readonly.txt"), "other user too\n", { mode: 0o444 });
}

/** How long an undisturbed restore takes, in milliseconds; it must succeed. */
async function measure() {
  const target = makeTarget(false);
  const start = performance.now();
  runseal(...restoreInto(target));
  const took = performance.now() - start;
  if (judge(target, false) !== "everything") throw new Error("a restore that is not killed is not whole");
  fs.rmSync(join(scratch, "place"), { recursive: true });
  return took;
}

async function killOnce(isNew, moment) {
  const target = makeTarget(isNew);
  const victim = spawn(process.execPath, [RUNSEAL, ...restoreInto(target)], { env, stdio: "ignore" });
  const ended = once(victim, "close");
  await sleep(moment);
  victim.kill("SIGKILL");
  const [, signal] = await ended;
  const left = describe(target);
  const recover = attempt("recover", target);
  const again = attempt("recover", target);
  const isDone = recover.status === 0 || isSilent(recover);
  const state = isDone && isSilent(again) ? judge(target, isNew) : "broken";
  fs.rmSync(join(scratch, "place"), { recursive: true });
  const isKilled = signal === "SIGKILL";
  const killed = isKilled ? `killed after ${seconds(moment)}` : "not counted: it ended before it was killed";
  return { isKilled, state, line: `${killed}, left ${left}; recover: exit ${recover.status}, ${state}` };
}

/** A target with foreign files in it, or a missing target in a folder with such files. */
function makeTarget(isNew) {
  const place = join(scratch, "place");
  const target = join(place, "into");
  fs.mkdirSync(place);
  copy(before, isNew ? join(place, "beside") : target);
  return target;
}

function copy(from, to) {
  must("cp", ["-a", from, to]);
}

/** What the kill left, for people: staging folders, and how many of the big files have their names. */
function describe(target) {
  const own = [join(target, ".."), target].flatMap((folder) => listIfThere(folder).filter(isOwn));
  const placed = listIfThere(join(target, "out/big")).length;
  return `${own.length === 0 ? "no staging" : "a staging folder"}, ${placed} of ${BIG_FILES} big files in place`;
}

function judge(target, isNew) {
  const place = join(scratch, "place");
  const own = must("find", [place, "-name", ".spectrum06_*"]);
  const foreign = isNew ? join(place, "beside") : target;
  if (own !== "" || (isNew && !isEqual(before, foreign))) return "broken";
  if (isNew && !fs.existsSync(target)) return "nothing";
  if (!isNew && isEqual(before, target)) return "nothing";
  // Everything: what was restored beside what was there, and the two result artifacts.
  const expected = join(scratch, "expected");
  must("cp", ["-al", files, expected]);
  fs.rmSync(join(expected, ".runseal"), { recursive: true });
  if (!isNew) copy(`${before}/.`, expected);
  const artifacts = ["RESTORE_MANIFEST.json", "RESTORE_REPORT.json"];
  const areThere = artifacts.every((name) => fs.existsSync(join(target, name)));
  const isWhole = areThere && isEqual(expected, target, artifacts);
  fs.rmSync(expected, { recursive: true });
  return isWhole ? "everything" : "broken";
}

/** Whether two folders have the same in them, by `diff -r`, with the same modes. */
function isEqual(one, other, except = []) {
  const options = except.flatMap((name) => ["--exclude", name]);
  if (spawnSync("diff", ["-r", ...options, one, other]).status !== 0) return false;
  const modes = (folder) =>
    must("find", [
      folder,
      ...except.flatMap((name) => ["!", "-name", name]),
      "-type",
      "f",
      "-printf",
      "%P %m\n",
    ])
      .split("\n")
      .sort()
      .join("\n");
  return modes(one) === modes(other);
}

function restoreInto(target) {
  return ["restore", bundle, "--root", files, "--to", target, "--mkdir", "--any-signer"];
}

/** Whether a recovery found nothing, be it that there is no folder to look in. */
function isSilent({ status, stdout }) {
  const { code, recovered } = JSON.parse(stdout);
  return recovered.length === 0 && (status === 0 || code === "RESTORE_TARGET_NOT_EXIST");
}

function runseal(...args) {
  return must(process.execPath, [RUNSEAL, ...args]);
}

function attempt(...args) {
  return spawnSync(process.execPath, [RUNSEAL, ...args, "--json"], { env, encoding: "utf8" });
}

function must(command, args) {
  const { status, stderr, stdout } = spawnSync(command, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${status}\n${stderr}`);
  return stdout;
}

function isOwn(name) {
  return name.startsWith(".spectrum06_");
}

function listIfThere(folder) {
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
