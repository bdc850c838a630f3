/** What the session does for the user: progress, verdict, history and files. @module */

import type { SideRequest, WorkNews, WorkRequest } from "../session/session-message.ts";
import type { FilePage } from "../shown/file-page.ts";
import type { ShownHistory } from "../shown/runs-in-order.ts";
import type { ShownVerdict } from "../shown/shown-verdict.ts";
import { byId, fill } from "./element.ts";
import { FileTable } from "./file-table.ts";
import { HistoryView } from "./history-view.ts";
import { ProgressView } from "./progress-view.ts";
import { showVerdict } from "./verdict-view.ts";

/** What the session takes. */
export interface SessionRequests {
  readonly begin: (request: WorkRequest) => void;
  readonly ask: (request: SideRequest) => void;
}

/** Shows the news of a session. */
export class WorkView {
  readonly #session: SessionRequests;
  readonly #progress = new ProgressView();
  readonly #verdict: HTMLElement = byId("verdict", HTMLElement);
  readonly #runs: HTMLElement = byId("runs", HTMLElement);
  readonly #files: HTMLElement = byId("files", HTMLElement);
  readonly #filesArea: HTMLElement = byId("files-area", HTMLElement);
  #history: HistoryView | undefined;
  #table: FileTable | undefined;
  #rowsAsked = 0;
  /** Whether the verdict that is shown is about to be replaced. The session has forgotten it: a change of trust does not reach it. */
  #isOutdated = false;

  constructor(session: SessionRequests) {
    this.#session = session;
    this.#progress.onStop(() => {
      session.begin({ kind: "stop" });
      // Said at once: the worker may be busy.
      this.#end("Stopped. Nothing is said about this run.");
    });
  }

  /** Shows nothing of the work before. */
  clear(): void {
    this.#hideVerdict();
    this.#runs.hidden = true;
    fill(this.#runs);
    this.#filesArea.hidden = true;
    this.#history = undefined;
    this.outdate("Reading what was given…");
  }

  /** Begins work whose verdict replaces the one that is shown. That one stays until then, but not if there will be none. */
  outdate(words: string): void {
    this.#isOutdated = true;
    this.#begin(words);
  }

  /** Ends work in which a bug was found: without a verdict. */
  fail(): void {
    this.#hideVerdict();
  }

  /** Shows one piece of news. */
  show(news: WorkNews): void {
    switch (news.kind) {
      case "begin":
        this.#begin(news.words);
        break;
      case "end":
        this.#end(news.words);
        break;
      case "runs":
        this.#progress.countRuns(news.done, news.all);
        break;
      case "files":
        this.#progress.countFiles(news.progress);
        break;
      case "history":
        this.#showHistory(news.history);
        break;
      case "marked":
        this.#history?.mark(news.place);
        break;
      case "ask-for-files":
        this.#filesArea.hidden = false;
        this.#filesArea.dataset["of"] = news.of;
        break;
      case "verdict":
        this.#showReport(news.verdict, news.rows);
        break;
      case "trusted":
        // Sent before the session knew of what was given since: its end would be taken for that of the new work.
        if (!this.#isOutdated) this.#showVerdict(news.verdict);
        break;
      case "rows":
        this.#table?.take(news.id, news.page);
        break;
    }
  }

  #begin(words: string): void {
    this.#progress.begin(words);
    this.#verdict.setAttribute("aria-busy", "true");
  }

  #hideVerdict(): void {
    for (const section of [this.#verdict, this.#files]) {
      section.hidden = true;
      fill(section);
    }
    delete this.#verdict.dataset["tone"];
    this.#table = undefined;
  }

  #end(words: string): void {
    if (this.#isOutdated) this.#hideVerdict();
    this.#runs.hidden = this.#history === undefined;
    this.#verdict.setAttribute("aria-busy", "false");
    this.#progress.end(words);
  }

  #showHistory(history: ShownHistory): void {
    this.#history ??= new HistoryView(this.#runs, {
      choose: (place) => {
        this.outdate("Opening the run…");
        this.#session.begin({ kind: "choose", place });
      },
      showMore: () => this.#session.ask({ kind: "more-runs" }),
      verifyAll: () => this.#session.begin({ kind: "verify-all-runs" }),
    });
    this.#history.show(history);
  }

  #showReport(verdict: ShownVerdict, rows: FilePage | undefined): void {
    // Together: nothing that is shown moves.
    this.#isOutdated = false;
    this.#verdict.hidden = false;
    this.#runs.hidden = this.#history === undefined;
    this.#verdict.setAttribute("aria-busy", "false");
    this.#files.hidden = rows === undefined;
    this.#table =
      rows &&
      new FileTable(this.#files, rows, (arrangement, first, count) => {
        const id = ++this.#rowsAsked;
        this.#session.ask({ kind: "rows", id, arrangement, first, count });
        return id;
      });
    this.#showVerdict(verdict);
  }

  #showVerdict(verdict: ShownVerdict): void {
    showVerdict(this.#verdict, verdict, () => {
      this.outdate("Opening the store…");
      this.#session.begin({ kind: "choose-stored" });
    });
    const { sentence, title } = verdict.words;
    this.#progress.end(verdict.done, `${title}: ${sentence}.`);
  }
}
