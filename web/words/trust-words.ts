/** What the page says about the trust that the user gave. @module */

import { countOf } from "../../src/core/internal.ts";
import type { TrustChoice } from "../trust/trust-choice.ts";

/** One sentence for a choice. */
export function trustWords(choice: TrustChoice): string {
  switch (choice.kind) {
    case "none":
      return "No trust given yet: no signer is trusted.";
    case "any-signer":
      return "Any signer is taken. The result does not say who signed.";
    case "keys":
      return `${countOf(choice.count, "key")} trusted, without conditions.`;
    case "file":
      return `A trust file of ${countOf(choice.count, "signer")}.`;
    case "malformed":
      return `Neither a public key nor a trust file: line ${choice.fault.line} is malformed (${choice.fault.reason}).`;
    case "too-large":
      return "The trust file is too large.";
  }
}
