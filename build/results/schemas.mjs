// JSON Schemas of the results.
const DIALECT = "https://json-schema.org/draft/2020-12/schema";
const BASE = "https://unpkg.com/runseal/schemas/";

/** The name of a result's schema: `verify --history` has verify-history.json. */
export function schemaName(words) {
  return words.replaceAll("--", "").replaceAll(" ", "-");
}

/** The name of a part in common.json: `SignerFacts` is `signer` there. */
export function partName(name) {
  const short = name.replace(/Facts$/, "");
  return short[0].toLowerCase() + short.slice(1);
}

/** Every schema by its name. */
export function makeSchemas(definitions) {
  const parts = new Map();
  const open = ["ReportFacts"];
  const refer = (name) => {
    open.push(name);
    return { $ref: `common.json#/$defs/${partName(name)}` };
  };
  const report = refer("ReportFacts");
  const schemas = new Map(
    definitions.results.map(({ doc, variants, words }) => [
      schemaName(words),
      {
        ...head(schemaName(words), `runseal ${words} --json`, doc),
        allOf: [report],
        ...ofVariants(variants, refer, whenOk),
      },
    ]),
  );
  for (const { doc, variants, words } of definitions.attested)
    schemas.set(words, { ...head(words, doc), ...ofVariants(variants, inPlace(definitions), always) });
  const title =
    "The object of a command with invalid arguments, of an interrupted one, or after an internal error";
  schemas.set("error", { ...head("error", title), allOf: [report] });
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (parts.has(partName(name))) continue;
    const { doc, variants } = definitions.definition(name);
    parts
      .set(partName(name), {})
      .set(partName(name), { ...described(doc), ...ofVariants(variants, refer, always) });
  }
  const $defs = Object.fromEntries([...parts].sort());
  const inCommon = JSON.parse(JSON.stringify($defs).replaceAll('"common.json#', '"#'));
  return schemas.set("common", {
    ...head("common", "Common parts of the objects of --json"),
    $defs: inCommon,
  });
}

/** An attestation is judged far from here: its schema stands alone. */
function inPlace(definitions) {
  return (name) => ofVariants(definitions.definition(name).variants, inPlace(definitions), always);
}

function head(name, title, description) {
  return { $schema: DIALECT, $id: `${BASE}${name}.json`, title, ...described(description) };
}

/** Members that must be there, and such that must be there if the command succeeded. */
const always = (required) => ({ required });
const OK = { properties: { ok: { const: true } } };
// biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
const whenOk = (required) => ({ if: OK, then: { required } });

function ofVariants(variants, refer, demand) {
  const objects = variants.map((variant) => ofObject(variant, refer));
  if (objects.length === 1) {
    const [{ required, ...object }] = objects;
    return { type: "object", ...object, ...demand(required) };
  }
  const anyOf = objects.map(({ required, ...object }, index) => ({
    ...described(variants[index].doc),
    ...object,
    ...demand(required),
  }));
  return { type: "object", properties: agreed(objects.map(({ properties }) => properties)), anyOf };
}

/** Members that are the same in all variants that have them: so they hold whatever variant it is. */
function agreed(all) {
  const names = [...new Set(all.flatMap(Object.keys))];
  const pairs = names.map((name) => {
    const [first, ...others] = all.flatMap((properties) => (name in properties ? [properties[name]] : []));
    return others.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? [[name, first]] : [];
  });
  return Object.fromEntries(pairs.flat());
}

function ofObject({ isClosed, members }, refer) {
  const dependent = members
    .filter(({ requires }) => requires.length > 0)
    .map(({ name, requires }) => [name, requires]);
  return {
    properties: Object.fromEntries(
      members.map(({ doc, name, type }) => [name, { ...described(doc), ...ofType(type, refer) }]),
    ),
    required: members.filter(({ isOptional }) => !isOptional).map(({ name }) => name),
    ...(dependent.length > 0 ? { dependentRequired: Object.fromEntries(dependent) } : {}),
    ...(isClosed ? { additionalProperties: false } : {}),
  };
}

function ofType(type, refer) {
  if (type.kind === "enum") return { enum: type.values };
  const schema = notNull(type, refer);
  if (type.isNullable !== true) return schema;
  return typeof schema.type === "string"
    ? { ...schema, type: [schema.type, "null"] }
    : { anyOf: [schema, { type: "null" }] };
}

function notNull({ items, keys, kind, members, of, ref, values, ...type }, refer) {
  const { maximum, maxItems, minimum, minItems, minLength, pattern } = type;
  if (kind === "ref") return refer(ref);
  if (kind === "union") return { anyOf: of.map((one) => ofType(one, refer)) };
  if (kind === "object") return { type: "object", ...ofObject({ members }, refer) };
  if (kind === "free") return { type: "object" };
  if (kind === "record") {
    const names = keys.pattern === undefined ? {} : { propertyNames: { pattern: keys.pattern } };
    return { type: "object", ...names, additionalProperties: ofType(values, refer) };
  }
  if (kind === "array") return defined({ type: "array", items: ofType(items, refer), minItems, maxItems });
  return defined({ type: kind, pattern, minLength, minimum, maximum });
}

function described(doc) {
  return doc ? { description: doc.replaceAll(/\s+/g, " ") } : {};
}

function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
