/**
 * What a registry asks for in `WWW-Authenticate`, by RFC 9110, section 11.6.1.
 *
 * @module
 */

/** A scheme and its parameters; names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Characters of the header. */
const MAX_HEADER = 8192;

/** Challenges of one header. */
const MAX_CHALLENGES = 8;

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const SPACE = /[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;

/** Reads the header. `undefined` for one that is not of its form, is too long, or names a parameter twice. */
export function parseChallenges(header: string): readonly Challenge[] | undefined {
  if (header.length > MAX_HEADER) return undefined;
  const reader = new HeaderReader(header);
  const challenges: Challenge[] = [];
  while (reader.skipCommas()) {
    const scheme = reader.take(TOKEN);
    if (scheme === undefined || challenges.length === MAX_CHALLENGES) return undefined;
    const parameters = readParameters(reader);
    if (parameters === undefined) return undefined;
    challenges.push({ scheme: scheme.toLowerCase(), parameters });
  }
  return challenges;
}

/** The parameters up to the next scheme. */
function readParameters(reader: HeaderReader): Map<string, string> | undefined {
  const parameters = new Map<string, string>();
  reader.take(SPACE);
  // Other schemes may have one opaque text instead. None that is known here has.
  if (reader.ahead(TOKEN68) && !reader.ahead(PARAMETER)) {
    reader.take(TOKEN68);
    return parameters;
  }
  for (;;) {
    const before = reader.position;
    reader.skipCommas();
    if (!reader.ahead(PARAMETER)) {
      reader.position = before;
      return reader.isAtBoundary() ? parameters : undefined;
    }
    const name = reader.take(TOKEN)?.toLowerCase() ?? "";
    reader.take(SPACE);
    reader.take(EQUALS);
    reader.take(SPACE);
    const value = reader.quoted() ?? reader.take(TOKEN);
    if (value === undefined || parameters.has(name)) return undefined;
    parameters.set(name, value);
    if (!reader.isAtBoundary()) return undefined;
  }
}

const EQUALS = /=/y;
const PARAMETER = /[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*=[ \t]*(?:"|[!#$%&'*+.^_`|~0-9A-Za-z-])/y;

class HeaderReader {
  position = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.position += match[0].length;
    return match[0];
  }

  ahead(pattern: RegExp): boolean {
    pattern.lastIndex = this.position;
    return pattern.test(this.#text);
  }

  quoted(): string | undefined {
    const text = this.take(QUOTED);
    return text?.slice(1, -1).replace(/\\(.)/g, "$1");
  }

  /** Passes over white space and commas. Gives whether more follows. */
  skipCommas(): boolean {
    while (/[ \t,]/.test(this.#text.charAt(this.position))) this.position++;
    return this.position < this.#text.length;
  }

  /** Whether only white space is left before a comma or the end. */
  isAtBoundary(): boolean {
    this.take(SPACE);
    return this.position === this.#text.length || this.#text.charAt(this.position) === ",";
  }
}
