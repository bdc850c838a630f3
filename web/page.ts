/** The page: connects its parts. @module */

import { PageCrypto } from "./crypto/page-crypto.ts";
import { HashPool } from "./hashing/hash-pool.ts";
import { WORKER_PROGRAM } from "./hashing/worker-program.ts";
import { bytesOf, Session, type SessionView } from "./session.ts";
import type { Given } from "./source/given.ts";
import { readTrust, type TrustAnswer } from "./trust/trust-choice.ts";
import type { BundleReport } from "./verify/verify-bundle.ts";
import { byId, fill } from "./view/element.ts";
import { FileRows } from "./view/file-rows.ts";
import { FileTable } from "./view/file-table.ts";
import { listenForGiven, refuseOtherDrops, sayGiven } from "./view/given-view.ts";
import { LineView } from "./view/line-view.ts";
import { ProgressView } from "./view/progress-view.ts";
import { showVerdict } from "./view/verdict-view.ts";
import { trustWords } from "./words/trust-words.ts";
import { doneWords, verdictWords } from "./words/verdict-words.ts";

function makeView(crypto: PageCrypto, choose: () => Session): SessionView {
  const progress = new ProgressView();
  progress.onStop(() => choose().stop());
  const verdict = byId("verdict", HTMLElement);
  const runs = byId("runs", HTMLElement);
  const files = byId("files", HTMLElement);
  const filesArea = byId("files-area", HTMLElement);
  let line: LineView | undefined;
  const clear = (): void => {
    for (const section of [verdict, runs, files]) {
      section.hidden = true;
      fill(section);
    }
    delete verdict.dataset["tone"];
    filesArea.hidden = true;
    line = undefined;
  };
  const say = (report: BundleReport, trust: TrustAnswer | undefined): void => {
    const { reason, title } = verdictWords(report, trust);
    progress.end(doneWords(report), `${title}: ${reason}.`);
  };
  return {
    clear,
    begin: (words) => {
      progress.begin(words);
      progress.beginFiles();
      verdict.setAttribute("aria-busy", "true");
    },
    end: (words) => {
      runs.hidden = line === undefined;
      verdict.setAttribute("aria-busy", "false");
      progress.end(words);
    },
    countRuns: (done, all) => progress.countRuns(done, all),
    countFiles: (more, judged) => progress.countFiles(more, judged.claims.length, bytesOf(judged)),
    showProject: (project) => {
      line = new LineView(runs, project, crypto, (run) => void choose().choose(run));
      return line.newest;
    },
    markRun: (run) => line?.show(run),
    askForFiles: (isAsked) => {
      filesArea.hidden = !isAsked;
    },
    showReport: (report, trust) => {
      // Together: nothing that is shown moves.
      verdict.hidden = false;
      runs.hidden = line === undefined;
      verdict.setAttribute("aria-busy", "false");
      showVerdict(verdict, report, trust);
      files.hidden = report.judged === undefined;
      if (report.judged !== undefined) new FileTable(files, new FileRows(report, crypto));
      say(report, trust);
    },
    showTrust: (report, trust) => {
      showVerdict(verdict, report, trust);
      say(report, trust);
    },
  };
}

/** Follows what the user says about trust. */
function listenForTrust(crypto: PageCrypto, session: Session): void {
  const text = byId("trust", HTMLTextAreaElement);
  const any = byId("any-signer", HTMLInputElement);
  const file = byId("trust-file", HTMLInputElement);
  const update = (): void => {
    text.disabled = any.checked;
    const choice = any.checked ? ({ kind: "any-signer" } as const) : readTrust(text.value, crypto);
    byId("trust-words", HTMLElement).textContent = trustWords(choice);
    session.setTrust(choice);
  };
  text.addEventListener("input", update);
  any.addEventListener("change", update);
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    if (chosen === undefined) return;
    any.checked = false;
    void chosen.text().then((read) => {
      text.value = read;
      file.value = "";
      update();
    });
  });
  update();
}

async function start(): Promise<void> {
  const crypto = await PageCrypto.load();
  const program = URL.createObjectURL(new Blob([WORKER_PROGRAM], { type: "text/javascript" }));
  const pool = new HashPool(program);
  const view = makeView(crypto, () => session);
  const session = new Session(crypto, pool, view);
  listenForTrust(crypto, session);
  refuseOtherDrops();
  const take = (given: Given): void => {
    sayGiven("given", given === undefined ? "Nothing chosen yet." : "Chosen", given?.name);
    session.take(given).catch(fail);
  };
  listenForGiven(byId("given-area", HTMLElement), take, (words) => sayGiven("given", words));
  listenForGiven(
    byId("files-area", HTMLElement),
    (given) => {
      sayGiven("files-given", "Files in", given?.name);
      session.takeFiles(given).catch(fail);
    },
    (words) => sayGiven("files-given", words),
  );
  document.documentElement.dataset["ready"] = "true";
}

/** A bug, or a browser that lacks something: no verdict. */
function fail(thrown: unknown): void {
  const words = thrown instanceof Error ? thrown.message : "unknown";
  byId("progress-words", HTMLElement).textContent = `This page failed, and gives no verdict: ${words}`;
  byId("progress", HTMLElement).dataset["busy"] = "false";
}

start().catch(fail);
