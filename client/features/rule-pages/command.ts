export const openRulePage = 'pcie.openRulePage';

const rulePattern = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\/[a-z0-9]+(?:-[a-z0-9]+)*)+$/;

/** Whether a text has the form of a rule's code: it becomes part of a path. */
export const isRuleCode = (text: unknown): text is string => typeof text === 'string' && rulePattern.test(text);

/** A command URI that opens the page of a rule. */
export const rulePageCommand = (code: string): string =>
  `command:${openRulePage}?${encodeURIComponent(JSON.stringify([code]))}`;

/** Where a rule's page is below the extension. */
export const rulePagePath = (code: string): readonly string[] => ['docs', 'rules', ...`${code}.md`.split('/')];
