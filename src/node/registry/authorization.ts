/** What the header `Authorization` says, kept in secret memory until the header is written. @module */

import type { SecretBytes } from "../keys/secret-bytes.ts";

/** A user's password, or a token. */
export class Authorization implements Disposable {
  readonly #scheme: "Basic" | "Bearer";
  readonly #secret: SecretBytes;

  /** Takes over the secret: `name:password`, or a token of visible ASCII. */
  constructor(scheme: "Basic" | "Bearer", secret: SecretBytes) {
    this.#scheme = scheme;
    this.#secret = secret;
  }

  /** The header's value. Node takes no bytes for a header: the text is made when the request is, and kept nowhere. */
  header(): string {
    const encoding = this.#scheme === "Basic" ? "base64" : "latin1";
    return `${this.#scheme} ${this.#secret.use((bytes) => bytes.toString(encoding))}`;
  }

  [Symbol.dispose](): void {
    this.#secret.dispose();
  }
}
