/** Text to model: public API of `pcie-topology/language`. */

export { formatText } from '../language/format.ts';
export { createPcieServices } from '../language/module.ts';
export { checkDocument } from '../language/rules/check.ts';
export { rules } from '../language/rules/registry.ts';
export { loadCatalogue } from '../language/services/workspace.ts';
