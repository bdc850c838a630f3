/** Puts in place what was staged. @module */

import type { RestoreCode, RestoreFault, RestorePhase } from "../../../core/internal.ts";
import { itemAt } from "../../../core/internal.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { Tally } from "../../system/runtime/progress.ts";
import { nameOf } from "./journal/places.ts";
import { stagedName } from "./journal/staging.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import { beginWork } from "./work/entry-work.ts";
import { faultOf } from "./work/fault-of.ts";

/** Puts all but the reports in place, links last. Fails where a name is taken. Throws an Interruption when the signal fired. */
export async function putEntries(open: OpenTransaction): Promise<RestoreFault | undefined> {
  const { entries } = open.request;
  if (entries.length === 0) return undefined;
  const tally = new Tally(beginWork("place", open.request));
  const codes = ["EXECUTE", "RESTORE_FINALIZE_FAILED"] as const;
  const fault = await putRange(open, 0, entries.artifacts, tally, codes);
  return fault ?? (await putRange(open, entries.links, entries.length, undefined, codes));
}

/** Puts the reports in place, which say that all the rest is there. Fails and throws in the same way. */
export function putReports(open: OpenTransaction): Promise<RestoreFault | undefined> {
  const { artifacts, links } = open.request.entries;
  return putRange(open, artifacts, links, undefined, ["VERIFY", "RESTORE_RESULT_ARTIFACT_WRITE_FAILED"]);
}

async function putRange(
  { journal: { put }, request: { entries, signal }, root, staging }: OpenTransaction,
  from: number,
  end: number,
  tally: Tally | undefined,
  [phase, code]: readonly [RestorePhase, RestoreCode],
): Promise<RestoreFault | undefined> {
  for (let index = from; index < end; index++) {
    const place = itemAt(put, index);
    try {
      // link(2) creates a name or fails: it can't replace a file that appeared meanwhile (H-03).
      staging.dir.link(stagedName(index), root.holder(place), nameOf(place));
    } catch (thrown) {
      return faultOf(thrown, phase, code, entries.path(index));
    }
    tally?.countFile();
    const breath = breathe(index, signal);
    if (breath === undefined) continue;
    tally?.tell();
    await breath;
  }
  tally?.tell();
  return undefined;
}
