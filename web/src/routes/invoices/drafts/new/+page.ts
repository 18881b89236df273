import { redirect } from '@sveltejs/kit';

/** Where a new invoice was written before; links to it may be kept somewhere. */
export function load({ url }: { url: URL }) {
  redirect(307, `/invoices/new${url.search}`);
}
