/** A verdict on one run in words: the same title and sentence for report and page, and for text the sentence. @module */

import {
  type AmberVerdict,
  brokenHistoryVerdict,
  brokenHistoryWords,
  movedOnVerdict,
} from "../history/history-words.ts";
import type { MovedOn } from "../history/moved-on.ts";
import type { HistoryFault } from "./said-history.ts";
import type { Tone } from "./tone.ts";

/** A verdict for a person. */
export interface SaidVerdict {
  readonly tone: Tone;
  readonly title: string;
  /** In lower case and without a full stop. */
  readonly sentence: string;
  readonly code: string;
}

/** What a verdict is made of. */
export interface FoundVerdict {
  /** Why the run is not accepted; undefined if all phases passed. `isUndecided`: it was not judged to the end. */
  readonly failure:
    | { readonly code: string; readonly message: string; readonly isUndecided: boolean }
    | undefined;
  /** Whether the files were looked for in the project's store, and not on the disk. */
  readonly isStored: boolean;
  /** What the policy says of the signer of an accepted run. */
  readonly trust: { readonly ok: boolean; readonly code: string; readonly reason: string } | undefined;
  /** The run that explains why files differ; its signer is trusted. */
  readonly moved: MovedOn | undefined;
  /** Why the history that the verdict includes is broken. */
  readonly fault: Pick<HistoryFault, "code" | "words"> | undefined;
}

/** Says a verdict. */
export function saidVerdict({ failure, fault, isStored, moved, trust }: FoundVerdict): SaidVerdict {
  if (failure !== undefined) {
    const { code, isUndecided, message: sentence } = failure;
    if (moved !== undefined) return amber(movedOnVerdict(moved), code);
    return isUndecided
      ? { tone: "plain", title: "No verdict", sentence, code }
      : { tone: "bad", title: "Rejected", sentence, code };
  }
  if (trust === undefined) throw new TypeError("an accepted run has a decision about its signer");
  const { code, ok, reason } = trust;
  const history = fault === undefined ? "" : `; ${brokenHistoryWords(fault.words)}`;
  if (!ok) return amber({ title: "Whole, but not trusted", sentence: soundBut(reason) + history }, code);
  if (fault !== undefined) return amber(brokenHistoryVerdict(fault.words), fault.code);
  const whole = isStored
    ? "the store holds each file as it was sealed, the disk was not looked at"
    : "each file is as it was sealed";
  if (code === "OK")
    return { tone: "good", title: "Accepted", sentence: `${whole}, and the signer is trusted`, code };
  return amber({ title: "Whole, by any signer", sentence: `${whole}; ${reason}` }, code);
}

function amber(verdict: AmberVerdict, code: string): SaidVerdict {
  return { tone: "amber", ...verdict, code };
}

/** Says why a signer of a bundle that is accepted otherwise is not trusted. */
export function soundBut(reason: string): string {
  return `the bundle is sound, but ${reason}`;
}
