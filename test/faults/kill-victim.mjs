// One restore, recovery or undo in a process of its own, to be killed.
// Usage: node kill-victim.mjs ORDER, as JSON. Ends with 0 where all went well, with 3 where runseal says it did not.

import { obey } from "./kill-orders.mjs";

const { ok } = await obey(JSON.parse(process.argv[2] ?? ""));
process.exitCode = ok ? 0 : 3;
