#!/usr/bin/env node
/** The program: process in, exit code out. @module */

import type { ReportExitCode } from "./codes/exit-code.ts";
import { processIo } from "./output/process-io.ts";
import { provideCollector } from "./provide-collector.ts";
import { run } from "./run-command-line.ts";

const INTERNAL_ERROR: ReportExitCode = 70;

provideCollector();
const argv = process.argv.slice(2);
const { io, close } = processIo(process, argv);
// If nothing is left to wait for, Node exits with 0. Without an answer, that must not look like a success.
const endUnanswered = (): void => {
  process.exitCode = INTERNAL_ERROR;
};
process.once("exit", endUnanswered);
void run(argv, io).then((exitCode) => {
  process.exitCode = exitCode;
  process.off("exit", endUnanswered);
  close();
});
