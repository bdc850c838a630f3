/** A snapshot by the name that its run gives it, whether it was sealed again or was equal to an earlier one. @module */

import { resolve } from "node:path";
import { runName } from "../../../core/system/paths/run-name.ts";
import { findEqualSnapshot } from "../../../node/back/guard/equal-snapshot.ts";
import { projectPlace } from "../../../node/library/places/project-place.ts";
import { placeOfSource } from "../../options/source-place.ts";
import type { Io } from "../../output/io.ts";
import { note, type Remark } from "../../output/report.ts";

/** What is looked at for a name. */
export interface NamedSnapshot {
  readonly named: string;
  /** Says which snapshot was taken, if it has another name. */
  readonly remarks: readonly Remark[];
}

/** Takes the equal snapshot for `RUN.before` and `RUN.after` if nothing has that name. Throws a usage error as `placeOfSource` does. */
export function namedSnapshot(named: string, project: string | undefined, io: Io): NamedSnapshot {
  const asNamed = { named, remarks: [] };
  if (!/\.(?:before|after)$/.test(named) || placeOfSource(named, { project }, io).ok) return asNamed;
  const place = projectPlace(project, io);
  if (!place.ok) return asNamed;
  const runId = findEqualSnapshot(resolve(io.cwd, place.value.home), named);
  if (runId === undefined) return asNamed;
  const message = `${runName(named)} is ${runName(runId)}: nothing had changed, so it was not sealed again`;
  return { named: runId, remarks: [note(message)] };
}
