// For --require: when the process ends, says on stderr which of Node's own modules it has loaded, one a line.
const { writeSync } = require("node:fs");

process.once("exit", () => writeSync(2, `${process.moduleLoadList.join("\n")}\n`));
