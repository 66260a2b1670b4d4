import { Uri, window, workspace } from 'vscode';

/** Asks where to keep a picture, and writes it; answers the name of the file, or null where nobody wants it. */
export async function savePicture(
  source: string,
  name: string,
  picture: { readonly format: 'svg' | 'png'; readonly content: string },
): Promise<string | null> {
  const { format, content } = picture;
  const uri = Uri.parse(source);
  const folder = uri.scheme === 'untitled' ? workspace.workspaceFolders?.[0]?.uri : Uri.joinPath(uri, '..');
  const target = await window.showSaveDialog({
    title: 'Save the picture',
    filters: format === 'svg' ? { 'SVG picture': ['svg'] } : { 'PNG picture': ['png'] },
    ...(folder === undefined ? {} : { defaultUri: Uri.joinPath(folder, `${name}.${format}`) }),
  });
  if (target === undefined) return null;
  await workspace.fs.writeFile(target, format === 'svg' ? new TextEncoder().encode(content) : fromBase64(content));
  return target.path.slice(target.path.lastIndexOf('/') + 1);
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
