// Reads the definitions of the results of `--json`, and those of attestations: the exported types of src/cli/results, of every
// *-results.ts beside a command, and of src/core/make/evidence/predicate-types.ts.
// The types are read as they are written, without a type checker: a name that this file does not know is an error.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Files with definitions, by folder. */
const HOMES = new Map([
  ["src/cli", /^results\/|-results\.ts$/],
  ["src/core/make/evidence", /^predicate-types\.ts$/],
]);

/** All definitions of a checkout: results by their names, and every type by its own. */
export function readDefinitions(root) {
  const declared = new Map();
  const files = [...HOMES].flatMap(([home, names]) =>
    readdirSync(join(root, home), { recursive: true })
      .map((file) => file.replaceAll("\\", "/"))
      .filter((file) => file.endsWith(".ts") && names.test(file))
      .map((file) => `${home}/${file}`),
  );
  for (const file of files) {
    const source = ts.createSourceFile(
      file,
      readFileSync(join(root, file), "utf8"),
      ts.ScriptTarget.ES2023,
      true,
    );
    for (const node of source.statements) {
      if (!ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) continue;
      if (declared.has(node.name.text)) fail(node, "is the name of two definitions");
      declared.set(node.name.text, node);
    }
  }
  return new Definitions(declared);
}

/** The definitions, by name. */
class Definitions {
  #declared;
  #known = new Map();

  constructor(declared) {
    this.#declared = declared;
    /** `{words, doc, variants}` of each result: the words of its command, and the objects of which one is printed. */
    this.results = this.#tagged("result");
    /** The same of each part of an attestation that has a schema of its own. */
    this.attested = this.#tagged("schema");
  }

