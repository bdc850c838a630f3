#!/usr/bin/env node
/** The program: process in, exit code out. @module */

import { RUNSEAL_VERSION } from "../node/version.ts";
import { processIo } from "./process-io.ts";

const { io, close } = processIo(process);
const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  // As `makeProgram` answers it; scripts ask it before anything else, and need not wait for all that is loaded there.
  io.writeOut(`${RUNSEAL_VERSION}\n`);
} else {
  const { run } = await import("./run.ts");
  process.exitCode = await run(argv, io);
}
close();
