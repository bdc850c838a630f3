/** Draws requests from the description of an API: some as it says, some mangled. @module */

import fc from "fast-check";
import type { Asked } from "./service.ts";

/** As much of JSON Schema as the description uses. */
export interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Shape;
}

/** An operation of the description. */
export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Shape }>> };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Shape }>> }>
  >;
}

/** The description, as `/openapi.json` gives it. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A drawn request, with the operation that it is of. */
export interface DrawnRequest {
  readonly operation: Operation;
  readonly asked: Asked;
}

/** Values that exist, so that some requests find something. */
export interface Known {
  readonly tokens: readonly (string | undefined)[];
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** Text that a program may take for something else. */
const ODD: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    "'",
    "' OR 1=1 --",
    "\u0000",
    "../..",
    "%00",
    "%zz",
    "-1",
    "1e9",
    "NaN",
    "[]",
    "{}",
    "null",
    "true",
  ),
  fc.constantFrom(
    "A".repeat(200),
    "9".repeat(400),
    "\u202e",
    "\ud800",
    "<script>",
    "$1",
    "\r\nx: y",
    "__proto__",
  ),
);

function fitting(shape: Shape): fc.Arbitrary<unknown> {
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  if (shape.type === "boolean") return fc.boolean();
  if (shape.type === "integer") return fc.integer({ min: shape.minimum ?? 0, max: shape.maximum ?? 1000 });
  if (shape.type === "number")
    return fc.double({ min: shape.minimum ?? 0, max: shape.maximum ?? 1, noNaN: true });
  if (shape.type === "object") {
    const members = Object.entries(shape.properties ?? {}).map(
      ([name, one]) => [name, fitting(one)] as const,
    );
    return fc.record(Object.fromEntries(members), { requiredKeys: [...(shape.required ?? [])] });
  }
  return shape.pattern === undefined
    ? fc.string({ maxLength: 40 })
    : fc.stringMatching(new RegExp(shape.pattern));
}

/** A value of a name that is known, one that fits its shape, or any other. */
function drawn(name: string, shape: Shape, { values }: Known): fc.Arbitrary<string> {
  const fits = fitting(shape).map(String);
  const known = values[name];
  return fc.oneof(
    { weight: 6, arbitrary: known === undefined ? fits : fc.constantFrom(...known) },
    { weight: 2, arbitrary: fits },
    { weight: 1, arbitrary: ODD },
  );
}

/** One body of twenty names a known repository: to ask its registry in vain takes seconds. */
function bodyOf(shape: Shape, { values }: Known): fc.Arbitrary<string> {
  const repository = fc.constantFrom(...(values["repository"] ?? []));
  const plain = fitting(shape);
  const known = fc
    .tuple(plain, repository)
    .map(([value, name]) => ({ ...(value as object), repository: name }));
  const fits = fc.oneof({ weight: 19, arbitrary: plain }, { weight: 1, arbitrary: known });
  return fc.oneof(
    { weight: 4, arbitrary: fits.map((value) => JSON.stringify(value)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fits, fc.constantFrom(...Object.keys(shape.properties ?? {}), "more"), fc.jsonValue())
        .map(([value, name, other]) => JSON.stringify({ ...(value as object), [name]: other })),
    },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: ODD },
  );
}

/** How the path and the query are written: so that they arrive as they are, or as bytes that an attacker sends. */
const ENCODINGS = fc.constantFrom(
  encodeURIComponent,
  encodeURIComponent,
  encodeURIComponent,
  (text: string) => text.replace(/[^\x21-\x7e]|[#?]/g, "%"),
);

/** Draws a request of any operation. */
export function drawRequest({ paths }: Description, known: Known): fc.Arbitrary<DrawnRequest> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  // Made once: a string by a pattern takes long to prepare.
  const each = operations.map(({ method, operation, path }) => {
    const { parameters = [], requestBody } = operation;
    const [content] = Object.values(requestBody?.content ?? {});
    const values = parameters.map(({ in: place, name, required = false, schema }) => {
      const value = drawn(name, schema, known);
      return place === "path" || required ? value : fc.option(value, { nil: undefined, freq: 2 });
    });
    return fc
      .record({
        values: fc.tuple(...values),
        encoding: ENCODINGS,
        extra: fc.option(fc.tuple(ODD, ODD), { nil: undefined, freq: 20 }),
        method: fc.oneof(
          { weight: 30, arbitrary: fc.constant(method) },
          {
            weight: 1,
            arbitrary: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"),
          },
        ),
        token: fc.oneof(
          { weight: 20, arbitrary: fc.constantFrom(...known.tokens) },
          { weight: 1, arbitrary: fc.stringMatching(/^rsf_[0-9a-f]{16}_[\w-]{43}$/) },
        ),
        type: fc.constantFrom("application/json", "application/json", "application/json", "text/plain", "x"),
        body: content === undefined ? fc.constant(undefined) : bodyOf(content.schema, known),
      })
      .map(({ body, encoding, extra, method: sent, token, type, values: given }) => {
        let whole = path;
        const query: string[] = extra === undefined ? [] : [extra.map(encode).join("=")];
        for (const [index, { in: place, name }] of parameters.entries()) {
          const value = given[index];
          if (value === undefined) continue;
          if (place === "path") whole = whole.replace(`{${name}}`, () => safely(encoding, value));
          else query.push(`${name}=${safely(encoding, value)}`);
        }
        const asked: Asked = {
          ...{ method: sent, path: query.length === 0 ? whole : `${whole}?${query.join("&")}`, token },
          ...(body === undefined ? {} : { body, headers: { "content-type": type } }),
        };
        // Another method may be another operation of the same path.
        return { operation: paths[path]?.[sent.toLowerCase()] ?? operation, asked };
      });
  });
  return fc.oneof(...each);
}

const encode = (text: string): string => safely(encodeURIComponent, text);

/** A lone surrogate can't be encoded. */
function safely(encoding: (text: string) => string, text: string): string {
  return encoding(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}
