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

/** A folder at the other end of a port. Links, modes and empty folders are not seen. */
export class ServedFolder implements SourceFolder {
  readonly name: string;
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #questions: Question[] = [];
  #next = 0;

  constructor(name: string, port: MessagePort) {
    this.name = name;
    this.#port = port;
    port.addEventListener("message", ({ data }: MessageEvent<readonly Answer[]>) => {
      for (const answer of data) {
        this.#waiting.get(answer.id)?.(answer);
        this.#waiting.delete(answer.id);
      }
    });
    port.start();
  }

  async look(path: string): Promise<SourceEntry> {
    const answer = await this.#ask("look", path);
    if (answer.kind !== "look") throw new TypeError("a folder answered another question");
    return answer.found;
  }

  async list(path: string): Promise<SourceNames> {
    const answer = await this.#ask("list", path);
    if (answer.kind !== "list") throw new TypeError("a folder answered another question");
    return answer.found;
  }

  /** Questions that are asked in the same turn are sent together. */
  #ask(kind: Question["kind"], path: string): Promise<Answer> {
    if (this.#questions.length === 0) queueMicrotask(() => this.#send());
    const id = this.#next++;
    this.#questions.push({ id, kind, path });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #send(): void {
    this.#port.postMessage(this.#questions);
    this.#questions = [];
  }
}
