/** What the page and the worker of its session say to each other. @module */

import type { Arrangement, FilePage } from "../shown/file-page.ts";
import type { ShownHistory } from "../shown/runs-in-order.ts";
import type { ShownVerdict } from "../shown/shown-verdict.ts";
import type { SentGiven } from "../source/sent-given.ts";

/** Something that begins work, and ends the work before it. The page counts: news of older work is passed over. */
export type WorkRequest =
  | { readonly kind: "take"; readonly given: SentGiven }
  /** The folder in which the files of the bundle are. */
  | { readonly kind: "take-files"; readonly given: SentGiven }
  /** The run at a place of the history that is shown. */
  | { readonly kind: "choose"; readonly place: number }
  /** The run that is shown, by what the store of its project keeps. */
  | { readonly kind: "choose-stored" }
  /** All runs of the history. */
  | { readonly kind: "verify-all-runs" }
  | { readonly kind: "stop" };

/** Something that ends no work. */
export type SideRequest =
  /** What the user says about trust: keys or a trust file as they were pasted. */
  | { readonly kind: "trust"; readonly text: string; readonly isAnySigner: boolean }
  | { readonly kind: "more-runs" }
  /** Rows of the table. The page numbers its requests. */
  | {
      readonly kind: "rows";
      readonly id: number;
      readonly arrangement: Arrangement;
      readonly first: number;
      readonly count: number;
    };

/** What the page asks of the worker. */
export type SessionRequest =
  | SideRequest
  | { readonly kind: "work"; readonly work: number; readonly request: WorkRequest };

/** How far the hashing is. */
export interface FileProgress {
  readonly files: number;
  readonly allFiles: number;
  readonly bytes: number;
  /** Undefined where the bundle declares no size. */
  readonly allBytes: number | undefined;
}

/** What is to be shown of the work. */
export type WorkNews =
  | { readonly kind: "begin"; readonly words: string }
  /** The work ended without a verdict. */
  | { readonly kind: "end"; readonly words: string }
  | { readonly kind: "runs"; readonly done: number; readonly all: number }
  | { readonly kind: "files"; readonly progress: FileProgress }
  | { readonly kind: "history"; readonly history: ShownHistory }
  /** The run at this place of the history is being verified. */
  | { readonly kind: "marked"; readonly place: number }
  /** The folder of a bundle's files, or the file of a proof. */
  | { readonly kind: "ask-for-files"; readonly of: "bundle" | "proof" }
  /** The work ended. `rows` are the first ones of the table, in `FIRST_ARRANGEMENT`; undefined where the bundle names no files. */
  | { readonly kind: "verdict"; readonly verdict: ShownVerdict; readonly rows: FilePage | undefined }
  /** The verdict that is shown, decided about again. */
  | { readonly kind: "trusted"; readonly verdict: ShownVerdict }
  | { readonly kind: "rows"; readonly id: number; readonly page: FilePage };

/** What the worker says. */
export type SessionNews =
  /** The worker takes requests. */
  | { readonly kind: "ready" }
  /** A bug, or a browser that lacks something. */
  | { readonly kind: "failed"; readonly words: string }
  | { readonly kind: "trust-words"; readonly words: string }
  | { readonly kind: "work"; readonly work: number; readonly news: WorkNews };
