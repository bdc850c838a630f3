/** The page: connects what the user does with the worker of the session, and shows what that says. It judges nothing itself. @module */

import { workerStarter } from "./hashing/start-worker.ts";
import type { SessionNews, SessionRequest, SideRequest, WorkRequest } from "./session/session-message.ts";
import { SESSION_PROGRAM } from "./session/session-program.ts";
import type { Given } from "./source/given.ts";
import { sendGiven } from "./source/sent-given.ts";
import { byId } from "./view/element.ts";
import { listenForGiven, refuseOtherDrops, sayGiven } from "./view/given-view.ts";
import { listenForTrust } from "./view/trust-view.ts";
import { WorkView } from "./view/work-view.ts";

/** The worker of the session, and the work that it does for the page. */
class SessionThread {
  readonly #worker: Worker = workerStarter(SESSION_PROGRAM)();
  #work = 0;

  /** Calls a function with what the worker says, except about work that the user ended. */
  onNews(take: (news: SessionNews) => void): void {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<SessionNews>) => {
      if (data.kind !== "work" || data.work === this.#work) take(data);
    });
    this.#worker.addEventListener("error", ({ message }) => fail(new Error(message)));
    this.#worker.addEventListener("messageerror", () => fail(new Error("a message was lost")));
  }

  /** Ends the work before, and begins another one. A folder of the page comes with a port, which moves to the worker. */
  begin(request: WorkRequest): void {
    const port = "given" in request && request.given.kind === "served" ? [request.given.port] : [];
    const message: SessionRequest = { kind: "work", work: ++this.#work, request };
    this.#worker.postMessage(message, port);
  }

  /** Asks for something that ends no work. */
  ask(request: SideRequest): void {
    this.#worker.postMessage(request satisfies SessionRequest);
  }
}

function start(): void {
  const session = new SessionThread();
  const view = new WorkView(session);
  session.onNews((news) => {
    switch (news.kind) {
      case "ready":
        document.documentElement.dataset["ready"] = "true";
        break;
      case "failed":
        view.fail();
        fail(new Error(news.words));
        break;
      case "trust-words":
        byId("trust-words", HTMLElement).textContent = news.words;
        break;
      case "work":
        view.show(news.news);
        break;
    }
  });
  listenForTrust((text, isAnySigner) => session.ask({ kind: "trust", text, isAnySigner }));
  refuseOtherDrops();
  const take = (given: Given): void => {
    sayGiven("given", given === undefined ? "Nothing chosen yet." : "Chosen", given?.name);
    view.clear();
    session.begin({ kind: "take", given: sendGiven(given, fail) });
  };
  listenForGiven(byId("given-area", HTMLElement), take, (words) => sayGiven("given", words));
  listenForGiven(
    byId("files-area", HTMLElement),
    (given) => {
      sayGiven("files-given", given instanceof File ? "Given" : "Files in", given?.name);
      view.outdate("Reading what was given…");
      session.begin({ kind: "take-files", given: sendGiven(given, fail) });
    },
    (words) => sayGiven("files-given", words),
  );
}

/** A bug, or a browser that lacks something: no verdict. */
function fail(thrown: unknown): void {
  const words = thrown instanceof Error ? thrown.message : "unknown";
  byId("progress-words", HTMLElement).textContent = `This page failed, and gives no verdict: ${words}`;
  byId("progress", HTMLElement).dataset["busy"] = "false";
}

try {
  start();
} catch (thrown) {
  fail(thrown);
}
