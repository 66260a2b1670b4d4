import type { Area } from './camera.ts';
import type { Canvas } from './canvas.ts';
import { legendBelow } from './draw/legend.ts';
import type { Picture } from './draw/picture.ts';
import { legendRows } from './panel/legend.ts';
import type { ViewState } from './state.ts';
import { setAttributes } from './svg.ts';

/** The picture as a file with its legend: SVG as text, PNG in base 64. Fails where the browser cannot draw it. */
export async function pictureFile(
  format: 'svg' | 'png',
  picture: Picture,
  canvas: Canvas,
  state: ViewState,
): Promise<string> {
  const background = getComputedStyle(document.body).backgroundColor;
  const title = `Topology of ${state.tree?.diagram.machine ?? ''}`;
  // By itself a picture has to say what its widths and colours mean.
  const { group, area } = legendBelow(legendRows(state), canvas.area);
  picture.scene.append(group);
  // What is chosen at the moment is of no interest later; a route is.
  const chosen = [...picture.svg.querySelectorAll('.selected, .marked')];
  const classes = chosen.map((element) => element.getAttribute('class') ?? '');
  for (const element of chosen) element.classList.remove('selected', 'marked');
  const text = canvas.whole(() => svgText(picture.svg, area, background, title));
  for (const [index, element] of chosen.entries()) element.setAttribute('class', classes[index] ?? '');
  group.remove();
  return format === 'svg' ? text : pngOf(text, area.width + 48, area.height + 48);
}

/** What a drawing needs of its style to look the same by itself. */
const kept = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'display',
  'visibility',
] as const;

/** What those are where nobody says; left out of the file. */
const usual: Readonly<Record<string, string>> = {
  'fill-opacity': '1',
  'stroke-opacity': '1',
  'stroke-dasharray': 'none',
  'stroke-linecap': 'butt',
  'stroke-linejoin': 'miter',
  opacity: '1',
  display: 'inline',
  visibility: 'visible',
  'text-anchor': 'start',
};

/**
 * The whole picture as a file of its own, as it looks now, whatever part of it is to be seen: no style sheet, no
 * script, nothing outside.
 *
 * @param area what the picture takes up, in its own units
 */
function svgText(svg: SVGSVGElement, area: Area, background: string, title: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = svg.querySelectorAll('*');
  const margin = 24;
  for (const [index, element] of [...copy.querySelectorAll('*')].entries()) {
    const original = originals[index];
    if (original !== undefined) inline(original, element);
  }
  for (const scrap of copy.querySelectorAll('.halo, .hit, .ghost, [display=none]')) scrap.remove();
  copy.querySelector('.scene')?.removeAttribute('transform');
  const frame = [area.x - margin, area.y - margin, area.width + 2 * margin, area.height + 2 * margin];
  const root = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  setAttributes(root, {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: frame.map(Math.round).join(' '),
    width: Math.round(frame[2] ?? 0),
    height: Math.round(frame[3] ?? 0),
    role: 'img',
  });
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  setAttributes(ground, { x: frame[0], y: frame[1], width: frame[2], height: frame[3], fill: background });
  const name = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  name.textContent = title;
  root.append(name, ground, ...copy.children);
  return new XMLSerializer().serializeToString(root);
}

function inline(original: Element, copy: Element): void {
  const style = getComputedStyle(original);
  for (const name of kept) {
    const value = style.getPropertyValue(name);
    if (value !== '' && value !== usual[name]) copy.setAttribute(name, value);
  }
  const drawn = copy.tagName === 'g' || copy.tagName === 'svg';
  // Groups hand on what their content says again.
  if (drawn) for (const name of kept) if (name !== 'opacity' && name !== 'display') copy.removeAttribute(name);
  for (const name of [
    'class',
    'role',
    'tabindex',
    'data-node',
    'data-link',
    'data-connection',
    'data-ends',
    'data-fold',
  ]) {
    if (name !== 'class' || !/\b(scene|halo|hit|ghost)\b/.test(copy.getAttribute('class') ?? '')) {
      copy.removeAttribute(name);
    }
  }
  for (const { name } of [...copy.attributes]) if (name.startsWith('aria-')) copy.removeAttribute(name);
}

/** Browsers draw no larger pictures than this on a side. */
const mostPixels = 8192;

/** An SVG text as PNG, in base 64, at twice its size where that is possible. */
async function pngOf(svg: string, width: number, height: number): Promise<string> {
  const scale = Math.min(2, mostPixels / Math.max(1, width), mostPixels / Math.max(1, height));
  const image = new Image();
  const loaded = new Promise<void>((resolve, reject) => {
    image.onload = () => resolve();
    image.onerror = () => reject(new Error('The picture could not be drawn.'));
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await loaded;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('The picture could not be drawn.');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').replace(/^data:image\/png;base64,/, '');
}
