/**
 * Values of HTTP headers that registries send. Each reader is bounded, and gives `undefined` for what is not of its form.
 *
 * @module
 */

/** Digits that a double holds exactly. */
const COUNT = /^(?:0|[1-9][0-9]{0,14})$/;

/** A range of bytes in an answer. */
export interface ContentRange {
  readonly first: number;
  /** The last byte itself. */
  readonly last: number;
  /** Bytes of the whole; `undefined` for `*`. */
  readonly total: number | undefined;
}

/** `Content-Length` and other plain counts. */
export function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && COUNT.test(text) ? Number(text) : undefined;
}

/** `Content-Range: bytes 0-9/100`. */
export function parseContentRange(text: string): ContentRange | undefined {
  const [, first, last, total] = /^bytes ([0-9]+)-([0-9]+)\/([0-9]+|\*)$/i.exec(text) ?? [];
  const range = { first: parseCount(first), last: parseCount(last), total: parseCount(total) };
  if (range.first === undefined || range.last === undefined || range.last < range.first) return undefined;
  if (total !== "*" && (range.total === undefined || range.total <= range.last)) return undefined;
  return { first: range.first, last: range.last, total: range.total };
}

/**
 * `Range` of an upload, `0-99` or `bytes=0-99`: how many bytes the registry has. An upload that has none is `0-0` or, for some,
 * `0--1`: the one byte that the first may mean is sent again.
 */
export function parseUploadedBytes(text: string): number | undefined {
  const [, last] = /^(?:bytes=)?0-(-1|[0-9]+)$/i.exec(text) ?? [];
  if (last === "-1" || last === "0") return 0;
  const count = parseCount(last);
  return count === undefined ? undefined : count + 1;
}

/** The target of the first link with `rel="next"` in `Link`, as it stands there. */
export function parseNextLink(text: string): string | undefined {
  if (text.length > 8192) return undefined;
  for (const [, target = "", parameters = ""] of text.matchAll(/<([^<>]*)>([^,<]*)/g)) {
    if (/;[ \t]*rel=(?:"next"|next)(?![^\s;])/i.test(parameters)) return target;
  }
  return undefined;
}

/** `Retry-After` in seconds from `now`, a time in milliseconds since 1970: a number of seconds, or a date. */
export function parseRetryAfter(text: string, now: number): number | undefined {
  const seconds = parseCount(text);
  if (seconds !== undefined) return seconds;
  // Only the form that servers must write. `Date.parse` reads many others.
  if (!/^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$/.test(text))
    return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

/** The media type in `Content-Type`, in lower case, without parameters. */
export function mediaTypeOf(text: string | undefined): string {
  const [type = ""] = (text ?? "").split(";", 1);
  return type.trim().toLowerCase();
}
