export const catalogueFiles: readonly { readonly name: string; readonly text: string }[] = [];
