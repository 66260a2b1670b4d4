export function freePort(): Promise<number>;
export function answers(url: string, seconds: number): Promise<void>;
export function startCodeServer(options: {
  readonly vsix: string;
  readonly state: string;
  readonly say: (text: string) => void;
  /** Folders are not trusted, and nobody is asked whether they are. */
  readonly restricted?: boolean;
}): Promise<{
  readonly url: string;
  readonly address: (
    folder: string,
    /** A file to show, and the folders of more extensions. */
    more?: { readonly file?: string; readonly extensions?: readonly string[] },
  ) => string;
  readonly stop: () => Promise<void>;
}>;
