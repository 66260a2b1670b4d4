export function packageExtension(say: (text: string) => void): Promise<string>;
