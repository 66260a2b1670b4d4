/** Where the page of a rule is found: a folder or a web address that the client names, or nowhere. */
export class RulePages {
  #base: string | null = null;

  /** @param base URL of the folder `docs/rules`; null: rules have no pages here */
  set(base: string | null): void {
    this.#base = base === null ? null : base.replace(/\/+$/, '');
  }

  /** The page of a rule by its code (`p2p/acs-redirect`), or undefined where there are no pages or the code is odd. */
  urlOf(code: string): string | undefined {
    if (this.#base === null || !/^[a-z0-9-]+(\/[a-z0-9-]+)+$/.test(code)) return undefined;
    return `${this.#base}/${code}.md`;
  }
}
