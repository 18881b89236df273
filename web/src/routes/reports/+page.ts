import { redirect } from '@sveltejs/kit';

export function load({ url }: { url: URL }) {
  redirect(307, `/reports/revenue${url.search}`);
}
