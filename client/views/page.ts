/** A view as a page: its own script and style sheet, named `<bundle>.js` and `<bundle>.css`. */
export interface ViewPage {
  /** Also the id of the element that the view fills. */
  readonly bundle: string;
  /** Of the page; our own words. */
  readonly title: string;
  /** Images from data may be shown: for a picture that is turned into a PNG. */
  readonly images?: boolean;
  /** WebAssembly may be compiled, which its script has as a data URL and reads like one; text still never runs as code. */
  readonly wasm?: boolean;
}

/** Where a page finds its files, and what lets its script in. */
export interface PageParts {
  /** The address of a file of the view. */
  address(name: string): string;
  /** Where the webview's resources come from. */
  readonly cspSource: string;
  readonly nonce: string;
}

/** The page of a view: nothing is loaded but its own script and its own style sheet, nothing is sent anywhere. */
export function viewPage({ bundle, title, images = false, wasm = false }: ViewPage, parts: PageParts): string {
  const { cspSource, nonce } = parts;
  const policy = [
    "default-src 'none'",
    `style-src ${cspSource}`,
    `script-src 'nonce-${nonce}'${wasm ? " 'wasm-unsafe-eval'" : ''}`,
    ...(wasm ? ['connect-src data:'] : []),
    ...(images ? ['img-src data:'] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${parts.address(`${bundle}.css`)}">
  <title>${title}</title>
</head>
<body>
  <main id="${bundle}"></main>
  <script nonce="${nonce}" src="${parts.address(`${bundle}.js`)}"></script>
</body>
</html>`;
}

/** A value that nobody can guess, for one page. */
export function makeNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
