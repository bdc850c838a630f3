/** Who vouches for a run, why that is believed, and when it was sealed. @module */

import { type Countersigner, type Listing, quoteIfNeeded, type TokenFinding } from "../../core/internal.ts";
import { type Markup, markup } from "../markup/markup.ts";
import type { PageFacts } from "./page-facts.ts";

/** How many countersigners and timestamps a page lists. */
const MAX_LISTED = 50;

/** The section about the signer. Nothing where no signature holds. */
export function signerSection({ signer, trust }: PageFacts): Markup {
  if (signer === undefined) return markup``;
  const { decided_by: line } = trust ?? {};
  return markup`<section class="whole">
<h2>Who vouches for it</h2>
<dl>
${trust?.name === undefined ? undefined : markup`<dt>Name</dt><dd><b>${quoteIfNeeded(trust.name)}</b></dd>`}
<dt>Key</dt><dd class="mono">${signer.keyId}</dd>
<dt>Fingerprint</dt><dd class="mono">${signer.fingerprint}</dd>
<dt>Public key</dt><dd class="mono">ed25519 ${signer.publicKeyHex}</dd>
<dt>Trust</dt><dd><b class="${trust === undefined ? "t-none" : trust.code === "OK" ? "t-good" : "t-doubt"}">${trustWord(trust)}</b></dd>
<dt>Why</dt><dd>${trust?.reason ?? "The bundle was not accepted, so trust in its signer was not decided."}</dd>
${line === undefined || line.line === 0 ? undefined : markup`<dt>Decided by</dt><dd>${quoteIfNeeded(line.source)}, line ${line.line}</dd>`}
</dl>
${countersignerTable(trust?.countersigners ?? [])}
</section>`;
}

function trustWord(trust: PageFacts["trust"]): string {
  if (trust === undefined) return "not decided";
  if (trust.code === "ANY_SIGNER") return "not judged";
  return trust.ok ? "trusted" : `not trusted: ${trust.code}`;
}

function countersignerTable(countersigners: readonly Countersigner[]): Markup {
  if (countersigners.length === 0) return markup``;
  return markup`<h3>Countersigners</h3>
<table><thead><tr><th>Key</th><th>Signed at, as it says</th><th>Counts</th></tr></thead><tbody>
${countersigners.slice(0, MAX_LISTED).map(countersignerRow)}
</tbody></table>${left(countersigners)}`;
}

function countersignerRow(countersigner: Countersigner): Markup {
  if (!("key_id" in countersigner))
    return markup`<tr><td>?</td><td></td><td><b class="t-doubt">no</b>: ${countersigner.reason}</td></tr>
`;
  const { key_id, name, ok, reason, signed_at } = countersigner;
  return markup`<tr><td><code>${key_id}</code> ${name === undefined ? undefined : quoteIfNeeded(name)}</td><td>${signed_at}</td><td><b class="${ok ? "t-good" : "t-doubt"}">${ok ? "yes" : "no"}</b>: ${reason}</td></tr>
`;
}

/** The section about the time of the seal. */
export function timeSection({ trust, verified }: PageFacts): Markup {
  if (verified === undefined) return markup``;
  const { binding } = verified;
  const time = trust?.time;
  return markup`<section class="whole">
<h2>When it was sealed</h2>
<dl>
${
  binding === undefined
    ? markup`<dt>Sealed</dt><dd>Not known: the bundle is unbound. No run id, time or proof is signed.</dd>`
    : markup`<dt>Sealed</dt><dd>${binding.sealedAt} <span class="soft">by the ${binding.signedAt === undefined ? "signer" : "sealer"}'s own clock</span></dd>`
}
${binding?.signedAt === undefined ? undefined : markup`<dt>Signed</dt><dd>${binding.signedAt} <span class="soft">by the signer's own clock; sealed elsewhere, without a key</span></dd>`}
<dt>Timestamp</dt><dd>${
    time === undefined
      ? markup`<span class="soft">None. The times above are claims.</span>`
      : markup`<b class="${time.ok ? "t-good" : "t-doubt"}">${time.ok ? "trusted" : "does not count"}</b>: ${time.reason}`
  }</dd>
</dl>
${time === undefined ? undefined : tokenTable(time.tokens)}
</section>`;
}

function tokenTable(tokens: readonly TokenFinding[]): Markup {
  if (tokens.length < 2) return markup``;
  return markup`<h3>All timestamps</h3>
<table><thead><tr><th class="n">No.</th><th>Authority</th><th>Not after</th></tr></thead><tbody>
${tokens.slice(0, MAX_LISTED).map((token) =>
  token.ok
    ? markup`<tr><td class="n">${token.entry}</td><td>${quoteIfNeeded(token.authority)}</td><td>${token.not_after}</td></tr>
`
    : markup`<tr><td class="n">${token.entry}</td><td><b class="t-doubt">does not count</b></td><td>${token.reason}</td></tr>
`,
)}
</tbody></table>${left(tokens)}`;
}

function left(items: Pick<Listing<unknown>, "length">): Markup | undefined {
  return items.length > MAX_LISTED
    ? markup`<p class="soft">… and ${items.length - MAX_LISTED} more.</p>`
    : undefined;
}
