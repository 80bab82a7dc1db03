import type { Consent } from "@anteroom/client/recording";
import { recordings } from "../api/client";

// More people than these pages hold are not listed one by one.
const mostPages = 10;

/** listConsents fetches what the people of a meeting said to being recorded. */
export async function listConsents(meeting: string): Promise<Consent[]> {
  const consents: Consent[] = [];
  let pageToken = "";
  for (let pages = 0; pages < mostPages; pages++) {
    const page = await recordings.listConsents({ meeting, pageSize: 100, pageToken });
    consents.push(...page.consents);
    pageToken = page.nextPageToken;
    if (!pageToken) break;
  }
  return consents;
}
