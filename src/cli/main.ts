#!/usr/bin/env node
/** The program: process in, exit code out. @module */

import { processIo } from "./process-io.ts";
import { run } from "./run.ts";

const { io, close } = processIo(process);
process.exitCode = await run(process.argv.slice(2), io);
close();
