// The npm packages that documented clients ask for; they are installed beside the browser tests.
import { createRequire } from 'node:module';

export const require = createRequire(new URL('../browser/package.json', import.meta.url));
