/** Lists that a registry gives in pages, each with a link to the next one. @module */

import { ok, parseNextLink, type Result } from "../../../core/internal.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { nextAddress } from "./addresses.ts";
import { malformed } from "./malformed.ts";
import type { CallAnswer, RegistryCall, RegistryClient } from "./registry-client.ts";
import type { BoundedList } from "./repository.ts";

/** Pages of one list, and bytes of them all. */
const MAX_PAGES = 1_000;
const MAX_LIST_BYTES: number = 16 * 1024 * 1024;

/** An answer, read whole. */
export type PageAnswer = CallAnswer & { readonly body: Uint8Array };

/** How a list is read. */
export interface PagedList<Item> {
  readonly call: RegistryCall;
  /** Items of the list at most. */
  readonly most: number;
  /** The items of a page; a fault ends the list. */
  readonly parse: (page: PageAnswer) => Result<readonly Item[], OperationFault>;
}

/** Reads the pages of a list. Fails with REGISTRY_MALFORMED where a page leads to one that was read. Throws an Interruption. */
export async function readPages<Item>(
  client: RegistryClient,
  { call, most, parse }: PagedList<Item>,
  signal: AbortSignal | undefined,
): Promise<Result<BoundedList<Item>, OperationFault>> {
  const items: Item[] = [];
  const seen = new Set<string>();
  let bytes = 0;
  for (let url = call.url; ; ) {
    seen.add(url.href);
    const page = await client.read({ ...call, url }, signal);
    if (!page.ok) return page;
    const parsed = parse(page.value);
    if (!parsed.ok) return parsed;
    const room = most - items.length;
    items.push(...parsed.value.slice(0, room));
    bytes += page.value.body.length;
    const link = page.value.answer.header("link");
    const target = link === undefined ? undefined : parseNextLink(link);
    if (target === undefined) return ok({ items, more: parsed.value.length > room });
    const next = nextAddress(page.value.url, target, client.setting.plainHttp);
    if (next === undefined || seen.has(next.href)) return malformed(client.reference, "link");
    if (items.length === most || seen.size === MAX_PAGES || bytes >= MAX_LIST_BYTES)
      return ok({ items, more: true });
    url = next;
  }
}
