/** Whether the signer of a run is the guard's own key, which a person without a key has for a guarded folder. @module */

import { resolve } from "node:path";
import { projectPlace } from "../../node/library/places/project-place.ts";
import type { Io } from "../output/io.ts";
import type { TrustChoice } from "./trust-options.ts";

/**
 * The same choice, which knows the own key of the guard at hand: of the project of `--project`, or of the nearest one upwards. Such
 * a key is trusted no more by it: the reason says whose it is.
 */
export async function knowingGuardsKey(
  choice: TrustChoice,
  project: string | undefined,
  io: Io,
): Promise<TrustChoice> {
  if (choice.kind === "any-signer") return choice;
  const place = projectPlace(project, io);
  // The project of a guard is outside of its folder.
  if (!place.ok || place.value.home === place.value.root) return choice;
  const { guardsPublicKey } = await import("../../node/back/guard/guard-key.ts");
  return { ...choice, guardsKey: await guardsPublicKey(resolve(io.cwd, place.value.home)) };
}
