/** Words for what a signer did not see: a bundle that was sealed elsewhere. @module */

import type { Binding, JsonObject } from "../../core/internal.ts";
import type { SignedElsewhereFacts } from "../results/run.ts";

/** What is said of a command, wherever it is printed. */
export const NOT_WITNESSED = "not witnessed by the signer";

/** That a bundle was signed elsewhere, for a program; null where its sealer signed it. */
export function elsewhereFacts(signedAt: string | undefined): SignedElsewhereFacts | null {
  return signedAt === undefined ? null : { signed_at: signedAt, command: NOT_WITNESSED };
}

/** When a bundle was sealed and signed, for a person, and that its signer did not see the command that it records. */
export function sealedLines(
  binding: Pick<Binding, "sealedAt" | "signedAt"> | undefined,
  taskSpec: JsonObject,
): string {
  if (binding === undefined) return "sealed   unbound: no run id, time or proof is signed\n";
  const { sealedAt, signedAt } = binding;
  if (signedAt === undefined) return `sealed   ${sealedAt}, the signer says\n`;
  // Of whatever form it is: a command that can't be shown was not witnessed either.
  const unseen = taskSpec.has("command") ? `command  ${NOT_WITNESSED}, and neither is its exit code\n` : "";
  return `sealed   ${sealedAt}, elsewhere, the sealer says\nsigned   ${signedAt}, the signer says\n${unseen}`;
}
