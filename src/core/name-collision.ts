/**
 * Which names cannot stand side by side. macOS, Windows and many a network share hold only one of `Foo` and
 * `foo`: of two such files the second silently replaces the first when a sealed tree is copied there.
 *
 * @module
 */

/** Two names that cannot both exist. Told apart by `kind`: the first two are impossible on every system. */
export interface NameCollision {
  /**
   * `duplicate`: one path twice. `file-dir-conflict`: `first` is a file and `second` lies in it, or the other
   * way round. `collision`: two spellings of one name, each shown up to the component spelled differently.
   */
  readonly kind: "duplicate" | "file-dir-conflict" | "collision";
  /** The one that came earlier in the list. */
  readonly first: string;
  /** The one that came later. */
  readonly second: string;
}

/** A file or folder as spelled. There may be millions, so what most of them lack is made when needed. */
interface Place {
  readonly name: Name;
  children: Map<string, Place> | undefined;
  isFile: boolean;
  isReportedTwice: boolean;
  firstInside: string | undefined;
}

/** One name as other systems see it, whatever the spelling of the folders above it. */
interface Name {
  readonly firstPath: string;
  readonly firstSpelling: string;
  otherSpellings: Set<string> | undefined;
  /** What stands in all spellings of this folder together, by folded name. */
  inside: Map<string, Name> | undefined;
}

/**
 * Finds every pair of paths that cannot both exist, in the order in which the list reveals them.
 *
 * Names are compared component by component by `foldName`, within folders compared likewise, so `x/y` and
 * `X/w` collide in `x` and `X`. A third spelling is reported against the first one only, and names spelled alike
 * in two spellings of one folder are not reported again, so that the report grows no faster than the list.
 */
export function findNameCollisions(paths: readonly string[]): readonly NameCollision[] {
  const collisions: NameCollision[] = [];
  const root = newPlace(newName("", ""));
  for (const path of paths) addPath(root, path, collisions);
  return collisions;
}

function addPath(root: Place, path: string, collisions: NameCollision[]): void {
  let place = root;
  for (let start = 0; ; ) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    place = enter(place, path, start, end, collisions);
    if (slash < 0) break;
    if (place.firstInside === undefined) {
      place.firstInside = path;
      if (place.isFile)
        collisions.push({ kind: "file-dir-conflict", first: path.slice(0, end), second: path });
    }
    start = end + 1;
  }
  markFile(place, path, collisions);
}

function markFile(place: Place, path: string, collisions: NameCollision[]): void {
  if (!place.isFile) {
    place.isFile = true;
    if (place.firstInside === undefined) return;
    collisions.push({ kind: "file-dir-conflict", first: place.firstInside, second: path });
  } else if (!place.isReportedTwice) {
    place.isReportedTwice = true;
    collisions.push({ kind: "duplicate", first: path, second: path });
  }
}

/** Goes from a folder into its child `path[start, end)`. A spelling met for the first time is folded, once. */
function enter(folder: Place, path: string, start: number, end: number, collisions: NameCollision[]): Place {
  folder.children ??= new Map();
  const component = path.slice(start, end);
  const known = folder.children.get(component);
  if (known !== undefined) return known;

  const place = newPlace(findName(folder.name, component, path.slice(0, end), collisions));
  folder.children.set(component, place);
  return place;
}

function findName(folder: Name, spelling: string, path: string, collisions: NameCollision[]): Name {
  folder.inside ??= new Map();
  const folded = foldName(spelling);
  const known = folder.inside.get(folded);
  if (known === undefined) {
    const name = newName(path, spelling);
    folder.inside.set(folded, name);
    return name;
  }
  if (spelling !== known.firstSpelling && !known.otherSpellings?.has(spelling)) {
    known.otherSpellings ??= new Set();
    known.otherSpellings.add(spelling);
    collisions.push({ kind: "collision", first: known.firstPath, second: path });
  }
  return known;
}

function newPlace(name: Name): Place {
  return { name, children: undefined, isFile: false, isReportedTwice: false, firstInside: undefined };
}

function newName(firstPath: string, firstSpelling: string): Name {
  return { firstPath, firstSpelling, otherSpellings: undefined, inside: undefined };
}

// Text settles after three rounds at the latest; the bound only makes sure that none can hang us.
const MAX_ROUNDS = 8;

/**
 * Folds one component of a path: two names with one folded form are the same name somewhere.
 *
 * Coarser than any file system: invisible characters vanish, compatibility forms (`ﬁ`, `Ⅷ`, `ａ`) and case
 * are levelled, and trailing dots and spaces are dropped, as Windows drops them. Never show the result.
 */
export function foldName(component: string): string {
  return dropTrailing(/^[ -~]*$/.test(component) ? component.toLowerCase() : foldText(component));
}

/**
 * Unicode's NFKC_Casefold without its tables. Upper and then lower case levels what the two mappings tell
 * apart one way only: ſ, ß, the Kelvin sign, Cherokee, Cyrillic ᲀ…ᲈ. ẞ becomes ß in a first round and ss in
 * the next. The form is decomposed, so that a mark is found however it was composed.
 */
function foldText(text: string): string {
  let folded = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = folded;
    folded = decompose(decompose(folded).toUpperCase().toLowerCase());
    // Lower case makes a sigma at the end of a word final; whether one is depends on its neighbours.
    folded = folded.replaceAll("ς", "σ");
    // İ becomes i with a dot, and a Turkish system takes it for i: the dot adds nothing. (ı became I, then i.)
    folded = folded.replace(/i\p{M}+/gu, (marked) => marked.replaceAll("\u0307", ""));
    if (folded === before) break;
  }
  return folded;
}

function decompose(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, "").normalize("NFKD");
}

/** A name of nothing but dots and spaces stays whole: `…` and `．．` are two names. */
function dropTrailing(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === "." || name[end - 1] === " ")) end--;
  return end === 0 ? name : name.slice(0, end);
}
