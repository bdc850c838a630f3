/** The option that says how to speak to a registry, without what speaks to it. @module */

/** The option as parsed. */
export interface RegistryOptions {
  readonly plainHttp?: true | undefined;
}
