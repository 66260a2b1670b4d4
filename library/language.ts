/** Text to model: public API of `pcie-topology/language`. */

export { formatText } from '../language/format.ts';
export { createPcieServices } from '../language/module.ts';
export { partIndexOf } from '../language/print/part-index.ts';
export { printMachine } from '../language/print.ts';
export { checkDocument } from '../language/rules/check.ts';
export { rules } from '../language/rules/registry.ts';
export { checkAll } from '../language/rules/settle.ts';
export { loadCatalogue } from '../language/services/catalogue.ts';
