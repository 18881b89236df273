import tailwindcss from '@tailwindcss/vite';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

// `npm run dev` shows the desk that runs at DESK (default http://127.0.0.1:8080).
const desk = process.env.DESK ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [tailwindcss(), sveltekit()],
  server: { proxy: { '/api': desk, '/rapidoc-min.js': desk } },
  build: { chunkSizeWarningLimit: 900 },
  test: { include: ['src/**/*.test.ts'] }
});
