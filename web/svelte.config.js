import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit').Config} */
export default {
  kit: {
    adapter: adapter({ pages: 'dist', assets: 'dist', fallback: 'index.html' }),
    // The start script of the page is named by its hash, so no other inline script runs.
    csp: { mode: 'hash', directives: { 'script-src': ['self'] } }
  }
};
