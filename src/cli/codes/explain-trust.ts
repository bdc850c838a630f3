/** The codes of trust files and countersignatures explained: [what it means, what to do]. @module */

import type { CountersignatureCode } from "../../core/internal.ts";
import type { TrustFaultCode } from "../text/trust-fault-text.ts";

/** One entry for each code. */
export const TRUST_EXPLANATIONS: Readonly<
  Record<TrustFaultCode | CountersignatureCode, readonly [string, string]>
> = {
  TRUST_LINE_EXISTS: [
    "A line of the trust file lists the key already; nothing was changed.",
    "Look at the line with runseal trust list, and edit it by hand; or remove the key first.",
  ],
  TRUST_LINE_NOT_FOUND: [
    "No line of the trust file lists the key or the name; nothing was changed.",
    "runseal trust list shows what it lists.",
  ],
  TRUST_LINE_REQUIRED: [
    "After the change the signers of the trust file could not meet a [require …] line, and all of it would be refused; nothing was changed.",
    "Change the [require …] line first, by hand.",
  ],
  COUNTERSIGNATURES_MALFORMED: [
    "COUNTERSIGNATURES.json is not a regular file, not of its form, beyond its limit, or can't be read: none in it counts, and none can be added. No verdict depends on it.",
    "Ask where it came from; without it the countersigners can sign again.",
  ],
  COUNTERSIGNATURE_MALFORMED: [
    "A note: an entry of COUNTERSIGNATURES.json is not of the form of a countersignature, or its key is one that nobody can hold a private key for. It does not count.",
    "Nothing to do, unless it should count: then ask whoever made it to countersign again.",
  ],
  COUNTERSIGNATURE_INVALID: [
    "A note: a countersignature does not hold over this bundle with its key and its moment. It does not count.",
    "Nothing to do, unless it should count: then ask whoever made it to countersign again.",
  ],
  COUNTERSIGNER_IS_SIGNER: [
    "The key is the one that sealed the bundle; countersigning with it would say nothing new.",
    "Countersign with another key.",
  ],
  ALREADY_COUNTERSIGNED: [
    "The bundle has a countersignature of this key that holds; nothing was changed.",
    "Nothing, or countersign with another key.",
  ],
};
