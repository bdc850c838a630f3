/** What `runseal export` is asked: the formats, and what each of them takes. @module */

import { EXPORT_FORMATS, type ExportFormat } from "../../../node/make/export/evidence-formats.ts";
import type { ExpectOptions } from "../../options/expectations.ts";
import { type JobsOptions, SIGNER_FLAGS, type TreeOptions } from "../../options/shared-options.ts";
import type { SignerOptions } from "../../options/signer-options.ts";
import type { CarriedOptions } from "../../options/source-place.ts";
import type { TrustOptions } from "../../options/trust-options.ts";
import { refuseGiven, UsageError } from "../../options/usage-error.ts";
import type { ProgressOptions } from "../../progress/show-progress.ts";

/** Stands for standard output. */
export const STDOUT = "-";

/** Formats of one file each, which are not evidence of a list of files. */
const ALONE = ["verdict", "page"] as const;

/** What `--format` takes. */
export const FORMATS: readonly (ExportFormat | "all" | (typeof ALONE)[number])[] = [
  ...EXPORT_FORMATS,
  "all",
  ...ALONE,
];

/** The options as parsed. */
export interface ExportOptions
  extends SignerOptions,
    TrustOptions,
    TreeOptions,
    ExpectOptions,
    JobsOptions,
    CarriedOptions,
    ProgressOptions {
  readonly format: readonly (typeof FORMATS)[number][];
  readonly out?: string | undefined;
  readonly predicate?: "slsa" | undefined;
  readonly project?: string | undefined;
  readonly files?: string | undefined;
}

/** Reads the formats, in their own order and each once. Throws usage errors for options that have no use with them. */
export function chooseFormats(options: ExportOptions): readonly ExportFormat[] | (typeof ALONE)[number] {
  const { format, out } = options;
  const named = new Set(format.length === 0 ? ["sums" as const] : format);
  const alone = ALONE.find((name) => named.has(name));
  if (alone !== undefined && named.size > 1)
    throw new UsageError(`--format ${alone} makes a file of its own; export it apart from other formats`);
  if (!(["all", "dsse", "sigstore"] as const).some((name) => named.has(name)))
    refuseGiven(
      options,
      ["--predicate"],
      "goes with --format dsse or sigstore: the others make no statement",
    );
  if (alone !== undefined) return alone;
  const formats = EXPORT_FORMATS.filter((name) => named.has("all") || named.has(name));
  const isSigned = formats.some((name) => name !== "sums");
  if (isSigned && (out === undefined || out === STDOUT))
    throw new UsageError("signed evidence needs -o: the folder to make, outside of what was sealed");
  if (!isSigned)
    refuseGiven(
      options,
      SIGNER_FLAGS,
      "does not go with --format sums, which is not signed\n--format sshsig, minisign or signify sign the list",
    );
  return formats;
}
