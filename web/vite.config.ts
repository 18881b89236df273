import tailwindcss from '@tailwindcss/vite';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';
import { icons } from './icons';

// `npm run dev` shows the desk that runs at DESK (default http://127.0.0.1:8080).
const desk = process.env.DESK ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [tailwindcss(), icons(), sveltekit()],
  server: { proxy: { '/api': desk, '/rapidoc-min.js': desk } },
  // Small files that are always asked for together are one: each costs a round trip.
  build: { chunkSizeWarningLimit: 900, rollupOptions: { output: { experimentalMinChunkSize: 40_000 } } },
  test: { include: ['src/**/*.test.ts'] }
});