  #tagged(tag) {
    const named = [...this.#declared.values()].flatMap((node) =>
      tagsOf(node, tag).map((words) => ({ words, ...this.definition(node.name.text) })),
    );
    return named.sort((a, b) => (a.words < b.words ? -1 : 1));
  }

  /** `{name, doc, variants}` of an object type, or `{name, doc, type}` of any other. */
  definition(name) {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const node = this.#declared.get(name);
    if (node === undefined) throw new Error(`there is no definition ${name}`);
    const made = { name, doc: docOf(node) };
    this.#known.set(name, made);
    if (ts.isInterfaceDeclaration(node)) return Object.assign(made, { variants: [this.#object(node)] });
    const names = ts.isUnionTypeNode(node.type)
      ? node.type.types.map((type) => this.#objectName(type))
      : [undefined];
    if (names.every((one) => one !== undefined))
      return Object.assign(made, { variants: names.flatMap((one) => this.definition(one).variants) });
    return Object.assign(made, { type: { ...this.#typeOf(node.type), ...limitsOf(node) } });
  }

  #objectName(type) {
    const name = ts.isTypeReferenceNode(type) ? type.typeName.getText() : undefined;
    return name !== undefined && this.#declared.has(name) && this.definition(name).variants !== undefined
      ? name
      : undefined;
  }

  #object(node) {
    const bases = (node.heritageClauses ?? []).flatMap(({ types }) =>
      types.map((type) => this.#baseOf(type)),
    );
    const own = this.#members(node.members);
    const names = new Set(own.map(({ name }) => name));
    const inherited = bases.flatMap(({ members }) => members).filter(({ name }) => !names.has(name));
    const isClosed = tagsOf(node, "closed").length > 0;
    return { name: node.name.text, doc: docOf(node), bases, own, members: [...inherited, ...own], isClosed };
  }

  #baseOf(type) {
    const [first, keys] = type.typeArguments ?? [];
    const isOmit = type.expression.getText() === "Omit";
    const name = isOmit ? first.typeName.getText() : type.expression.getText();
    const without = isOmit ? literalsOf(keys) : [];
    const [variant] = this.definition(name).variants;
    return { name, without, members: variant.members.filter((member) => !without.includes(member.name)) };
  }

  #members(nodes) {
    return nodes.map((node) => {
      const type = { ...this.#typeOf(node.type), ...limitsOf(node) };
      const requires = tagsOf(node, "requires").flatMap((words) => words.split(" "));
      const doc = docOf(node) || type.doc;
      if (!doc && type.ref === undefined) fail(node, "has no sentence");
      return { name: node.name.text, isOptional: node.questionToken !== undefined, doc, type, requires };
    });
  }

  #typeOf(node) {
    if (ts.isParenthesizedTypeNode(node)) return this.#typeOf(node.type);
    if (ts.isUnionTypeNode(node)) return this.#unionOf(node.types);
    if (ts.isTypeOperatorNode(node)) return this.#typeOf(node.type);
    if (ts.isArrayTypeNode(node)) return { kind: "array", items: this.#typeOf(node.elementType) };
    if (ts.isTypeLiteralNode(node)) return { kind: "object", members: this.#members(node.members) };
    if (ts.isLiteralTypeNode(node)) return { kind: "enum", values: [literalValue(node.literal)] };
    if (ts.isTypeReferenceNode(node)) return this.#namedType(node);
    const plain = { [ts.SyntaxKind.StringKeyword]: "string", [ts.SyntaxKind.NumberKeyword]: "number" };
    const free = { [ts.SyntaxKind.BooleanKeyword]: "boolean", [ts.SyntaxKind.ObjectKeyword]: "free" };
    const kind = { ...plain, ...free }[node.kind];
    if (kind === undefined) fail(node, "is not a type that a result may have");
    return { kind };
  }

  #namedType(node) {
    const name = node.typeName.getText();
    if (name === "Readonly") return this.#typeOf(node.typeArguments[0]);
    if (name === "Record") {
      const [keys, values] = node.typeArguments;
      return { kind: "record", keys: this.#typeOf(keys), values: this.#typeOf(values) };
    }
    const { doc, type } = this.definition(name);
    return type === undefined ? { kind: "ref", ref: name } : { ...type, word: name, doc };
  }

  #unionOf(nodes) {
    const isMissing = ({ kind }) => kind === ts.SyntaxKind.UndefinedKeyword;
    const types = nodes.filter((node) => !isMissing(node)).map((node) => this.#typeOf(node));
    const isNull = (type) => type.kind === "enum" && type.values[0] === null;
    const others = types.filter((type) => !isNull(type));
    if (others.every(({ kind }) => kind === "enum"))
      return { kind: "enum", values: types.flatMap(({ values }) => values), doc: others[0].doc };
    const isNullable = others.length < types.length;
    const type = others.length === 1 ? others[0] : { kind: "union", of: others };
    return isNullable ? { ...type, isNullable } : type;
  }
}

function literalValue(literal) {
  if (ts.isStringLiteral(literal)) return literal.text;
  if (ts.isNumericLiteral(literal)) return Number(literal.text);
  return {
    [ts.SyntaxKind.NullKeyword]: null,
    [ts.SyntaxKind.TrueKeyword]: true,
    [ts.SyntaxKind.FalseKeyword]: false,
  }[literal.kind];
}

function literalsOf(node) {
  return (ts.isUnionTypeNode(node) ? node.types : [node]).map(({ literal }) => literal.text);
}

/** What tags say of a type: `@pattern`, `@integer`, `@minimum`, `@maximum`, `@minLength`, `@minItems`, `@maxItems`. */
function limitsOf(node) {
  const limits = {};
  for (const [pattern] of tagsOf(node, "pattern").map((text) => /(?<=^`).*(?=`$)/.exec(text)))
    limits.pattern = pattern;
  for (const name of ["minimum", "maximum", "minLength", "minItems", "maxItems"])
    for (const text of tagsOf(node, name)) limits[name] = Number(text);
  return tagsOf(node, "integer").length > 0 ? { ...limits, kind: "integer" } : limits;
}

function tagsOf(node, name) {
  const tags = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === name);
  return tags.map(({ comment }) => (ts.getTextOfJSDocComment(comment) ?? "").trim());
}

function docOf(node) {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return (ts.getTextOfJSDocComment(comment?.comment) ?? "").trim();
}

function fail(node, problem) {
  throw new Error(`${node.getSourceFile().fileName}: ${node.getText().slice(0, 80)}: ${problem}`);
}
