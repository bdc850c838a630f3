/**
 * Makes equal what differs between two runs of a test: temporary folders, keys, digests, signatures, moments, ports, process
 * ids. Each distinct value becomes a number, in the order of appearance: two places that show one value still do.
 *
 * @module
 */

/** Moments that are further away from now than this are a test's own, milliseconds. */
const NEAR_MS = 400 * 24 * 3600 * 1000;

/** What is replaced, in this order: its name, its form, and which matches are meant. */
const RULES: readonly (readonly [name: string, form: RegExp, isMeant?: (match: string) => boolean])[] = [
  ["stack", /(?<="stack": ")(?:[^"\\]|\\.)*/g],
  ["folder", /(?:\/var)?\/(?:tmp|dev\/shm)\/[\w.-]*[.-][A-Za-z0-9]{6}(?![\w.-])/g],
  ["run", /\d{8}T\d{6}Z-[0-9a-f]{4}/g],
  ["time", /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?/g, isNear],
  ["time", /(?<![\w.])\d{10}(?:\d{3}(?:\.\d+)?)?(?![\w.])/g, isNear],
  ["time", /(?<!\w)20\d{12}Z?(?!\w)|2001-\d\d-\d\dT[\d:]+Z/g],
  ["random", /(?<![\d.])0\.\d{10,}/g],
  ["pem", /(?<=-----BEGIN ([A-Z ]+)-----(?:\n|\\n))[^-]+(?=-----END \1-----)/g],
  ["uuid", /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g],
  ["hex", /(?<![0-9A-Za-z])(?:[0-9a-f]{8}|[0-9a-f]{12}|[0-9a-f]{16,})(?![0-9A-Za-z])/g],
  ["hex", /(?<![0-9A-Za-z])[0-9A-F]{16}(?![0-9A-Za-z])/g],
  ["base64", /(?<![\w+/])[\w+/-]{40,}={0,2}(?![\w+/])/g, isMixed],
  ["port", /(?<=(?:localhost|127\.0\.0\.1|\[::1\]):)\d+/g],
  ["descriptor", /\/proc\/(?:self|\d+)\/fd\/\d+/g],
  ["object folder", /(?<=\/objects\/)[0-9a-f]{2}(?=\/|$)/g],
  ["free", /(?<="free": )\d+|[\d,]+(?= bytes that are free)/g],
  ["seconds", /(?<="seconds": )[\d.]+/g],
  ["process", /(?<=process |MODULE |"pid": ?)\d+/g],
];

/** Whether two of these are equal is chance. */
const UNNUMBERED: ReadonlySet<string> = new Set(["time", "stack", "free", "seconds"]);

/** What a traced command did only if the clock of the file system had moved on. */
const CHANCE = /^listed .*\/state\/runseal\/objects\n/gm;

/** What the texts of one call show. */
export class Masks {
  readonly #numbers = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** Values of `kept` are the same in each run, and stay. */
  constructor(kept: readonly string[] = []) {
    for (const value of kept) this.#numbers.set(value, value);
  }

  /** Replaces what a run alone has. */
  mask(text: string): string {
    return RULES.reduce(
      (masked, [name, form, isMeant = () => true]) =>
        masked.replaceAll(form, (match) => (isMeant(match) ? this.#numberOf(name, match) : match)),
      text.replaceAll(CHANCE, ""),
    );
  }

  #numberOf(name: string, value: string): string {
    if (UNNUMBERED.has(name)) return `<${name}>`;
    const before = this.#numbers.get(value);
    if (before !== undefined) return before;
    const count = (this.#counts.get(name) ?? 0) + 1;
    const number = `<${name} ${count}>`;
    this.#counts.set(name, count);
    this.#numbers.set(value, number);
    return number;
  }
}

/** Sets each line that is a JSON object on lines of its own, a member a line: so a difference is short. */
export function spread(text: string): string {
  return text.replaceAll(/^\{.*\}$/gm, (line) => {
    try {
      return JSON.stringify(JSON.parse(line), null, 1);
    } catch {
      return line;
    }
  });
}

/** Whether it is a moment of this run: a date, or seconds or milliseconds since 1970. */
function isNear(match: string): boolean {
  const number = Number(match);
  const moment = Number.isNaN(number) ? Date.parse(match) : match.length < 13 ? number * 1000 : number;
  return Math.abs(moment - Date.now()) < NEAR_MS;
}

/** Whether it is not a word of a test, such as a long path. */
function isMixed(match: string): boolean {
  return /[A-Z]/.test(match) && /[a-z]/.test(match);
}
