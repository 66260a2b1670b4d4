// npm run package: build/pcie-topology.vsix.
import { bootstrap } from './lib/bootstrap.mjs';
import { packageExtension } from './lib/package.mjs';

await bootstrap(console.log);
console.log(await packageExtension(console.log));
