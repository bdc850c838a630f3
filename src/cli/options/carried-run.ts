/** The one run of a carrier, for commands that read no output. @module */

import type { Result } from "../../core/internal.ts";
import type { CarriedRun } from "../../node/judge/source/bundle-source.ts";
import { openOne } from "../../node/judge/verify/open-one.ts";
import type { OperationFault } from "../../node/system/runtime/operation-fault.ts";
import type { Io } from "../output/io.ts";
import { type CarriedOptions, chosenRuns, type OpenCarried, type OpenDemand } from "./source-place.ts";

/** Opens the run that is asked for, and closes its carrier. Fails as `openOne` does. */
export async function readCarriedRun(
  open: OpenCarried,
  options: CarriedOptions,
  demand: OpenDemand,
  io: Io,
): Promise<Result<CarriedRun, OperationFault>> {
  const opened = await open(demand);
  if (!opened.ok) return opened;
  await using source = opened.value;
  return await openOne(source, chosenRuns(options), io.signal);
}
