import type { Frame, Locator, Page } from 'playwright-core';
import { openView, viewFrame } from './views.ts';

const drawn = 'main#diagram [data-node]';

/** Opens the picture of the active text. */
export const openPicture = (page: Page): Promise<Frame> => openView(page, 'PCIe: Show Topology', /topology/i, drawn);

/** The frame of the topology view, wherever it stands among other views. */
export const pictureFrame = (page: Page): Promise<Frame> => viewFrame(page, drawn);

/** A component in the picture, by its qualified name. */
export const node = (frame: Frame, name: string): Locator => frame.locator(`[data-node="${name}"]`);

/** The link below a port. */
export const wire = (frame: Frame, port: string): Locator => frame.locator(`.wires [data-link="${port}"]`);
