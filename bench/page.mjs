/**
 * The page beside the command, by hand, on a quiet machine:
 *
 *     npm run build && node bench/page.mjs              1,000 files of 100 KiB, and one file of 1 GiB
 *     npm run build && node bench/page.mjs --dir DIR    where the files go
 *
 * Needs Debian's Chromium and 2 GiB. Prints wall seconds of both, and CPU seconds of Chromium, the best of three rounds. The
 * page's seconds are from the drop to the verdict.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { launch } from "puppeteer-core";

const ROUNDS = 3;
const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
const CLI = join(REPOSITORY, "dist/cli/main.js");
const PAGE = join(REPOSITORY, "dist/page/verify.html");
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const { values } = parseArgs({ options: { dir: { type: "string", default: tmpdir() } } });
const scratch = mkdtempSync(join(values.dir, "runseal-bench-page-"));
const env = { ...process.env, HOME: join(scratch, "home") };

/** Writes files with different bytes. */
function makeFiles(folder, count, bytes) {
  mkdirSync(folder, { recursive: true });
  const piece = Buffer.alloc(Math.min(bytes, 1 << 20), 0x5a);
  for (let index = 0; index < count; index++) {
    const fd = openSync(join(folder, `f${String(index).padStart(4, "0")}`), "w");
    piece.writeUInt32LE(index);
    for (let written = 0; written < bytes; written += piece.length) writeSync(fd, piece);
    closeSync(fd);
  }
}

function runseal(cwd, args) {
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd, env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

/** CPU seconds of a process and its descendants that are still there, and of those that it waited for. */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const own = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / 100;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean);
  return children.reduce((sum, child) => sum + cpuSeconds(child), own);
}

function timeCommand(root, run) {
  const start = performance.now();
  runseal(root, ["verify", run, "--any-signer", "--quiet"]);
  return { wall: (performance.now() - start) / 1000 };
}

async function timePage(browser, root) {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(PAGE).href);
  await page.waitForSelector("html[data-ready]");
  await page.click("#any-signer");
  const session = await page.createCDPSession();
  const area = await page.$("#given-area");
  const { x, y } = await area.boundingBox();
  const data = { items: [], files: [root], dragOperationsMask: 1 };
  const cpu = cpuSeconds(browser.process().pid);
  const start = performance.now();
  for (const type of ["dragEnter", "dragOver", "drop"])
    await session.send("Input.dispatchDragEvent", { type, x: x + 20, y: y + 20, data });
  await page.waitForSelector("#verdict[data-code]", { timeout: 600_000 });
  const wall = (performance.now() - start) / 1000;
  const code = await page.$eval("#verdict", (verdict) => verdict.dataset.code);
  if (code !== "ANY_SIGNER") throw new Error(`the page says ${code}`);
  const spent = cpuSeconds(browser.process().pid) - cpu;
  await page.close();
  return { wall, cpu: spent };
}

const WORKLOADS = [
  ["1,000 × 100 KiB", 1000, 100 * 1024],
  ["1 × 1 GiB", 1, 2 ** 30],
];

try {
  mkdirSync(env.HOME);
  runseal(scratch, ["init", "--no-passphrase"]);
  for (const [name, count, bytes] of WORKLOADS) {
    const root = join(scratch, `p${count}`);
    makeFiles(join(root, "out"), count, bytes);
    runseal(root, ["seal", "out", "--id", "one", "--no-keep"]);
    const command = [];
    const page = [];
    for (let round = 0; round < ROUNDS; round++) {
      command.push(timeCommand(root, "one"));
      const userDataDir = mkdtempSync(join(scratch, "profile-"));
      const browser = await launch({
        executablePath: "/usr/bin/chromium",
        headless: true,
        userDataDir,
        args: FLAGS,
      });
      page.push(await timePage(browser, root));
      await browser.close();
    }
    const best = (times, what) => Math.min(...times.map((time) => time[what])).toFixed(2);
    console.log(
      `${name}: runseal verify ${best(command, "wall")} s; page ${best(page, "wall")} s, ${best(page, "cpu")} s of CPU`,
    );
    rmSync(root, { recursive: true });
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
