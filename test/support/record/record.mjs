/**
 * `npm run test:record -- FOLDER [FILE…]` plays the tests of the command (or those of the files) and keeps in FOLDER what each
 * call gave. `npm run test:compare -- FOLDER` plays them again with the build that is in dist now, and shows what differs:
 * exit code 1 if anything does.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compareRecords } from "./compare-records.mjs";

/** The tests of the command, and the library's verdicts on all vectors. */
const ALL = [
  "test/cli",
  "test/docs",
  "test/node/judge/verify/verify-vectors",
  "test/node/back/restore/restore-vectors",
  "test/node/back/restore/restore-chain-vectors",
];

/**
 * Plays the tests. A failed test is not a difference: what it called until then is compared.
 *
 * @param {string} folder
 * @param {readonly string[]} files
 * @returns {number} the exit code of vitest
 */
function record(folder, files) {
  mkdirSync(folder, { recursive: true });
  if (existsSync(join(folder, "calls.jsonl"))) throw new Error(`${folder} has a record already`);
  writeFileSync(join(folder, "calls.jsonl"), "");
  writeFileSync(join(folder, "tests.json"), `${JSON.stringify(files)}\n`);
  const env = { RUNSEAL_RING: "bounded", RUNSEAL_SEED: "1", ...process.env, RUNSEAL_RECORD: folder };
  const { status } = spawnSync("npx", ["vitest", "run", "--reporter=dot", ...files], {
    env,
    stdio: "inherit",
  });
  return status ?? 1;
}

/** @param {string} folder */
function compare(folder) {
  const again = mkdtempSync(join(tmpdir(), "runseal-record-"));
  try {
    record(again, JSON.parse(readFileSync(join(folder, "tests.json"), "utf8")));
    const [before = "", after = ""] = [folder, again].map((at) =>
      readFileSync(join(at, "calls.jsonl"), "utf8"),
    );
    const differences = compareRecords(before, after);
    for (const difference of differences) console.log(difference);
    console.log(`${before.split("\n").length - 1} calls, ${differences.length} of them differ`);
    return differences.length === 0 ? 0 : 1;
  } finally {
    rmSync(again, { recursive: true });
  }
}

const [verb, folder, ...files] = process.argv.slice(2);
if (folder === undefined || (verb !== "record" && verb !== "compare")) {
  console.error("usage: record.mjs record|compare FOLDER [FILE…]");
  process.exitCode = 2;
} else {
  const place = resolve(folder);
  process.exitCode = verb === "compare" ? compare(place) : record(place, files.length === 0 ? ALL : files);
}
