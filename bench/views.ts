// What a person waits for in the views: node bench/views.ts. The measuring is in test/vscode, beside the other drives.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const { status } = spawnSync(process.execPath, ['test/vscode/speed.ts'], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
