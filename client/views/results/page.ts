export interface PageParts {
  readonly script: string;
  readonly style: string;
  /** Where the webview's resources come from. */
  readonly cspSource: string;
  readonly nonce: string;
}

/** The page of the view: nothing is loaded but its own script and its own style sheet, nothing is sent anywhere. */
export function resultsPage({ script, style, cspSource, nonce }: PageParts): string {
  const policy = `default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${style}">
  <title>PCIe results</title>
</head>
<body>
  <main id="results"></main>
  <script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

/** A value that nobody can guess, for one page. */
export function makeNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
