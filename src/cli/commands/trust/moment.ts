/** Moments as a user types them in options of `runseal trust`. @module */

import { parseMoment } from "../../../core/judge/trust/trust-line.ts";
import { parsed, type Spec } from "../../options/option-kinds.ts";

/** What an option with a moment takes, in its help. */
export const MOMENT_HELP = "such as 2026-11-24T09:20:42Z or 20261124, UTC";

/** ISO 8601 as runseal prints it, also without seconds or time. A time needs its Z: the line of a trust file is in UTC. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?Z)?$/;

/** An option with a moment, as a line of a trust file has it: ISO 8601 without its signs. */
export function moment(flags: string, about: string): Spec<string | undefined> {
  return parsed(flags, about, {
    takes: "a moment in UTC, such as 2026-11-24T09:20:42Z, 2026-11-24 or 20261124092042",
    parse: (text) => {
      const plain = ISO.test(text) ? text.replaceAll(/[-T:Z]/g, "") : text;
      return parseMoment(plain) === undefined ? undefined : plain;
    },
  });
}
