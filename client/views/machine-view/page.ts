import type { PageParts } from '../results/page.ts';

/**
 * The page of a view of one machine: nothing is loaded but its own script and its own style sheet, nothing is sent
 * anywhere. `id` names the element that the view fills, `title` the page; both are our own words.
 */
export function machinePage(id: string, title: string, { script, style, cspSource, nonce }: PageParts): string {
  const policy = `default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${style}">
  <title>${title}</title>
</head>
<body>
  <main id="${id}"></main>
  <script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
