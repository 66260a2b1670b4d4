import type { PageParts } from '../results/page.ts';

/**
 * The page of the view: nothing is loaded but its own script and its own style sheet, nothing is sent anywhere. Images
 * from data alone, for the picture that is turned into a PNG.
 */
export function diagramPage({ script, style, cspSource, nonce }: PageParts): string {
  const policy = `default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${style}">
  <title>PCIe topology</title>
</head>
<body>
  <main id="diagram"></main>
  <script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
