/**
 * A lint rule over the compiler's types: digests, ids, roots and signatures are compared by `matchesDigest` and
 * `equalDigests` and by nothing else (PROTOCOL 8, "in constant time"; 14, H-02).
 *
 * Protected is what bears the brand of `HexDigest`; every array of bytes, which is how keys and signatures stand
 * in memory (for `===` on those is wrong besides); and a text whose name says that it is one of them, such as a
 * member `get("bundle_root")` of a parsed artifact. A public key and the bytes of a path are neither secrets nor digests: they are left alone
 * if their names say what they are.
 *
 * @module
 */

import ts from "typescript";

/** One place where the rule is broken. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

const EQUALITY = new Set([
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

/** Methods that compare their receiver or what they hold with an argument, and stop at the first difference. */
const COMPARING_METHODS = new Set([
  "includes",
  "indexOf",
  "lastIndexOf",
  "startsWith",
  "endsWith",
  "localeCompare",
  "equals",
  "compare",
  "is",
  "has",
  "get",
]);

const PROTECTED_NAME =
  /(?:digest|hash|sha256|signature|(?:bundle|chain|domain)_?root|validator_?id)(?:_?hex)?$/i;

/** Public keys, what SSH calls the blob of one, the bytes of paths, and constants of the program, such as a file's magic. */
const PUBLIC_NAME = /(?:public_?key|key\.blob|path_?bytes)$/i;
const CONSTANT_NAME = /^[A-Z0-9_]+$/;

/** Looks for comparisons in the given files of a program. */
export function findComparisons(program: ts.Program, files: readonly ts.SourceFile[]): readonly Finding[] {
  const checker = program.getTypeChecker();
  const findings: Finding[] = [];
  for (const file of files) visit(file, file);
  return findings;

  function visit(node: ts.Node, file: ts.SourceFile): void {
    if (breaksRule(node)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      findings.push({ file: file.fileName, line: line + 1, code: node.getText() });
    }
    ts.forEachChild(node, (child) => visit(child, file));
  }

  function breaksRule(node: ts.Node): boolean {
    if (ts.isBinaryExpression(node) && EQUALITY.has(node.operatorToken.kind)) {
      return (
        (isProtected(node.left) && !isAbsence(node.right)) ||
        (isProtected(node.right) && !isAbsence(node.left))
      );
    }
    if (ts.isSwitchStatement(node)) return isProtected(node.expression);
    if (ts.isElementAccessExpression(node)) return isProtected(node.argumentExpression);
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
    if (!COMPARING_METHODS.has(node.expression.name.text) || node.arguments.length === 0) return false;
    if (node.arguments.some((argument) => isProtected(argument))) return true;
    if (node.arguments.every((argument) => CONSTANT_NAME.test(argument.getText()))) return false;
    // `bytes.indexOf(10)` looks for one byte.
    const looksForNumber = node.arguments.some((argument) => has(argument, ts.TypeFlags.NumberLike));
    return isProtected(node.expression.expression) && !looksForNumber;
  }

  function isProtected(node: ts.Expression): boolean {
    const type = checker.getTypeAtLocation(node);
    const parts = type.isUnion() ? type.types : [type];
    if (parts.some(isBranded)) return true;
    if (parts.some(isBytes)) return !PUBLIC_NAME.test(node.getText()) && !CONSTANT_NAME.test(node.getText());
    return PROTECTED_NAME.test(nameOf(node)) && parts.some((part) => mayBeText(part));
  }

  function isBranded(type: ts.Type): boolean {
    return type.getProperties().some(({ escapedName }) => String(escapedName).startsWith("__@hexDigest"));
  }

  function isBytes(type: ts.Type): boolean {
    return ["Uint8Array", "Buffer"].includes(type.getSymbol()?.getName() ?? "");
  }

  function mayBeText(type: ts.Type): boolean {
    return (type.flags & (ts.TypeFlags.String | ts.TypeFlags.Unknown | ts.TypeFlags.Any)) !== 0;
  }

  /** Whether a digest is only asked whether it is there at all, or what type it has. */
  function isAbsence(node: ts.Expression): boolean {
    return has(node, ts.TypeFlags.Undefined | ts.TypeFlags.Null);
  }

  function has(node: ts.Expression, flags: ts.TypeFlags): boolean {
    return (checker.getTypeAtLocation(node).flags & flags) !== 0;
  }
}

/** The last name in an expression: `b` of `a.b` and of `a.get("b")`. */
function nameOf(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (ts.isElementAccessExpression(node)) return literal(node.argumentExpression);
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return "";
  return node.expression.name.text === "get" ? literal(node.arguments[0]) : "";
}

function literal(node: ts.Expression | undefined): string {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : "";
}
