import { Uri, type Webview } from 'vscode';
import { makeNonce, type ViewPage, viewPage } from '../views/page.ts';

/** Puts a view's page into a webview, which may load the files of the views and nothing else. */
export function fillWebview(webview: Webview, extensionUri: Uri, view: ViewPage): void {
  const resources = Uri.joinPath(extensionUri, 'dist', 'views');
  webview.options = { enableScripts: true, localResourceRoots: [resources] };
  webview.html = viewPage(view, {
    address: (name) => webview.asWebviewUri(Uri.joinPath(resources, name)).toString(),
    cspSource: webview.cspSource,
    nonce: makeNonce(),
  });
}
