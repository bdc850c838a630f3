/** What a report is made of: the values that `verify` prints, and no others. @module */

import type {
  AmberVerdict,
  JudgedBundle,
  Phase,
  Rejection,
  SignerIdentity,
  Undecided,
  VerifiedBundle,
} from "../../core/internal.ts";
import type { CarrierName } from "../../node/source/bundle-source.ts";
import type { UnsealedFiles } from "../../node/verify/unsealed-files.ts";
import type { TrustAnswer } from "../options/trust-options.ts";
import type { Report } from "../output/report.ts";
import type { FileSummary } from "./file-summary.ts";
import type { LinePicture } from "./line-picture.ts";

/** A verification, for a page. Everything is bounded. */
export interface PageFacts {
  /** The end of the command: code, sentence and hints. */
  readonly report: Report;
  /** The name of the run directory. */
  readonly name: string;
  /** Undefined where the artifacts were rejected: then nothing that they claim is shown. */
  readonly judged: JudgedBundle | undefined;
  /** Undefined for a bundle that was not accepted. */
  readonly verified: VerifiedBundle | undefined;
  readonly signer: SignerIdentity | undefined;
  /** Undefined where it was not decided. */
  readonly trust: TrustAnswer | undefined;
  /** Whether the phases ran until one failed, or to the end. */
  readonly isJudged: boolean;
  readonly failedAt: Phase | undefined;
  readonly hasTree: boolean;
  /** What was said of the tree; "" without one. */
  readonly tree: string;
  /** Why the run says that it failed. */
  readonly said: string | undefined;
  readonly source: CarrierName | undefined;
  readonly differences: Differences;
  readonly unsealed: UnsealedFiles | undefined;
  /** Undefined where files were not looked for. */
  readonly files: FileSummary | undefined;
  /** Undefined for a bundle that is in no line of runs. */
  readonly line: LinePicture | undefined;
  /** Where the verdict is between acceptance and rejection. */
  readonly amber: AmberVerdict | undefined;
  /** The trust options of the verification, as words of a command. */
  readonly trustOptions: readonly string[];
  /** When it was verified: RFC 3339, UTC, whole seconds. */
  readonly at: string;
}

/** The first differences, and how many more there are. */
export interface Differences {
  readonly listed: readonly (Rejection | Undecided)[];
  readonly more: number;
}
