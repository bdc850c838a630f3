/** The options of `sign`, and which of its three acts each belongs to. @module */

import type { AuthorityOptions } from "../../options/authority-options.ts";
import type { ProjectOptions } from "../../options/project-root.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import type { SignerOptions } from "../../options/signer-options.ts";
import type { TrustOptions } from "../../options/trust-options.ts";
import type { ProgressOptions } from "../../progress/show-progress.ts";

/** The options as parsed. */
export interface SignOptions
  extends SignerOptions,
    AuthorityOptions,
    TrustOptions,
    ProjectOptions,
    JobsOptions,
    ProgressOptions {
  readonly counter?: true | undefined;
  readonly time?: true | undefined;
  readonly files?: string | undefined;
  readonly keep: boolean;
  readonly links?: "inside" | "any" | undefined;
  readonly yes?: true | undefined;
}
