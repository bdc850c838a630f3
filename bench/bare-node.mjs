/**
 * The least that checking files takes in Node: the same calls for a file that runseal makes (open, fstat, read, SHA-256,
 * close), by two threads, and nothing else. No signature, no bundle, whole paths with links followed, nothing told of a
 * failure but that there was one.
 *
 *     node bench/bare-node.mjs LIST LIST
 *
 * where each LIST is sha256sum's, and is worked off by a thread of its own.
 */
import { createHash, hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { isMainThread, Worker, workerData } from "node:worker_threads";

const OPEN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const DIGITS = 64;

if (isMainThread) {
  const [own, other] = process.argv.slice(2);
  // What it throws ends the process.
  new Worker(new URL(import.meta.url), { workerData: other });
  checkAll(own);
} else checkAll(workerData);

function checkAll(list) {
  const buffer = Buffer.alloc(1024 * 1024);
  for (const line of readFileSync(list, "utf8").split("\n")) {
    if (line === "") continue;
    const path = line.slice(DIGITS + 2);
    const fd = openSync(path, OPEN);
    const { size } = fstatSync(fd, { bigint: true });
    const digest = size < buffer.length ? digestOfSmall(fd, Number(size), buffer) : digestOfBig(fd, buffer);
    if (digest !== line.slice(0, DIGITS)) throw new Error(`${path} differs`);
    closeSync(fd);
  }
}

function digestOfSmall(fd, size, buffer) {
  let bytes = 0;
  while (bytes < size) {
    const count = readSync(fd, buffer, bytes, size + 1 - bytes, null);
    if (count === 0) break;
    bytes += count;
  }
  return hash("sha256", buffer.subarray(0, bytes), "hex");
}

function digestOfBig(fd, buffer) {
  const digest = createHash("sha256");
  for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer))
    digest.update(buffer.subarray(0, count));
  return digest.digest("hex");
}
