// The members of all results, as a section of docs/json.md.
import { partName } from "./schemas.mjs";

const MAX_COLUMNS = 140;

/** A base with more members has its own table. */
const MAX_INLINED = 2;

/** The section: what each command prints, then the objects that several commands print. */
export function makePage(definitions) {
  const parts = new Map();
  const uses = usesOf(definitions);
  const refer = (name) => {
    const words = definitions.results.filter((result) => result.name === name).map((result) => result.words);
    if (words.length > 0) return `[${words.join(", ")}](#${words.join("-").replaceAll(" ", "-")})`;
    parts.set(partName(name), name);
    return `[${partName(name)}](#${partName(name).toLowerCase()}-object)`;
  };
  // An object that one member has is shown there.
  refer.single = (name) => {
    const { variants } = definitions.definition(name);
    const isShown = uses.get(name) === 1 && variants.length === 1 && variants[0].bases.length === 0;
    return isShown ? variants[0].members : undefined;
  };
  const results = [...groupsOf(definitions.results).values()].map((group) => {
    const words = group.map((result) => result.words).join(", ");
    return section(words, group[0], refer);
  });
  const report = reportSection(definitions.definition("ReportFacts"), refer);
  const written = new Map([["report", ""]]);
  for (let open = [...parts]; open.length > 0; open = [...parts].filter(([short]) => !written.has(short)))
    for (const [short, name] of open)
      if (!written.has(short))
        written.set(short, section(`${short} object`, definitions.definition(name), refer));
  const objects = [...written].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  const sections = [report, ...results, ...objects].filter((text) => text !== "");
  return `## Every result\n\n${sections.map((text) => text.trim()).join("\n\n")}\n`.replaceAll(
    /\n{3,}/g,
    "\n\n",
  );
}

/** How many members have each named object. */
function usesOf(definitions) {
  const uses = new Map();
  const seen = new Set();
  const visitType = (type, weight = 1) => {
    if (type.kind === "ref") {
      uses.set(type.ref, (uses.get(type.ref) ?? 0) + weight);
      for (const variant of definitions.definition(type.ref).variants) visit(variant);
    }
    if (type.items !== undefined) visitType(type.items, weight);
    // One of several is never shown in place.
    for (const one of type.of ?? []) visitType(one, 2);
    for (const member of type.members ?? []) visitType(member.type, weight);
  };
  const visit = (variant, weight = 1) => {
    if (seen.has(variant.name)) return;
    seen.add(variant.name);
    for (const { type } of variant.own) visitType(type, weight);
    for (const { name } of variant.bases) visit(definitions.definition(name).variants[0], 2);
  };
  for (const { name, variants } of [definitions.definition("ReportFacts"), ...definitions.results]) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
    for (const variant of variants) visit(variant);
  }
  return uses;
}

function groupsOf(results) {
  const groups = new Map();
  for (const result of results) groups.set(result.name, [...(groups.get(result.name) ?? []), result]);
  return groups;
}

function reportSection({ variants }, refer) {
  const [{ bases, own }] = variants;
  const members = [...own, ...bases.flatMap((base) => base.members)].map((member) =>
    mergedMember(member, variants),
  );
  return `### Every object\n\n${rows(members, refer)}`;
}

function section(title, { doc, variants }, refer) {
  const intro = doc === "" ? "" : `${paragraph(doc)}\n\n`;
  const heading = `### ${title}\n\n${intro}`;
  if (variants.length === 1) return heading + table(variants[0], refer);
  const shared = variants[0].members.filter((member) =>
    variants.every(({ members }) => hasSame(members, member)),
  );
  const names = new Set(shared.map((member) => member.name));
  const own = variants.map((variant) => {
    const inherits = variant.bases.length > 0;
    const members = inherits ? variant.own : variant.own.filter((member) => !names.has(member.name));
    const text = variant.doc === "" ? "" : `${paragraph(variant.doc)}\n\n`;
    return text + table({ ...variant, own: members }, refer);
  });
  const both =
    names.size > 0 && variants.every(({ bases }) => bases.length === 0) ? `${rows(shared, refer)}\n` : "";
  return heading + both + own.join("\n");
}

function hasSame(members, { name, type }) {
  const other = members.find((member) => member.name === name);
  return other !== undefined && JSON.stringify(other.type) === JSON.stringify(type);
}

/** A member of an object that is one of several: its value is any of theirs. */
function mergedMember(member, variants) {
  const types = variants.flatMap(({ members }) => members.filter(({ name }) => name === member.name));
  const values = [...new Set(types.map(({ type }) => JSON.stringify(type)))].map((text) => JSON.parse(text));
  return values.length === 1 ? member : { ...member, type: { kind: "union", of: values } };
}

function table({ bases, own }, refer) {
  const isShort = ({ members }) => members.length <= MAX_INLINED;
  const linked = bases.filter((base) => !isShort(base));
  const members = [...bases.filter(isShort).flatMap((base) => base.members), ...own];
  const links = linked.map(({ name, without }) => {
    const but = without.length === 0 ? "" : ` but ${without.map((member) => `\`${member}\``).join(", ")}`;
    return `${refer(name)}${but}`;
  });
  const list = links.length < 2 ? links.join() : `${links.slice(0, -1).join(", ")} and ${links.at(-1)}`;
  const more = members.length > 0 ? ", and:" : ".";
  const all = links.length === 0 ? "" : `${paragraph(`All members of ${list}${more}`)}\n\n`;
  return all + (members.length > 0 ? rows(members, refer) : "");
}

function rows(members, refer) {
  return `| member | value | |\n| --- | --- | --- |\n${rowsOf(members, "", refer).join("")}`;
}

function rowsOf(members, above, refer) {
  return members.flatMap(({ doc, isOptional, name, type }) => {
    const path = above + name;
    const inner = type.kind === "array" ? type.items : type;
    const single = inner.kind === "ref" ? refer.single(inner.ref) : undefined;
    const below = single ?? (inner.kind === "object" ? inner.members : []);
    const dots = type.kind === "array" ? `${path}[].` : `${path}.`;
    const words = valueWords(type, refer).replaceAll("|", "\\|");
    const row = `| \`${path}\`${isOptional ? "?" : ""} | ${words} | ${sentence(doc)} |\n`;
    return [row, ...rowsOf(below, dots, refer)];
  });
}

/** What a value looks like, for a reader. */
function valueWords(type, refer) {
  const words = plainWords(type, refer);
  return type.isNullable ? `${words}, \`null\`` : words;
}

const WORDS = {
  Sha256: "64 hex digits",
  Count: "integer",
  Ordinal: "integer, from 1",
  Moment: "RFC 3339 in UTC",
  Code: "code",
};

function plainWords(type, refer) {
  const { items, kind, of, ref, values, word } = type;
  if (word !== undefined && WORDS[word] !== undefined) return WORDS[word];
  if (kind === "enum") return values.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
  if (kind === "ref") return refer.single(ref) === undefined ? refer(ref) : "object";
  if (kind === "union") return of.map((one) => plainWords(one, refer)).join(" or ");
  if (kind === "array")
    return `list of ${items.kind === "union" ? valueWords(items, refer) : plural(items, refer)}`;
  if (kind === "record") return `object with ${valueWords(values, refer)} by name`;
  return { free: "object", object: "object", string: "text" }[kind] ?? kind;
}

function plural(type, refer) {
  const words = valueWords(type, refer);
  return words === "text" || words === "object" || words === "code" ? `${words}s` : words;
}

function sentence(doc = "") {
  return doc.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").replace(/\.$/, "");
}

function paragraph(text) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line !== "" && line.length + 1 + word.length > MAX_COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}
