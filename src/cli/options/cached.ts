/** `--cached`: what was verified before need not have its signature checked again. @module */

import { quote } from "../../core/internal.ts";
import { type CacheState, VerifiedCache } from "../../node/index.ts";
import type { Io } from "../output/io.ts";
import type { Remark, Report } from "../output/report.ts";
import type { TrustChoice } from "./trust-options.ts";

/** The options as parsed. */
export interface CachedOptions {
  readonly cached?: true | undefined;
}

/** Opens the cache where it was asked for. With a trust file that can't be understood there is no policy to remember under. */
export function openCache({ cached }: CachedOptions, choice: TrustChoice, io: Io): VerifiedCache | undefined {
  if (cached !== true || choice.kind === "malformed") return undefined;
  return VerifiedCache.open(io.environment, choice.kind === "any-signer" ? choice.kind : choice);
}

/** Writes down what came to be known, and adds to a report how it went. The verdict does not depend on it. */
export function withCache(report: Report, cache: VerifiedCache | undefined): Report {
  if (cache === undefined) return report;
  const saved = cache.save();
  const { recalled, shownPath, state } = cache;
  const facts = { ...report.facts, cached: { state, recalled, saved } };
  const remarks = [...(report.remarks ?? []), ...cacheRemarks(state, saved, shownPath)];
  return { ...report, facts, remarks };
}

function cacheRemarks(state: CacheState, saved: boolean, path: string): readonly Remark[] {
  const place = quote(path);
  const checked = "each signature was checked";
  switch (state) {
    case "malformed": {
      const message = `${place} is not what runseal writes: nothing was taken from it, ${checked}`;
      return [{ kind: "warning", message, hints: saved ? ["it was written anew"] : [] }];
    }
    case "refused": {
      const message = `${place} or its folder is not yours, or others may write it: nothing was taken from it, ${checked}`;
      const hints = ["remove it, or take the right to write it from the others: chmod go-w"];
      return [{ kind: "warning", message, hints }];
    }
    case "unreadable":
      return [{ kind: "warning", message: `${place} can't be read: ${checked}` }];
    case "absent":
    case "read": {
      const message = `what was verified could not be remembered in ${place}`;
      return saved ? [] : [{ kind: "note", message }];
    }
  }
}
