import { startNodeServer } from './start.node.ts';

startNodeServer();
