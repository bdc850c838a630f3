#!/usr/bin/env node
/** The program: process in, exit code out. @module */

import { RUNSEAL_VERSION } from "../node/runtime/version.ts";
import type { ReportExitCode } from "./codes/exit-code.ts";
import { processIo } from "./output/process-io.ts";
import { provideCollector } from "./provide-collector.ts";

const INTERNAL_ERROR: ReportExitCode = 70;

const argv = process.argv.slice(2);
const { io, close } = processIo(process, argv);
if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  // Answered here too, so that scripts need not wait for the whole program to load.
  io.writeOut(`${RUNSEAL_VERSION}\n`);
  close();
} else {
  void runProgram();
}

async function runProgram(): Promise<void> {
  provideCollector();
  // If nothing is left to wait for, Node exits with 0. Without an answer, that must not look like a success.
  const endUnanswered = (): void => {
    process.exitCode = INTERNAL_ERROR;
  };
  process.once("exit", endUnanswered);
  const { run } = await import("./run.ts");
  process.exitCode = await run(argv, io);
  process.off("exit", endUnanswered);
  close();
}
