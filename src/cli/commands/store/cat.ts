/** `runseal store cat`: writes one object of the project's store to stdout. @module */

import { resolve } from "node:path";
import { declareDigest, type HexDigest, isHexDigest } from "../../../core/internal.ts";
import { readObject } from "../../../node/records/store/cat-object.ts";
import { atRoot, type ProjectOptions, projectRoot } from "../../options/project-root.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report, type SpokenOptions } from "../../output/report.ts";
import type { StoreCatResult } from "./store-results.ts";

/** Writes the bytes of an object; with --json it only checks them. */
export async function runCat(name: string, options: ProjectOptions & SpokenOptions, io: Io): Promise<Report> {
  const digest = parseDigest(name);
  const project = projectRoot(options.project, io);
  if (!project.ok) return operationReport(project);
  const root = resolve(io.cwd, project.value);
  let bytes = 0;
  const take = async (piece: Uint8Array): Promise<boolean> => {
    bytes += piece.length;
    if (options.json !== true) await io.writeBytes(piece);
    return !io.isUnread();
  };
  const read = await readObject({ root, digest, signal: io.signal }, take);
  if (!read.ok) return operationReport(atRoot(read, project.value));
  const known = { object: declareDigest(digest), bytes };
  return doneReport<StoreCatResult>("the object has the bytes that its name says", known, "");
}

/** The form of sha256sum, or that of bundles. */
function parseDigest(name: string): HexDigest {
  const hex = name.toLowerCase().replace(/^sha256:/, "");
  if (isHexDigest(hex)) return hex;
  throw new UsageError("name an object by its SHA-256: 64 hex digits, or sha256: and these");
}
