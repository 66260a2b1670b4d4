export function chromium(say: (text: string) => void): Promise<string>;
export function codeServer(say: (text: string) => void): Promise<{ readonly node: string; readonly entry: string }>;
export function webWorkbench(
  say: (text: string) => void,
): Promise<{ readonly entry: string; readonly builds: string; readonly commit: string }>;
export function aptInstall(packages: readonly string[]): Promise<boolean>;
