/** Words for what goes wrong with a trust file or a countersignature. @module */

import { quote, quoteIfNeeded } from "../../core/internal.ts";
import type { OperationCode, OperationDetails } from "../../node/index.ts";

/** The codes of trust files and countersignatures that end a command. */
export type TrustFaultCode = Extract<
  OperationCode,
  `TRUST_LINE_${string}` | "COUNTERSIGNATURES_MALFORMED" | "COUNTERSIGNER_IS_SIGNER" | "ALREADY_COUNTERSIGNED"
>;

/** Whether a code is one of these. */
export function isTrustFault(code: OperationCode): code is TrustFaultCode {
  return /^(?:TRUST_LINE_|COUNTERSIGN|ALREADY_COUNTERSIGNED$)/.test(code);
}

/** One sentence for what went wrong with a trust file or a countersignature. */
export function trustFaultMessage(code: TrustFaultCode, { line, names, path }: OperationDetails): string {
  const shown = quote(path ?? "");
  switch (code) {
    case "TRUST_LINE_EXISTS":
      return `${shown} line ${line} lists the key already, as ${namesWords(names ?? [])}; nothing was changed`;
    case "TRUST_LINE_NOT_FOUND":
      return `no line of ${shown} lists that key or name; nothing was changed`;
    case "TRUST_LINE_REQUIRED":
      return `a [require …] line of ${shown} could not be met any more; nothing was changed`;
    case "COUNTERSIGNATURES_MALFORMED":
      return `nothing can be added to the COUNTERSIGNATURES.json of ${shown}`;
    case "COUNTERSIGNER_IS_SIGNER":
      return `${shown} was sealed with this very key`;
    case "ALREADY_COUNTERSIGNED":
      return `${shown} is countersigned with this key already; nothing was changed`;
  }
}

/** Names for a person. */
export function namesWords(names: readonly string[]): string {
  return names.map(quoteIfNeeded).join(",");
}
