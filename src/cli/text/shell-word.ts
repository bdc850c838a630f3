/** Paths in commands that a person may copy. @module */

/** A path for a shell. One of our own making begins with a variable that the shell is to replace. */
export function shellWord(path: string): string {
  const ours = /^\$(?:HOME|XDG_CONFIG_HOME)\/[A-Za-z0-9._@+/-]+$/.test(path);
  return ours ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`;
}
