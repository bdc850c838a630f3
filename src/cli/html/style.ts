/** The style of reports: light and dark, and for paper (A4). There is no script, and nothing is loaded. @module */

const LIGHT = `
  --page: #f4f5f7; --card: #ffffff; --line: #dfe3e8; --text: #16191d; --soft: #59626d; --track: #e9ecf0;
  --good: #1a7544; --good-soft: #e2f3e9; --bad: #b3261e; --bad-soft: #fbe6e4;
  --amber: #8a5a00; --amber-soft: #fbf0d9; --plain: #59626d; --plain-soft: #e9ecf0; --link: #1f5fbf;
  --h0: #cfe0f7; --h1: #d5ecd9; --h2: #f7e3c4; --h3: #ead9f3; --h4: #f8d9dc; --h5: #cdebec; --h6: #e8e6c6; --h7: #dcdfe4;
`;

const DARK = `
  --page: #0e1115; --card: #161a20; --line: #2a3038; --text: #e8ebef; --soft: #9aa5b1; --track: #262c34;
  --good: #5fd393; --good-soft: #14301f; --bad: #ff8a80; --bad-soft: #3a1a18;
  --amber: #f0bd5b; --amber-soft: #33270f; --plain: #9aa5b1; --plain-soft: #262c34; --link: #86b4ff;
  --h0: #24405f; --h1: #24482f; --h2: #55411f; --h3: #432f52; --h4: #55292d; --h5: #1f4748; --h6: #45431f; --h7: #343a43;
`;

/** The whole style sheet. */
export const STYLE: string = `
:root { color-scheme: light dark; ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
main { max-width: 980px; margin: 0 auto; padding: 32px 20px 48px; }
h1 { margin: 0; font-size: 28px; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 0 0 14px; font-size: 17px; letter-spacing: -0.005em; }
h3 { margin: 18px 0 6px; font-size: 14px; }
p { margin: 6px 0; overflow-wrap: anywhere; }
code, .mono { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.soft { color: var(--soft); } .time { white-space: nowrap; }
section { margin-top: 18px; padding: 20px 22px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.verdict { display: flex; gap: 18px; align-items: flex-start; padding: 22px 24px; border-style: solid; border-width: 0 0 0 6px; border-radius: 12px; margin: 0; }
.verdict svg { flex: none; width: 52px; height: 52px; }
.verdict p { font-size: 15px; }
.good { border-color: var(--good); background: var(--good-soft); } .good h1 { color: var(--good); }
.bad { border-color: var(--bad); background: var(--bad-soft); } .bad h1 { color: var(--bad); }
.amber { border-color: var(--amber); background: var(--amber-soft); } .amber h1 { color: var(--amber); }
.plain { border-color: var(--plain); background: var(--plain-soft); } .plain h1 { color: var(--plain); }
.mark { fill: none; stroke: currentColor; stroke-width: 4; stroke-linecap: round; stroke-linejoin: round; }
.good .mark, .t-good { color: var(--good); } .bad .mark, .t-bad { color: var(--bad); }
.amber .mark, .t-amber { color: var(--amber); } .plain .mark, .t-plain { color: var(--plain); }
dl { display: grid; grid-template-columns: 130px 1fr; gap: 6px 16px; margin: 0; }
.other { display: block; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.phases { list-style: none; margin: 0; padding: 0; columns: 2; column-gap: 32px; }
.phases li { display: flex; gap: 10px; padding: 5px 0; break-inside: avoid; }
.phases svg { flex: none; width: 18px; height: 18px; margin-top: 3px; }
.phases .mark { stroke-width: 2.4; }
.phases b { font-weight: 600; }
.phases .soft { display: block; font-size: 13px; line-height: 1.4; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; padding: 4px 12px 6px 0; border-bottom: 1px solid var(--line); }
td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
tr:last-child td { border-bottom: 0; } td b { white-space: nowrap; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar { width: 140px; height: 10px; display: block; margin-top: 6px; } .track { fill: var(--track); } .fill { fill: var(--link); }
.frame { overflow-x: auto; } .frame:focus-visible { outline: 2px solid var(--link); outline-offset: 3px; border-radius: 4px; }
.picture { display: block; width: 100%; height: auto; }
.picture text { font: 12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--text); }
.picture .small { font-size: 11px; fill: var(--soft); } .picture .size { font-size: 11px; } .picture .b { font-weight: 600; }
.picture .hash { font: 11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--soft); }
.folder { fill: var(--track); stroke: var(--card); stroke-width: 2; } .file { stroke: var(--card); stroke-width: 1; }
.wrong { fill: var(--bad); } .picture .on-wrong { fill: var(--card); }
.h0 { fill: var(--h0); } .h1 { fill: var(--h1); } .h2 { fill: var(--h2); } .h3 { fill: var(--h3); }
.h4 { fill: var(--h4); } .h5 { fill: var(--h5); } .h6 { fill: var(--h6); } .h7 { fill: var(--h7); }
.edge { fill: none; stroke: var(--soft); stroke-width: 2; } .edge.gap { stroke-dasharray: 3 4; stroke: var(--bad); }
.edge.left-out { stroke-dasharray: 2 4; }
.dot { fill: currentColor; stroke: var(--card); stroke-width: 2; } .dot.gap { stroke-dasharray: 2 2; }
.dot.failed, .dot.gap, .dot.cut, .dot.left-out { fill: var(--card); stroke: currentColor; }
.this { fill: none; stroke: var(--link); stroke-width: 2; } .row-this { fill: var(--track); }
footer { margin-top: 22px; color: var(--soft); font-size: 13px; }
@media (max-width: 640px) {
  main { padding: 16px 12px 32px; } .phases { columns: 1; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; }
  .verdict { padding: 16px; } .verdict svg { width: 36px; height: 36px; } h1 { font-size: 22px; } .bar { width: 48px; }
  th, td { padding-right: 8px; } td code { font-size: 12px; }
  .frame .picture { min-width: 680px; }
}
@page { size: A4; margin: 14mm; }
@media print {
  body { background: #fff; font-size: 12px; } main { max-width: none; padding: 0; }
  section { border-radius: 6px; } section { padding: 12px 14px; margin-top: 12px; }
  section.whole, .picture, tr { break-inside: avoid; } h2 { break-after: avoid; font-size: 14px; margin-bottom: 8px; } thead { display: table-header-group; }
  table, code, .mono { font-size: 11px; } h1 { font-size: 22px; }
  li { break-inside: avoid; } h3 { break-after: avoid; font-size: 12px; } .verdict p { font-size: 12px; }
  th, footer, .phases .soft { font-size: 11px; } .bar { height: 8px; margin-top: 5px; } .phases svg { width: 15px; height: 15px; margin-top: 2px; }
}
`;
