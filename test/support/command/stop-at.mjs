/**
 * Loaded before the program (`NODE_OPTIONS=--import …`): some calls of node:fs are where the process is killed, stands
 * still, or sees the system refuse. STOP_AT is `function:nth:what`, one or more with commas between, and `what` a signal
 * or an errno, or WAIT for a file of the name STOP_UNTIL; with `:done` after it the call does its work and fails all the same. Calls are counted from the moment on
 * when a file was opened whose path ends in STOP_AFTER. Calls that write what the state folder remembers of objects are not counted: how
 * long ago a pack was made decides whether it is remembered, and on a slow machine that is longer.
 */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const after = process.env.STOP_AFTER;
const { openSync } = fs;
let isCounting = after === "";

const MEMORY = /\/[0-9a-f]{64}\.[0-9a-f]{16}\.new$/;
const memories = new Set();

fs.openSync = (path, ...rest) => {
  isCounting ||= String(path).endsWith(after);
  const fd = openSync(path, ...rest);
  if (MEMORY.test(String(path))) memories.add(fd);
  else memories.delete(fd);
  return fd;
};

const isOfMemory = (target) => memories.has(target) || MEMORY.test(String(target));

for (const order of process.env.STOP_AT.split(",")) {
  const [name, nth, what, done] = order.split(":");
  const original = fs[name];
  let calls = 0;
  fs[name] = (...args) => {
    if (!isCounting || isOfMemory(args[0]) || ++calls !== Number(nth)) return original(...args);
    if (what.startsWith("SIG")) {
      // Before the call, as if the power had gone there.
      process.kill(process.pid, what);
      return original(...args);
    }
    if (what === "WAIT") {
      while (!fs.existsSync(process.env.STOP_UNTIL))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      return original(...args);
    }
    if (done !== undefined) original(...args);
    throw Object.assign(new Error(`${what}: ${name}`), { code: what, syscall: name });
  };
}
syncBuiltinESMExports();
