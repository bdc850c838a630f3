/** The page of one run of an audit, with its verdict. @module */

import type { AuditedRun, AuditStatus } from "../audit/read-audit.ts";
import { textMember } from "./audit-page.ts";
import { type HtmlValue, html } from "./html.ts";
import { encodePage } from "./layout.ts";
import { badge, momentOf } from "./parts.ts";

/** The page of a run. */
export function runPage({ audit, repository }: AuditStatus, run: AuditedRun): string {
  const { verdict } = run;
  const files = textMember(verdict, "files");
  const fact = (name: string, value: HtmlValue): HtmlValue =>
    value === undefined || value === null ? undefined : html`<dt>${name}</dt><dd>${value}</dd>`;
  const id = (value: string | null | undefined): HtmlValue =>
    value === undefined || value === null ? undefined : html`<span class="id">${value}</span>`;
  const body = html`<h1>${run.run_id}</h1>
<p class="lead"><a href="/audits/${audit}">${repository}</a></p>
<section><h2>${badge(run.code, run.state)}</h2><dl>
${fact("Message", textMember(verdict, "message"))}
${fact("Manifest", id(`sha256:${run.digest}`))}
${fact("Sealed", textMember(verdict, "sealed_at"))}
${fact("Signer", textMember(verdict, "signer", "name"))}
${fact("Key", id(textMember(verdict, "signer", "fingerprint")))}
${fact("Contents", files === undefined ? undefined : contentsOf(files, textMember(verdict, "bytes")))}
${fact("Policy", id(run.policy ?? "any signer"))}
${fact("Artifacts", id(run.artifacts))}
${fact("Judged", momentOf(run.ended_at))}
${fact("Worker", run.worker)}
${fact("runseal", run.version)}
</dl></section>
<section><h2>${verdict === null ? "Details" : "Verdict"}</h2><pre>${pretty(verdict ?? run.details)}</pre></section>`;
  return encodePage(`Run ${run.run_id}`, body, "served");
}

function contentsOf(files: string, bytes: string | undefined): string {
  const sum = bytes === undefined ? "" : `, ${Number(bytes).toLocaleString("en-US")} bytes`;
  return `${Number(files).toLocaleString("en-US")} ${files === "1" ? "file" : "files"}${sum}`;
}

/** JSON with a line for each member. Each line is escaped by itself: the line breaks between them are ours. */
function pretty(json: AuditedRun["details"]): HtmlValue {
  return JSON.stringify(json, undefined, 2)
    .split("\n")
    .map(
      (line) => html`${line}
`,
    );
}
