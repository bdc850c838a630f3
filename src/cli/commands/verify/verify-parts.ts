/** `runseal verify --parts`: a run, and the runs whose bundles its outputs hold. @module */

import {
  findOtherArtifact,
  ok,
  partsOf,
  quote,
  type Result,
  repositoryText,
} from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runMissing } from "../../../node/judge/source/bundle-source.ts";
import { listRuns } from "../../../node/library/repositories.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { operandOf } from "../../options/default-run.ts";
import { readReference } from "../../options/registry-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { ACCEPTED, rejectedReport } from "../../verdict/verdict-facts.ts";
import { verifyOne } from "./verify.ts";
import { joined, type RunShown } from "./verify-carried.ts";
import type { VerifyOptions } from "./verify-options.ts";

/** What names the runs of an id in a command. */
type NameRuns = (runId: string) => readonly string[];

/** Verifies a run and its parts: accepted only if all of them are. Throws usage errors. */
export async function verifyParts(
  named: string,
  options: VerifyOptions,
  io: Io,
  isNewest = false,
): Promise<Report> {
  const isStored = options.stored === true;
  const scope = { from: isStored ? "store" : "root", includes: isNewest ? "project" : "none" } as const;
  const { report, seen, verified } = await verifyOne(named, options, scope, io);
  if (!report.facts.ok) return report;
  if (seen === undefined || verified === undefined || verified.source === "archive")
    throw new UsageError("--parts is not about an archive\nrunseal pull takes its runs into a project");
  const parts = partsOf(verified.judged.claims);
  if (parts.length === 0) return operationReport(operationFault("BUNDLE_UNSUITABLE", { reason: "no-parts" }));
  const project = seen.place?.home;
  const inProject: NameRuns = (runId) => [operandOf(project ?? "", runId)];
  const names = project === undefined ? await namesIn(named, options, io) : ok(inProject);
  if (!names.ok) return operationReport(names);
  const ofParent = { exact: undefined, expect: undefined, expectId: undefined, ignore: [], run: undefined };
  const request = { ...options, ...ofParent, project };
  const how = { from: isStored ? "store" : "either", includes: "none", choice: seen.choice } as const;
  const ends: RunShown[] = [];
  for (const part of parts) {
    let end = operationReport(runMissing(named, part.runId, []));
    // Runs of one id may come from several projects.
    for (const name of names.value(part.runId)) {
      const { report: own, seen: found } = await verifyOne(name, request, how, io);
      const judged = found?.reported.judged;
      const other = judged && findOtherArtifact(part, judged.opened, nodeCrypto);
      if (own.facts.ok && judged === undefined) throw new TypeError("an accepted run has facts");
      end = other === undefined ? own : rejectedReport(other, {});
      if (end.facts.ok) break;
    }
    ends.push({ runId: part.runId, report: { ...end, facts: { ...end.facts, part: part.folder } } });
  }
  const bad = ends.flatMap(({ report: { facts } }, index) =>
    facts.ok ? [] : `         ${quote(parts[index]?.folder ?? "")}: ${facts.code}\n`,
  );
  const counted = `parts    ${countOf(ends.length, "part")}, ${bad.length} not accepted\n${bad.join("")}`;
  const text = report.text.replace(ACCEPTED, (last) => counted + (bad.length === 0 ? last : ""));
  return joined([...ends, { runId: verified.bundle.runId, report }], text);
}

/** Lists the repository of a run: its parts may have any tags. */
async function namesIn(
  named: string,
  { plainHttp }: VerifyOptions,
  { environment, signal }: Io,
): Promise<Result<NameRuns, OperationFault>> {
  const reference = readReference(named);
  if (!reference.ok) return reference;
  const listed = await listRuns({ from: repositoryText(reference.value), plainHttp, environment, signal });
  if (!listed.ok) return listed;
  const { runs } = listed.value;
  return ok((runId) => runs.flatMap((run) => (run.runId === runId ? run.reference : [])));
}
