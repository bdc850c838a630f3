/**
 * Forms of values in DER that OpenSSL checks where it reads a certificate. Whatever is not known here is refused.
 *
 * @module
 */

import {
  booleanOf,
  contextTag,
  type DerNode,
  decodeUtf8,
  integerBytes,
  partsIn,
  TAG,
} from "../../src/core/internal.ts";

/** UTF8String, whose bytes must be UTF-8. */
const UTF8_STRING = 0x0c;

/** NumericString, PrintableString, TeletexString, IA5String, VisibleString: one byte a character. */
const BYTE_STRINGS: readonly number[] = [0x12, 0x13, 0x14, 0x16, 0x1a];

/** A member that may be there: its tag, and its form. */
export type OptionalMember = readonly [tag: number, isForm: (node: DerNode) => boolean];

/** Whether a value and all values in it have the form of their universal types. BMPString and UniversalString are refused. */
export function isSound(node: DerNode): boolean {
  const { content, tag } = node;
  switch (tag) {
    case TAG.boolean:
      return booleanOf(node) !== undefined;
    case TAG.integer:
      return integerBytes(node) !== undefined;
    case TAG.bitString:
      return isBitString(content);
    case TAG.null:
      return content.length === 0;
    case TAG.oid:
      return isObjectIdentifier(content);
    case TAG.octetString:
    case TAG.utcTime:
    case TAG.generalizedTime:
      return true;
    case UTF8_STRING:
      return decodeUtf8(content) !== undefined;
    case TAG.sequence:
    case TAG.set:
      return node.children.every(isSound);
    default:
      return BYTE_STRINGS.includes(tag) || (isContextSpecific(tag) && node.children.every(isSound));
  }
}

/** Whether a value is a SEQUENCE of members that may be there, each once, in this order. */
export function isSequenceOf(node: DerNode | undefined, members: readonly OptionalMember[]): boolean {
  return node?.tag === TAG.sequence && areMembers(node.children, members);
}

/** Whether values are members that may be there, each once, in this order. */
export function areMembers(nodes: readonly DerNode[], members: readonly OptionalMember[]): boolean {
  let last = -1;
  return nodes.every((node) => {
    const place = members.findIndex(([tag], index) => index > last && tag === node.tag);
    last = place;
    return place >= 0 && members[place]?.[1](node) === true;
  });
}

/** Whether a value is a Name: sets of one or more types, each with a string (RFC 5280, section 4.1.2.4). */
export function isName(node: DerNode | undefined): boolean {
  return (
    node?.tag === TAG.sequence &&
    node.children.every(
      ({ children, tag }) => tag === TAG.set && children.length > 0 && children.every(isTyped),
    )
  );
}

function isTyped({ children, tag }: DerNode): boolean {
  const [type, value, ...rest] = children;
  const isString = value?.tag === UTF8_STRING || BYTE_STRINGS.includes(value?.tag ?? 0);
  return tag === TAG.sequence && type?.tag === TAG.oid && isString && rest.length === 0;
}

/** Whether values are GeneralNames (RFC 5280, section 4.2.1.6). X.400 addresses and EDI party names are refused. */
export function areGeneralNames(nodes: readonly DerNode[]): boolean {
  return nodes.length > 0 && nodes.every(isGeneralName);
}

function isGeneralName(node: DerNode): boolean {
  const [first, second, ...rest] = node.children;
  switch (node.tag) {
    case contextTag(0, "constructed"):
      return (
        first?.tag === TAG.oid &&
        partsIn(second, contextTag(0, "constructed")).length === 1 &&
        rest.length === 0
      );
    case contextTag(1, "primitive"):
    case contextTag(2, "primitive"):
    case contextTag(6, "primitive"):
    case contextTag(7, "primitive"):
      return true;
    case contextTag(4, "constructed"):
      return isName(first) && second === undefined;
    case contextTag(8, "primitive"):
      return isObjectIdentifier(node.content);
    default:
      return false;
  }
}

/** Whether bytes are the content of a BIT STRING: the number of unused bits, and bits, of which the unused ones are zero. */
export function isBitString(content: Uint8Array): boolean {
  const [unused] = content;
  if (unused === undefined || unused > 7) return false;
  const last = content.at(-1) ?? 0;
  return content.length > 1 ? (last & ((1 << unused) - 1)) === 0 : unused === 0;
}

/** Whether bytes are the content of an object identifier: numbers of seven bits a byte, none with leading zeros. */
function isObjectIdentifier(content: Uint8Array): boolean {
  const isWhole = (content.at(-1) ?? 0x80) < 0x80;
  return isWhole && content.every((byte, index) => byte !== 0x80 || (content[index - 1] ?? 0) >= 0x80);
}

function isContextSpecific(tag: number): boolean {
  return (tag & 0xc0) === 0x80;
}
