// The same walk as in the desktop's workbench.
export { name, run } from '../../vscode/drives/open.ts';
