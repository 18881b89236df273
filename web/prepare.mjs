// The API explorer comes from its package and is served by us: it loads nothing from another host.
import { copyFileSync } from 'node:fs';

copyFileSync('node_modules/rapidoc/dist/rapidoc-min.js', 'static/rapidoc-min.js');
