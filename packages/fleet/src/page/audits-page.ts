/** The pages that list: audits, and runs that have a file. @module */

import type { AuditStatus, Page, RunWithFile } from "../audit/read-audit.ts";
import { type Html, html } from "./html.ts";
import { encodePage } from "./layout.ts";
import { auditBadge, badge, countOf, momentOf } from "./parts.ts";

/** The list of audits, the newest first. */
export function auditsPage({ next, rows: audits }: Page<AuditStatus, string>): string {
  const rows = audits.map(
    (audit) => html`<tr><td><a href="/audits/${audit.audit}">${audit.repository}</a></td>
<td>${auditBadge(audit)}</td><td class="number" data-label="Runs">${countOf(audit.runs)}</td>
<td class="number" data-label="Accepted">${countOf(audit.accepted)}</td><td data-label="Submitted">${momentOf(audit.submitted_at)}</td></tr>`,
  );
  const table = html`<div class="scroll"><table><thead><tr><th>Repository</th><th>State</th><th class="number">Runs</th><th class="number">Accepted</th><th>Submitted</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
  const body = html`<h1>Audits</h1>
<section>${audits.length === 0 ? html`<p>There is no audit here.</p>` : table}
${next === null ? undefined : html`<p class="pages"><a href="/?before=${next}">Older audits</a></p>`}</section>`;
  return encodePage("Audits", body, "served");
}

/** The page of the search by digest. Nothing was searched for where `file` is not a digest. */
export function searchPage(file: string, found: Page<RunWithFile, string> | undefined): string {
  const next = found?.next ?? null;
  const body = html`<h1>Which runs contain this file?</h1>
<section><form class="search" action="/search">
<label>SHA-256 of the file, as sha256sum prints it<input name="file" value="${file}" maxlength="64" required></label><button>Search</button>
</form>
<p class="quiet pages">The search knows runs of audits that were submitted with <code>--index-files</code>.</p></section>
${
  file === ""
    ? undefined
    : html`<section><h2>Runs</h2>${foundOf(file, found?.rows)}
${next === null ? undefined : html`<p class="pages"><a href="/search?file=${file}&amp;after=${next}">More runs</a></p>`}</section>`
}`;
  return encodePage("Search", body, "served");
}

function foundOf(file: string, found: readonly RunWithFile[] | undefined): Html {
  if (found === undefined) return html`<p>${file} is not a SHA-256: 64 digits from 0 to 9 and a to f.</p>`;
  if (found.length === 0) return html`<p>No indexed run contains this file.</p>`;
  const rows = found.map(
    (run) => html`<tr><td><a href="/audits/${run.audit}/runs/${run.digest}">${run.run_id}</a></td>
<td>${badge(run.code, run.state)}</td><td data-label="Repository">${run.repository}</td><td data-label="Judged">${momentOf(run.ended_at)}</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th>Run</th><th>Newest verdict</th><th>Repository</th><th>Judged</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
