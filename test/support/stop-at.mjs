/**
 * Loaded before the program (`NODE_OPTIONS=--import …`): one call of node:fs is where the process is killed, stands
 * still, or sees the system refuse. STOP_AT is `function:nth:what`, and `what` a signal or an errno; calls are
 * counted from the moment on when a file was opened whose path ends in STOP_AFTER.
 */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [name, nth, what] = process.env.STOP_AT.split(":");
const after = process.env.STOP_AFTER;
const { openSync, [name]: original } = fs;
let isCounting = after === "";
let calls = 0;

fs.openSync = (path, ...rest) => {
  isCounting ||= String(path).endsWith(after);
  return openSync(path, ...rest);
};

fs[name] = (...args) => {
  if (!isCounting || ++calls !== Number(nth)) return original(...args);
  if (what.startsWith("SIG")) {
    // Before the call, as if the power had gone there.
    process.kill(process.pid, what);
    return original(...args);
  }
  throw Object.assign(new Error(`${what}: ${name}`), { code: what, syscall: name });
};
syncBuiltinESMExports();
