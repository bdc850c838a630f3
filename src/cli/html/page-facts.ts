/** What a report is made of: what `verify` says, and no more. @module */

import type { SaidDifferences, SaidFact, SaidPhase, SaidVerdict } from "../../core/internal.ts";
import type { FileSummary } from "./file-summary.ts";
import type { HistoryPart } from "./history-section.ts";

/** A verification, for a page. Everything is bounded. */
export interface PageFacts {
  readonly verdict: SaidVerdict;
  /** What to do. */
  readonly hints: readonly string[];
  /** The name of the run directory, or of the run in what carries it. */
  readonly name: string;
  /** What is known; empty where the artifacts were rejected: then nothing that they claim is shown. */
  readonly facts: readonly SaidFact[];
  /** The phases, and what the policy says of the signer; empty where nothing was judged. */
  readonly phases: readonly (Omit<SaidPhase, "state"> & { readonly state: string })[];
  /** Undefined where the files were not looked at. */
  readonly differences: SaidDifferences | undefined;
  /** What was not sealed. */
  readonly unsealed: string | undefined;
  /** Undefined where files were not looked for. */
  readonly files: FileSummary | undefined;
  /** Undefined for a bundle that is in no history. */
  readonly history: HistoryPart | undefined;
  /** How to verify the run again. */
  readonly command: string | undefined;
  /** When it was verified: RFC 3339, UTC, whole seconds. */
  readonly at: string;
}
