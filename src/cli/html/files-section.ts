/** The files of a run: a treemap of their sizes, and tables of the largest ones. @module */

import { quoteIfNeeded } from "../../core/internal.ts";
import { countOf, numberOf } from "../../core/system/bytes/count-text.ts";
import { sizeOf } from "../../core/system/bytes/size-text.ts";
import { type Markup, markup } from "../markup/markup.ts";
import type { FileSummary, Folder, LargeFile } from "./file-summary.ts";
import type { PageFacts } from "./page-facts.ts";
import { treemapPicture } from "./treemap-picture.ts";

/** Where files have no size to compare, there are only counts. */
export function filesSection({ differences, files }: PageFacts): Markup {
  if (files === undefined || files.files === 0) return markup``;
  const wrong = new Set(differences?.listed.map(({ path }) => path));
  const { base, bytes, folders, largest, others, unread } = files;
  const isSeveral = folders.length > 1;
  return markup`<section>
<h2>Files</h2>
<p class="soft">${countOf(files.files, "file")}, ${sizeOf(bytes)}${base === "" ? undefined : markup`, all below <code>${quoteIfNeeded(base)}</code>`}${unread === 0 ? "" : `; ${countOf(unread, "file")} without a size: not found, or not read`}.</p>
${bytes === 0 ? undefined : treemapPicture(files, wrong)}
${isSeveral ? folderTable(folders, others, bytes) : undefined}
<h3>${files.files - unread > largest.length ? `The ${largest.length} largest files` : "Files by size"}</h3>
<table><thead><tr><th>Path</th><th class="n">Size</th><th>Share</th></tr></thead><tbody>
${largest.map((file) => fileRow(file, bytes))}
</tbody></table>
${leftOut(files)}
</section>`;
}

function folderTable(folders: readonly Folder[], others: FileSummary["others"], bytes: number): Markup {
  return markup`<h3>Folders</h3>
<table><thead><tr><th>Folder</th><th class="n">Files</th><th class="n">Size</th><th>Share</th></tr></thead><tbody>
${folders.map(
  (
    folder,
  ) => markup`<tr><td><code>${folderWords(folder.name)}</code></td><td class="n">${numberOf(folder.files)}</td><td class="n">${sizeOf(folder.bytes)}</td><td>${bar(folder.bytes, bytes)}</td></tr>
`,
)}${
  others.files === 0
    ? undefined
    : markup`<tr><td class="soft">${others.folders === 0 ? "others" : countOf(others.folders, "other folder")}</td><td class="n">${numberOf(others.files)}</td><td class="n">${sizeOf(others.bytes)}</td><td>${bar(others.bytes, bytes)}</td></tr>
`
}</tbody></table>`;
}

/** A folder's name; files beside the folders have none. */
export function folderWords(name: string): string {
  return name === "" ? "(no folder)" : quoteIfNeeded(`${name}/`);
}

function fileRow({ bytes, path }: LargeFile, total: number): Markup {
  return markup`<tr><td><code>${quoteIfNeeded(path)}</code></td><td class="n">${sizeOf(bytes)}</td><td>${bar(bytes, total)}</td></tr>
`;
}

/** A bar and the share in percent. */
function bar(bytes: number, total: number): Markup {
  const share = total === 0 ? 0 : bytes / total;
  return markup`<svg class="bar" viewBox="0 0 140 10" preserveAspectRatio="none" role="img" aria-label="${(share * 100).toFixed(1)} percent"><rect class="track" width="140" height="10" rx="3"/><rect class="fill" width="${(share * 140).toFixed(1)}" height="10" rx="3"/></svg>`;
}

function leftOut({ files, largest }: FileSummary): Markup | undefined {
  const left = files - largest.length;
  return left <= 0
    ? undefined
    : markup`<p class="soft">${countOf(left, "other file")} ${left === 1 ? "is" : "are"} not listed; runseal show lists them.</p>`;
}
