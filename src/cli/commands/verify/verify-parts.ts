/** `runseal verify --parts`: a run, and the runs whose bundles its outputs hold. @module */

import {
  type ArtifactReading,
  findOtherArtifact,
  type HexDigest,
  ok,
  partsOf,
  quote,
  type Rejection,
  type Result,
  type RunPart,
} from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runMissing } from "../../../node/judge/source/bundle-source.ts";
import { findInProject } from "../../../node/library/places/bundle-place.ts";
import { placeForm } from "../../../node/library/places/place-form.ts";
import { listRepository } from "../../../node/move/carry/list-repository.ts";
import { digestOf, nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { openReference, readReference } from "../../options/registry-options.ts";
import { carrierOf } from "../../options/source-place.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { digestReference } from "../../verdict/carried-text.ts";
import { ACCEPTED, rejectedReport } from "../../verdict/verdict-facts.ts";
import { verifyOne } from "./verify.ts";
import { joined, type RunShown } from "./verify-carried.ts";
import type { VerifyOptions } from "./verify-options.ts";

/** Names the runs with the id of a part. Of one whose manifest shows that it is another run, says why: its outputs are not read. */
type FindRuns = (part: RunPart) => readonly (string | Rejection)[];

/** Verifies a run and its parts: accepted only if all of them are. Throws usage errors. */
export async function verifyParts(
  named: string,
  options: VerifyOptions,
  io: Io,
  isNewest = false,
): Promise<Report> {
  if (placeForm(named) !== "reference" && carrierOf(named, io) !== undefined)
    throw new UsageError("--parts is not about an archive\nrunseal pull takes its runs into a project");
  const isStored = options.stored === true;
  const scope = { from: isStored ? "store" : "root", includes: isNewest ? "project" : "none" } as const;
  const { report, seen, verified } = await verifyOne(named, options, scope, io);
  if (!report.facts.ok) return report;
  if (seen === undefined || verified === undefined) throw new TypeError("an accepted run has facts");
  const parts = partsOf(verified.judged.claims);
  if (parts.length === 0) return operationReport(operationFault("BUNDLE_UNSUITABLE", { reason: "no-parts" }));
  const project = seen.place?.home;
  const inProject: FindRuns = ({ runId }) => [findInProject(project ?? "", runId, io.cwd) ?? []].flat();
  const find = project === undefined ? await listParts(named, options, io) : ok(inProject);
  if (!find.ok) return operationReport(find);
  const ofParent = { exact: undefined, expect: undefined, expectId: undefined, ignore: [], run: undefined };
  const request = { ...options, ...ofParent, project };
  const how = { from: isStored ? "store" : "either", includes: "none", choice: seen.choice } as const;
  const ends: RunShown[] = [];
  for (const part of parts) {
    const runs = find.value(part);
    const foreign = runs.find((run) => typeof run !== "string");
    let end = foreign ? rejectedReport(foreign, {}) : operationReport(runMissing(named, part.runId, []));
    for (const name of runs.filter((run) => typeof run === "string")) {
      const { report: own, seen: found } = await verifyOne(name, request, how, io);
      const artifacts = found?.reported.judged?.opened.artifacts;
      if (own.facts.ok && artifacts === undefined) throw new TypeError("an accepted run has facts");
      const other = artifacts && findOtherArtifact(part, (file) => digestIn(artifacts[file]), nodeCrypto);
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

function digestIn(reading: ArtifactReading): HexDigest | undefined {
  return reading.kind === "bytes" ? digestOf(reading.bytes) : undefined;
}

/** Lists the repository of a run: its parts may have any tags, and come from several projects. */
async function listParts(
  named: string,
  options: VerifyOptions,
  io: Io,
): Promise<Result<FindRuns, OperationFault>> {
  const reference = readReference(named);
  if (!reference.ok) return reference;
  const opened = openReference(reference.value, options, { makes: false }, io);
  if (!opened.ok) return opened;
  using repository = opened.value;
  const listed = await listRepository(repository, { signal: io.signal });
  if (!listed.ok) return listed;
  const { shown } = repository;
  const runs = [...listed.value.runs.values()];
  return ok((part) =>
    runs
      .filter(({ layers }) => layers.runId === part.runId)
      .map((run) => {
        const { artifacts } = run.layers;
        const other = findOtherArtifact(part, (file) => artifacts.get(file)?.digest, nodeCrypto);
        return other ?? digestReference(shown, run);
      }),
  );
}
