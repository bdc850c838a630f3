/** What the two kinds of a push are given. @module */

import type { BundlePlace, PlaceOptions } from "../../../node/library/places/bundle-place.ts";
import type { RegistryOptions } from "../../options/registry-options.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import type { SignerOptions } from "../../options/signer-options.ts";
import type { TrustOptions } from "../../options/trust-options.ts";
import type { Report } from "../../output/report.ts";
import type { ProgressOptions } from "../../progress/show-progress.ts";

/** The options as parsed. */
export interface PushOptions
  extends RegistryOptions,
    SignerOptions,
    TrustOptions,
    PlaceOptions,
    JobsOptions,
    ProgressOptions {
  readonly all?: true | undefined;
  readonly tag: readonly string[];
  readonly attest?: "sigstore" | undefined;
  readonly json?: true | undefined;
}

/** The runs to send, or why they are not found. */
export type PushedPlaces = { readonly places: readonly BundlePlace[] } | { readonly report: Report };

/** A push whose operands were read. */
export interface PushJob {
  readonly target: string;
  /** The runs as the user named them; none: the whole history. */
  readonly runs: readonly string[];
  readonly options: PushOptions;
}

/** Stands for stdout. */
export const STDOUT = "-";
