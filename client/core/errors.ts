/** Codes of LSP 3.18 that mean "nobody wants the answer any more". */
const cancelledCodes: readonly unknown[] = [-32800, -32802];

/** Whether an error only says that something was cancelled: such errors are never shown. */
export function isCancellation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return error.name === 'Canceled' || error.name === 'CancellationError' || cancelledCodes.includes(code);
}

/** The sentence of an error, for people. */
export function messageOf(error: unknown): string {
  if (error instanceof Error && error.message !== '') return error.message;
  return typeof error === 'string' && error !== '' ? error : 'Something went wrong; the log says more.';
}
