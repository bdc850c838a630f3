/** What `runseal export` is asked: the formats, and what each of them takes. @module */

import { EXPORT_FORMATS, type ExportFormat } from "../../../node/index.ts";
import type { ExpectOptions } from "../../options/expectations.ts";
import type { JobsOptions } from "../../options/jobs.ts";
import { SIGNER_FLAGS, type SignerOptions } from "../../options/signer-options.ts";
import type { CarriedOptions } from "../../options/source-place.ts";
import type { TreeOptions } from "../../options/tree-options.ts";
import type { TrustOptions } from "../../options/trust-options.ts";
import { givenFlag, UsageError } from "../../options/usage-error.ts";
import type { ProgressOptions } from "../../progress/show-progress.ts";

/** Stands for standard output. */
export const STDOUT = "-";

/** Formats of one file each, which are not evidence of a list of files. */
const ALONE = ["verdict", "page"] as const;

/** The options as parsed. */
export interface ExportOptions
  extends SignerOptions,
    TrustOptions,
    TreeOptions,
    ExpectOptions,
    JobsOptions,
    CarriedOptions,
    ProgressOptions {
  readonly format: readonly string[];
  readonly out?: string | undefined;
  readonly predicate?: "slsa" | undefined;
  readonly project?: string | undefined;
  readonly files?: string | undefined;
}

/** Reads the formats, in their own order and each once. Throws usage errors for options that have no use with them. */
export function chooseFormats(options: ExportOptions): readonly ExportFormat[] | (typeof ALONE)[number] {
  const { out, predicate } = options;
  const given = options.format.flatMap((names) => names.split(","));
  const named = new Set(given.length === 0 ? ["sums"] : given);
  const alone = ALONE.find((name) => named.has(name));
  if (alone !== undefined && named.size > 1)
    throw new UsageError(`--format ${alone} makes a file of its own; export it apart from other formats`);
  const known: readonly string[] = [...EXPORT_FORMATS, "all", ...ALONE];
  const unknown = [...named].find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--format takes ${known.join(", ")}, and not ${JSON.stringify(unknown)}`);
  if (predicate !== undefined && !["all", "dsse", "sigstore"].some((name) => named.has(name)))
    throw new UsageError(
      "--predicate belongs to the formats dsse and sigstore; the others make no statement",
    );
  if (alone !== undefined) return alone;
  const formats = EXPORT_FORMATS.filter((name) => named.has("all") || named.has(name));
  const isSigned = formats.some((name) => name !== "sums");
  if (isSigned && (out === undefined || out === STDOUT))
    throw new UsageError("signed evidence needs -o: the folder to make, outside of what was sealed");
  const flag = givenFlag(options, SIGNER_FLAGS);
  if (!isSigned && flag !== undefined)
    throw new UsageError(
      `--format sums is not signed, so ${flag} can't be used\n--format sshsig, minisign or signify sign the list`,
    );
  return formats;
}
