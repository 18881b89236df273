// Packs what the build wrote, for the binary: texts are kept as gzip and as Brotli only, since a page is packed once and
// sent often; a browser speaks Brotli under TLS and to its own machine, gzip everywhere (RFC 9110 §8.4.1).
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Below this nothing is gained: a packet of the network is as large. */
const SMALL = 1200;

for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  const path = `${entry.parentPath}/${entry.name}`;
  if (!entry.isFile() || !/\.(js|css|svg|json|txt)$/.test(path)) continue;
  const bytes = readFileSync(path);
  if (bytes.length < SMALL) continue;
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT }
  }));
  rmSync(path);
}
