export function freePort(): Promise<number>;
export function answers(url: string, seconds: number): Promise<void>;
export function startCodeServer(options: {
  readonly vsix: string;
  /** More packages that are installed. */
  readonly more?: readonly string[];
  readonly state: string;
  readonly say: (text: string) => void;
  /** Folders are not trusted, and nobody is asked whether they are. */
  readonly restricted?: boolean;
}): Promise<{
  readonly url: string;
  readonly address: (folder: string, file?: string) => string;
  readonly stop: () => Promise<void>;
}>;
