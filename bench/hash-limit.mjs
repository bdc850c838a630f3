/**
 * The limit: SHA-256 of files that are in memory already, one thread a file. Prints the seconds.
 *
 *     node bench/hash-limit.mjs FILE…
 */
import { createHash } from "node:crypto";
import { openSync, readSync, statSync } from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const BLOCK = 64 * 1024 * 1024;

if (isMainThread) await main(process.argv.slice(2));
else hashOnceTold(workerData);

async function main(files) {
  const workers = files.map((file) => new Worker(new URL(import.meta.url), { workerData: file }));
  await Promise.all(workers.map(nextMessage));
  const start = process.hrtime.bigint();
  const hashed = workers.map(nextMessage);
  for (const worker of workers) worker.postMessage("hash");
  await Promise.all(hashed);
  console.log(Number(process.hrtime.bigint() - start) / 1e9);
  await Promise.all(workers.map((worker) => worker.terminate()));
}

function nextMessage(worker) {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

function hashOnceTold(file) {
  const bytes = readWhole(file);
  parentPort.once("message", () => {
    const hash = createHash("sha256");
    for (let from = 0; from < bytes.length; from += BLOCK) hash.update(bytes.subarray(from, from + BLOCK));
    parentPort.postMessage(hash.digest("hex"));
  });
  parentPort.postMessage("loaded");
}

function readWhole(file) {
  const bytes = Buffer.allocUnsafe(statSync(file).size);
  const fd = openSync(file, "r");
  for (let at = 0; at < bytes.length; ) {
    const got = readSync(fd, bytes, at, Math.min(BLOCK, bytes.length - at), at);
    if (got === 0) throw new Error(`${file} became shorter`);
    at += got;
  }
  return bytes;
}
