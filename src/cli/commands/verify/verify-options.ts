/** The options of `verify`: which are about one run, and which about a history. @module */

import type { PlaceOptions } from "../../../node/library/places/bundle-place.ts";
import type { ExpectOptions } from "../../options/expectations.ts";
import type { JobsOptions, TreeOptions } from "../../options/shared-options.ts";
import type { CarriedOptions } from "../../options/source-place.ts";
import type { TrustOptions } from "../../options/trust-options.ts";
import type { ProgressOptions } from "../../progress/show-progress.ts";
import type { ReportOptions } from "./report-places.ts";

/** The options about one run, as parsed. */
export interface VerifyOptions
  extends TrustOptions,
    TreeOptions,
    ExpectOptions,
    JobsOptions,
    CarriedOptions,
    PlaceOptions,
    ProgressOptions,
    ReportOptions {
  readonly all?: true | undefined;
  readonly parts?: true | undefined;
  readonly stored?: true | undefined;
  readonly verbose?: true | undefined;
}

/** Whether each difference is to be found, not only the first: files that are written beside the answer list them. */
export function listsAll({ all, junit, report }: VerifyOptions): boolean {
  return all === true || junit !== undefined || report !== undefined;
}

/** The options about a history, as parsed. */
export interface HistoryOptions extends TrustOptions, PlaceOptions, JobsOptions, ProgressOptions {
  /** The chain root that the history must have. */
  readonly expect?: string | undefined;
  readonly verbose?: true | undefined;
  readonly stored?: true | undefined;
  readonly ignoreModes?: true | undefined;
}
