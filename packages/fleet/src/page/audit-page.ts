/** The page of an audit, which is also its report as a file. @module */

import type { AuditedRun, AuditStatus, Page } from "../audit/read-audit.ts";
import type { JsonValue } from "../outcome/json.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { encodePage, type Shown } from "./layout.ts";
import { auditBadge, badge, countOf, momentOf, progressOf, toneOf } from "./parts.ts";

/** Which part of the runs is shown; with `code`, those of that code alone. */
export type AuditPart = Page<AuditedRun, number> & { readonly code?: string | undefined };

/** The page of an audit. In a file it has all runs and links to nothing. */
export function auditPage(status: AuditStatus, { code, next, rows: runs }: AuditPart, shown: Shown): string {
  const isServed = shown === "served";
  const follow = isServed && status.ended_at === null ? `/v1/audits/${status.audit}/progress` : "";
  const more = `/audits/${status.audit}?after=${next}${code === undefined ? "" : `&code=${code}`}`;
  const body = html`<div id="live" data-follow="${follow}"><h1>${status.repository}</h1>
<p class="lead">Audit <span class="id">${status.audit}</span></p>
<section><h2>${auditBadge(status)}</h2>${progressOf(status)}
${warningsOf(status)}
<ul class="counts pages">${Object.entries(status.codes).map(([name, count]) => countedCode(status.audit, name, count, isServed))}</ul>
<dl class="pages"><dt>Submitted</dt><dd>${momentOf(status.submitted_at)}</dd><dt>Ended</dt><dd>${momentOf(status.ended_at)}</dd></dl></section>
<section><h2>Runs${code === undefined ? "" : ` with ${code}`}</h2>${runs.length === 0 ? html`<p>There is no such run.</p>` : tableOf(runs, isServed)}
${next === null ? undefined : html`<p class="pages"><a href="${more}">More runs</a></p>`}
${code === undefined ? undefined : html`<p class="pages"><a href="/audits/${status.audit}">All runs</a></p>`}</section></div>`;
  return encodePage(`Audit of ${status.repository}`, body, shown);
}

/** What makes an audit count as not accepted beside its runs. */
function warningsOf({ broken, more, others }: AuditStatus): HtmlValue {
  return [
    broken > 0 ? html`<p class="bad">${countOf(broken)} tags lead to a run that is broken or gone.</p>` : "",
    more ? html`<p class="bad">The repository has more tags than were listed.</p>` : "",
    others > 0 ? html`<p class="quiet">${countOf(others)} tags lead to something that is not a run.</p>` : "",
  ];
}

function countedCode(audit: string, code: string, count: number, isServed: boolean): Html {
  const words = isServed ? html`<a href="/audits/${audit}?code=${code}">${code}</a>` : code;
  return html`<li>${words} <b>${countOf(count)}</b></li>`;
}

function tableOf(runs: readonly AuditedRun[], isServed: boolean): Html {
  const rows = runs.map((run) => {
    const name = isServed
      ? html`<a href="/audits/${run.audit}/runs/${run.digest}">${run.run_id}</a>`
      : html`${run.run_id}`;
    return html`<tr><td class="number" data-label="Place">${run.place}</td><td class="text">${name}</td><td>${badge(run.code, run.state)}</td>
<td class="text">${reasonOf(run)}</td><td data-label="Judged">${momentOf(run.ended_at)}</td></tr>`;
  });
  return html`<div class="scroll"><table><thead><tr><th class="number">Place</th><th>Run</th><th>Verdict</th><th>Reason</th><th>Judged</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** Why a run is not accepted, in one sentence. */
function reasonOf({ code, state, verdict }: AuditedRun): string {
  if (code === null || code === "OK") return "";
  if (toneOf(code, state) === "caution") return "not judged";
  return textMember(verdict, "message") ?? "the findings of two workers differ";
}

/** A text in a JSON object. */
export function textMember(json: JsonValue, ...path: readonly string[]): string | undefined {
  let value: JsonValue | undefined = json;
  for (const name of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    value = new Map(Object.entries(value)).get(name);
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
