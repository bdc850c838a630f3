// Takes the lock of a project's own folder as a seal does, says "held", and waits to be killed. With a second
// argument it takes and gives back the lock that many times instead, each time adding a line to the file `log`
// in the folder that a second holder at the same moment would tear.
// Usage: node hold-project.mjs FOLDER [TIMES]

import { appendFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { PROJECT_LOCK } from "../../../dist/node/records/project/project-names.js";
import { AnchoredDir } from "../../../dist/node/system/files/anchored-dir.js";
import { takeLock } from "../../../dist/node/system/locks/take-lock.js";

const [path, times] = process.argv.slice(2);
const folder = AnchoredDir.open(path);
if (times === undefined) {
  const lock = await takeLock(folder, PROJECT_LOCK, undefined);
  console.log(lock === "occupied" ? "occupied" : "held");
  process.stdin.resume();
  process.stdin.on("end", () => process.exit(1));
} else {
  for (let turn = 0; turn < Number(times); turn++) {
    const lock = await takeLock(folder, PROJECT_LOCK, undefined);
    if (lock === "occupied") throw new Error("this lock must be free");
    await lock.sweep();
    writeFileSync(join(path, "inside"), String(process.pid), { flag: "wx" });
    await setTimeout(turn % 3);
    appendFileSync(join(path, "log"), `${process.pid}\n`);
    unlinkSync(join(path, "inside"));
    lock.release();
  }
}
