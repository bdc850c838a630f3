/** The style and the script of the pages. They are allowed by their digests, so neither is changed by a template. @module */

/** The style. The colors are those of runseal's other pages. */
export const STYLE = `
:root{color-scheme:light dark;--ground:light-dark(#f6f6f4,#131517);--card:light-dark(#fff,#1b1e21);--ink:light-dark(#1a1c1f,#e7e9ec);--quiet:light-dark(#565c66,#a3a9b3);--edge:light-dark(#d8dade,#33383e);--accent:light-dark(#0b5c6b,#74cbdb);--on-accent:light-dark(#fff,#0c1a1d);--good:light-dark(#17663a,#74d19c);--caution:light-dark(#7a4f00,#e8b75a);--bad:light-dark(#a1221a,#ff948a);--mono:ui-monospace,"SFMono-Regular","DejaVu Sans Mono",Menlo,Consolas,monospace}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;scrollbar-gutter:stable}
body{margin:0 auto;max-width:70rem;padding:1.5rem 1.25rem 3rem}
h1,h2,p,dl,dd{margin:0}
h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;font-weight:650;overflow-wrap:anywhere}
h2{font-size:1.125rem;font-weight:620;margin-bottom:.75rem}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
nav{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1.25rem;margin-bottom:1.75rem;font-size:.9rem}
nav b{font-family:var(--mono);font-weight:600;color:var(--accent)}
nav form:last-child{margin-left:auto}
.quiet{color:var(--quiet);font-size:.9rem}
.lead{color:var(--quiet);margin-top:.4rem;overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:1.25rem;margin-top:1rem}
code,pre,.id{font-family:var(--mono);font-size:.85em;overflow-wrap:anywhere}
pre{margin:0;white-space:pre-wrap;line-height:1.45}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{font-size:.8rem;font-weight:560;color:var(--quiet);text-align:left}
th,td{padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--edge);vertical-align:top}
tbody tr:last-child td{border-bottom:0}
td{overflow-wrap:anywhere}td.text{min-width:12rem}
td.number,th.number{text-align:right;overflow-wrap:normal}
time{white-space:nowrap}
.badge{font-weight:600;white-space:nowrap}
.badge::before{content:"";display:inline-block;width:.6em;height:.6em;border-radius:50%;background:currentColor;margin-right:.45em}
.good{color:var(--good)}.bad{color:var(--bad)}.caution{color:var(--caution)}.open{color:var(--quiet)}
svg{display:block;width:100%;height:.6rem;border-radius:.3rem;background:var(--edge);margin:1rem 0 .75rem}
rect.good{fill:var(--good)}rect.bad{fill:var(--bad)}rect.caution{fill:var(--caution)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.25rem}
dt{color:var(--quiet)}
dd{overflow-wrap:anywhere;min-width:0}
.counts{display:flex;flex-wrap:wrap;gap:.35rem 1.5rem;padding:0;margin:0;list-style:none}
.search{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end}
.search label{flex:1 1 20rem;font-size:.9rem;color:var(--quiet)}
input{display:block;width:100%;font:inherit;font-family:var(--mono);font-size:.9rem;color:var(--ink);background:var(--ground);border:1px solid var(--quiet);border-radius:7px;padding:.45rem .6rem;margin-top:.25rem}
button{font:inherit;font-weight:560;color:var(--on-accent);background:var(--accent);border:1.5px solid var(--accent);border-radius:7px;padding:.375rem .875rem;cursor:pointer}
button.plain{color:var(--accent);background:transparent;border:0;padding:0;font-weight:400;text-decoration:underline}
.pages{margin-top:1rem}
@media(max-width:40rem){
h1{font-size:1.35rem}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}
table,tbody,tr,td{display:block}thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{border-bottom:1px solid var(--edge);padding:.5rem 0}tbody tr:last-child{border-bottom:0}
td,td.number{border:0;padding:.1rem 0;text-align:left;overflow-wrap:anywhere}
td[data-label]::before{content:attr(data-label) ": ";color:var(--quiet);font-size:.85rem}
}
`;

/** Follows an audit: puts the part of the page that lives in again whenever its progress changes, with the focus on the same link. The server renders all of it. */
export const SCRIPT = `
const live=document.getElementById("live");
if(live?.dataset.follow){
  const show=async()=>{
    const answer=await fetch(location.href);
    const next=answer.ok&&new DOMParser().parseFromString(await answer.text(),"text/html").getElementById("live");
    if(!next)return;
    const last=document.getElementById("live"),focused=last.contains(document.activeElement)&&document.activeElement.getAttribute("href");
    last.replaceWith(next);
    if(focused)next.querySelector('a[href="'+CSS.escape(focused)+'"]')?.focus({preventScroll:true});
  };
  const source=new EventSource(live.dataset.follow);
  source.addEventListener("status",show);
  source.addEventListener("end",()=>{source.close();show()});
}
`;
