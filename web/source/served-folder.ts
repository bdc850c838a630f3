/**
 * A folder that one thread has and another one reads: what a browser gives for a dropped folder can't always be sent to a worker.
 * Questions and answers go through a port, many in one message.
 *
 * @module
 */

import type { SourceEntry, SourceFolder, SourceNames } from "./source-folder.ts";

type Question =
  | { readonly id: number; readonly kind: "look"; readonly path: string }
  | { readonly id: number; readonly kind: "list"; readonly path: string };

type Answer =
  | { readonly id: number; readonly kind: "look"; readonly found: SourceEntry }
  | { readonly id: number; readonly kind: "list"; readonly found: SourceNames };

/** Answers the questions of a `ServedFolder` at the other end of a port. A folder that throws is a bug: `fail` is called. */
export function serveFolder(folder: SourceFolder, port: MessagePort, fail: (thrown: unknown) => void): void {
  const answer = async (question: Question): Promise<Answer> => {
    const { id, kind, path } = question;
    return kind === "look"
      ? { id, kind, found: await folder.look(path) }
      : { id, kind, found: await folder.list(path) };
  };
  port.addEventListener("message", ({ data }: MessageEvent<readonly Question[]>) => {
    Promise.all(data.map(answer)).then((answers) => port.postMessage(answers), fail);
  });
  port.start();
}

/** Callbacks for answers, by the ids of the questions. */
type Waiting<Found> = Map<number, (found: Found) => void>;

/** A folder at the other end of a port. Links, modes and empty folders are not seen. */
export class ServedFolder implements SourceFolder {
  readonly name: string;
  readonly #port: MessagePort;
  readonly #looks: Waiting<SourceEntry> = new Map();
  readonly #lists: Waiting<SourceNames> = new Map();
  #questions: Question[] = [];
  #next = 0;

  constructor(name: string, port: MessagePort) {
    this.name = name;
    this.#port = port;
    port.addEventListener("message", ({ data }: MessageEvent<readonly Answer[]>) => {
      for (const answer of data) {
        if (answer.kind === "look") settle(this.#looks, answer);
        else settle(this.#lists, answer);
      }
    });
    port.start();
  }

  look(path: string): Promise<SourceEntry> {
    return new Promise((resolve) => this.#looks.set(this.#ask("look", path), resolve));
  }

  list(path: string): Promise<SourceNames> {
    return new Promise((resolve) => this.#lists.set(this.#ask("list", path), resolve));
  }

  /** Gives the id of the question. Questions that are asked in the same turn are sent together. */
  #ask(kind: Question["kind"], path: string): number {
    if (this.#questions.length === 0) queueMicrotask(() => this.#send());
    const id = this.#next++;
    this.#questions.push({ id, kind, path });
    return id;
  }

  #send(): void {
    this.#port.postMessage(this.#questions);
    this.#questions = [];
  }
}

function settle<Found>(
  waiting: Waiting<Found>,
  { found, id }: { readonly id: number; readonly found: Found },
): void {
  waiting.get(id)?.(found);
  waiting.delete(id);
}
