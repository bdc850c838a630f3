// A rolldown plugin: chunks of a CommonJS bundle load rarely used modules when they first read a member of them.
//
// rolldown turns each static import into a `require` at the top of the chunk. Node would then read every chunk that a command
// might need before the command starts. The plugin works on the syntax tree, and fails on anything that it does not expect.
import { parseSync, Visitor } from "rolldown/utils";

/** In the chunks of `importers`, `require`s of `modules` become objects whose getters require. */
export function lazyRequires({ importers, modules }) {
  return {
    name: "lazy-requires",
    renderChunk(code, { fileName }) {
      return importers.has(fileName) ? withLazyRequires(code, fileName, modules) : undefined;
    },
  };
}

function withLazyRequires(code, fileName, modules) {
  const { program } = parseSync(fileName, code, { sourceType: "script" });
  const declarations = program.body.flatMap((statement) => lazyDeclaration(statement, modules));
  const members = membersOf(program, new Set(declarations.map(({ name }) => name)), fileName);
  let rest = code;
  // From the last to the first, so that the places of those before stay as they are.
  for (const { name, id, start, end } of declarations.reverse()) {
    rest = rest.slice(0, start) + lazyObject(name, id, [...members.get(name)]) + rest.slice(end);
  }
  return { code: rest };
}

/** `const name = require("id");` of one of the modules, and no other statement. */
function lazyDeclaration({ type, declarations, start, end }, modules) {
  if (type !== "VariableDeclaration" || declarations.length !== 1) return [];
  const [{ id, init }] = declarations;
  if (init?.type !== "CallExpression" || init.callee.name !== "require") return [];
  const [{ value }] = init.arguments;
  return modules.has(value) ? [{ name: id.name, id: value, start, end }] : [];
}

/** The members that the program reads of each of these names. Any other use of a name is an error. */
function membersOf(program, names, fileName) {
  const members = new Map([...names].map((name) => [name, new Set()]));
  const known = new Set();
  const visitor = new Visitor({
    VariableDeclarator: ({ id }) => known.add(id),
    MemberExpression({ object, property, computed }) {
      if (!computed) known.add(property);
      if (computed || object.type !== "Identifier" || !names.has(object.name)) return;
      known.add(object);
      members.get(object.name).add(property.name);
    },
    Property({ key, computed }) {
      if (!computed) known.add(key);
    },
    Identifier(node) {
      if (names.has(node.name) && !known.has(node)) throw new Error(`${fileName} uses all of ${node.name}`);
    },
  });
  visitor.visit(program);
  return members;
}

function lazyObject(name, id, members) {
  const getters = members.map(
    (member) => `\tget ${member}() { return (this.$ ??= require(${JSON.stringify(id)})).${member}; },\n`,
  );
  return `const ${name} = {\n\t$: undefined,\n${getters.join("")}};`;
}
