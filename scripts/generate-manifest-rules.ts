/**
 * Writes the codes of all rules into the setting `pcie.rules` of the manifest, so that the settings editor completes
 * and checks them: `node scripts/generate-manifest-rules.ts`. Reads `docs/rules/index.json`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package.json', import.meta.url);
const index = JSON.parse(readFileSync(new URL('../docs/rules/index.json', import.meta.url), 'utf8')) as {
  readonly code: string;
}[];

interface RulesSetting {
  propertyNames?: { readonly enum: readonly string[] };
}
const manifest = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly contributes: { readonly configuration: readonly { readonly properties: Record<string, RulesSetting> }[] };
};
const setting = manifest.contributes.configuration.map((part) => part.properties['pcie.rules']).find(Boolean);
if (setting === undefined) throw new Error('The manifest has no setting pcie.rules.');
setting.propertyNames = { enum: index.map((rule) => rule.code) };
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
