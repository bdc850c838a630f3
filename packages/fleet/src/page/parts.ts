/** What several pages show: codes, moments, counts. @module */

import type { AuditStatus } from "../audit/read-audit.ts";
import { type Html, html } from "./html.ts";

/** How a code is to be taken: accepted, not trusted or not judged, rejected, or open. */
export type Tone = "good" | "caution" | "bad" | "open";

/** The tone of a run. A failure without a verdict says nothing about the run: it is not accepted, and not rejected. */
export function toneOf(code: string | null, state: string): Tone {
  if (code === null) return "open";
  if (code === "OK") return "good";
  return state === "parked" && code !== "FACT_CONFLICT" ? "caution" : "bad";
}

/** A code with its color. The word is always there too. */
export function badge(code: string | null, state: string): Html {
  return html`<span class="badge ${toneOf(code, state)}">${code ?? "open"}</span>`;
}

/** The state of an audit in words. */
export function auditBadge({ accepted, broken, ended_at, more, runs }: AuditStatus): Html {
  if (ended_at === null) return html`<span class="badge open">running</span>`;
  const isGood = runs > 0 && accepted === runs && broken === 0 && !more;
  return isGood
    ? html`<span class="badge good">accepted</span>`
    : html`<span class="badge bad">not accepted</span>`;
}

/** A moment as people read it. */
export function momentOf(at: string | null): Html {
  if (at === null) return html`<span class="quiet">not yet</span>`;
  return html`<time datetime="${at}">${at.slice(0, 19).replace("T", " ")} UTC</time>`;
}

/** A count with separators. */
export function countOf(count: number): string {
  return count.toLocaleString("en-US");
}

/** How far an audit is, as a bar and in words. */
export function progressOf({ accepted, open, runs }: AuditStatus): Html {
  const share = (count: number): string => ((100 * count) / Math.max(1, runs)).toFixed(2);
  const others = runs - open - accepted;
  const words = `${countOf(accepted)} accepted, ${countOf(others)} not accepted, ${countOf(open)} open, of ${countOf(runs)} runs`;
  return html`<svg role="img" aria-label="${words}" viewBox="0 0 100 1" preserveAspectRatio="none">
<rect class="good" width="${share(accepted)}" height="1"/><rect class="bad" x="${share(accepted)}" width="${share(others)}" height="1"/>
</svg>
<p>${words}</p>`;
}
