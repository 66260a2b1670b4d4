import { liveRecords } from './live.ts';
import { records } from './recorded.ts';
import { serveResults } from './server.ts';
import { themes } from './themes.ts';

/** `node test/client/views/serve.ts`: the views in a browser, for design. Ends with Ctrl-C. */
const { url } = await serveResults();
for (const data of [...Object.keys(records), ...(await liveRecords()).keys()]) {
  for (const theme of Object.keys(themes)) console.log(`${url}?data=${data}&theme=${theme}`);
}
