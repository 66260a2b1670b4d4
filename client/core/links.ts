/** Schemes that lead out of the editor: pages in a browser, and nothing that could start a program. */
const outside = new Set(['http', 'https']);

/** Whether a link may leave the editor. */
export const mayOpenOutside = (scheme: string): boolean => outside.has(scheme);

/**
 * Whether a link in a document may be followed: to a page, or to a document of the workspace or of ours.
 *
 * @param documents schemes of documents, as in the document selector
 */
export const mayFollow = (scheme: string, documents: readonly string[]): boolean =>
  outside.has(scheme) || documents.includes(scheme);
