// What a run prints last: how long the stages and the slowest test files took, how much of the fault matrices was covered, the failed
// tests by name, and one line that any CI system can read.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A test file that takes longer must be named in slow-files.json, with the reason. */
const SLOW_SECONDS = 60;
const SHOWN_FILES = 25;

const folder = process.argv[2];
const slowFiles = JSON.parse(readFileSync(new URL("./slow-files.json", import.meta.url), "utf8"));

function linesOf(name) {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
}

function resultsOf() {
  return readdirSync(folder)
    .filter((name) => /^results-.*\.json$/.test(name))
    .map((name) => {
      const run = name.slice("results-".length, -".json".length);
      return { run, ...JSON.parse(readFileSync(join(folder, name), "utf8")) };
    });
}

/** Test files of all test runs, the slowest first. */
function filesOf(results) {
  return results
    .flatMap(({ run, testResults }) =>
      testResults.map(({ endTime, name, startTime }) => ({
        run,
        name: name.slice(name.lastIndexOf("/test/") + 1),
        seconds: (endTime - startTime) / 1000,
      })),
    )
    .sort((one, other) => other.seconds - one.seconds);
}

const results = resultsOf();
const files = filesOf(results);

console.log("seconds  stage");
console.log(linesOf("stages").join("\n"));

console.log(`\nseconds  the ${SHOWN_FILES} slowest test files`);
for (const { name, run, seconds } of files.slice(0, SHOWN_FILES))
  console.log(`${seconds.toFixed(1).padStart(7)}  ${name} (${run})`);
for (const { name, seconds } of files)
  if (seconds > SLOW_SECONDS && !(name in slowFiles))
    console.log(`warning: ${name} took over ${SLOW_SECONDS} s, and .ci/slow-files.json does not say why`);

const coverages = linesOf("coverage").map((line) => JSON.parse(line));
if (coverages.length > 0) {
  console.log("\n points   taken          14 commits  rows  controls  matrix");
  for (const { controls, expected, points, rows, taken, title } of coverages) {
    const [share, later] = [taken / points, expected].map((part) => `${(100 * part).toFixed(1)} %`);
    const counts = [rows, controls].map((count) => String(count).padStart(5)).join("  ");
    console.log(
      `${String(points).padStart(7)} ${String(taken).padStart(7)} ${share.padStart(8)}    ${later.padStart(8)} ${counts}      ${title}`,
    );
  }
}

for (const { run, testResults } of results)
  for (const { assertionResults, message, name, status } of testResults) {
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (status === "failed" && failed.length === 0) console.log(`FAILED ${run}: ${name}: ${message}`);
    for (const test of failed)
      console.log(
        `FAILED ${run}: ${name}: ${test.fullName}\n${test.failureMessages.join("\n").slice(0, 2_000)}`,
      );
  }

const sum = (name) => results.reduce((total, result) => total + result[name], 0);
const skipped = sum("numPendingTests");
const counted = `${sum("numPassedTests")} passed, ${sum("numFailedTests")} failed`;
console.log(`\n${counted}${skipped > 0 ? `, ${skipped} skipped` : ""}`);
