/** The name and password in the address of a proxy. @module */

/** The header with the name and password of a proxy's address; none where it has none. It is for the proxy alone, and for no other server. */
export function proxyCredentials({ password, username }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const words = `${decoded(username)}:${decoded(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(words).toString("base64")}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign is meant as it stands.
    return text;
  }
}
