/** The version of the manifest; a test holds the two together. */
export const version = '0.1.0';
