/** What a machine does over time: public API of `pcie-topology/simulator`. */
export { runFlows } from '../simulator/engine/run-flows.ts';
export { describePath, peerMatrix } from '../simulator/path.ts';
export { type Cost, type PriceRequest, priceOf } from '../simulator/price.ts';
export { parseReplay } from '../simulator/replay.ts';
export { simulate } from '../simulator/simulate.ts';
export { PerfettoWriter } from '../simulator/trace/perfetto.ts';
export { PerfettoTracer, perfettoChunks } from '../simulator/trace/run-trace.ts';
