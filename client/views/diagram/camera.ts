/** Which part of the picture is to be seen: a point of the picture is at `zoom × point + (x, y)` of the canvas. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Area extends Size {
  readonly x: number;
  readonly y: number;
}

export const zoomLimits = { least: 0.02, most: 4 } as const;

/** Zooms about a point of the canvas, which stays where it is. */
export function zoomed(camera: Camera, factor: number, at: { readonly x: number; readonly y: number }): Camera {
  const zoom = Math.min(zoomLimits.most, Math.max(zoomLimits.least, camera.zoom * factor));
  const ratio = zoom / camera.zoom;
  return { zoom, x: at.x - (at.x - camera.x) * ratio, y: at.y - (at.y - camera.y) * ratio };
}

/** Shows all of an area, in the middle, no larger than its natural size. */
export function fitted(area: Area, canvas: Size, margin = 24): Camera {
  const zoom = Math.min(
    1.25,
    (canvas.width - 2 * margin) / Math.max(1, area.width),
    (canvas.height - 2 * margin) / Math.max(1, area.height),
  );
  const kept = Math.max(zoomLimits.least, zoom);
  return {
    zoom: kept,
    x: canvas.width / 2 - (area.x + area.width / 2) * kept,
    // What is small stands at the top, where reading begins.
    y: Math.max(margin - area.y * kept, (canvas.height - area.height * kept) / 2 - area.y * kept),
  };
}

/** Moves as little as needed to show an area; zooms in where the zoom is less than `least`. */
export function revealing(camera: Camera, area: Area, canvas: Size, least: number, margin = 30): Camera {
  const zoom = Math.max(camera.zoom, least);
  const scaled = zoom === camera.zoom ? camera : zoomed(camera, zoom / camera.zoom, centre(camera, area));
  return {
    zoom,
    x: scaled.x + shift(scaled.x + area.x * zoom, area.width * zoom, canvas.width, margin),
    y: scaled.y + shift(scaled.y + area.y * zoom, area.height * zoom, canvas.height, margin),
  };
}

const centre = (camera: Camera, area: Area) => ({
  x: camera.x + (area.x + area.width / 2) * camera.zoom,
  y: camera.y + (area.y + area.height / 2) * camera.zoom,
});

function shift(start: number, length: number, room: number, margin: number): number {
  if (length > room - 2 * margin) return margin - start;
  if (start < margin) return margin - start;
  return start + length > room - margin ? room - margin - start - length : 0;
}

/** Keeps a thing where it is on the canvas while the picture around it is laid out anew. */
export function anchored(camera: Camera, before: Area, after: Area): Camera {
  return {
    zoom: camera.zoom,
    x: camera.x + (before.x + before.width / 2 - after.x - after.width / 2) * camera.zoom,
    y: camera.y + (before.y - after.y) * camera.zoom,
  };
}

/** The part of the picture that the canvas shows, and a fifth of it on every side. */
export function around(camera: Camera, { width, height }: Size): Area {
  const { x, y, zoom } = camera;
  return {
    x: (-x - width / 5) / zoom,
    y: (-y - height / 5) / zoom,
    width: (1.4 * width) / zoom,
    height: (1.4 * height) / zoom,
  };
}

export const overlaps = (a: Area, b: Area): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
