/** `runseal doctor`: what runseal needs of the machine, whether it is there, and what it costs if not. @module */

import { examineMachine } from "../../../node/library/doctor/examine-machine.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { paint } from "../../text/paint.ts";
import { widthOf, wrapped } from "../../text/wrapped.ts";
import { agentChecks } from "./agent-checks.ts";
import { checksOf } from "./checks.ts";
import type { DoctorCheckFacts, DoctorResult } from "./doctor-results.ts";

/** Where the words begin behind state and name. */
const INDENT = 24;

const MEANINGS: Readonly<Record<DoctorCheckFacts["state"], "good" | "doubtful" | "bad">> = {
  ok: "good",
  missing: "doubtful",
  wrong: "bad",
};

/** Lists what was looked at. Changes nothing. */
export function runDoctor(io: Io): Report {
  const machine = checksOf(examineMachine(io.environment, io.now()), io.now());
  const checks = [...machine, ...agentChecks(io)];
  const width = widthOf(io.columns) - INDENT;
  const problems = checks.filter(({ state }) => state !== "ok").length;
  const lines = checks.map(({ cost, found, name, state }) => {
    const begin = `${paint(state.padEnd(9), MEANINGS[state], io.colour)}${name.padEnd(INDENT - 9)}`;
    const words = wrapped(found, width, "", "").trimEnd().split("\n");
    const more = cost === null ? [] : wrapped(cost, width, "", "").trimEnd().split("\n");
    return `${begin}${[...words, ...more].join(`\n${" ".repeat(INDENT)}`)}\n`;
  });
  return doneReport<DoctorResult>("examined", { checks, problems }, lines.join(""));
}
