import {
  Align,
  type Config,
  Edge,
  FlexDirection,
  Gutter,
  Justify,
  loadYoga,
  type Node,
  type Yoga,
} from 'yoga-layout/load';

/** Where something stands, in units of the picture. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Something that takes up room, and what is inside of it. */
export interface Item {
  readonly node: Node;
  readonly inside: readonly Item[];
  readonly placed: Placed | null;
}

/** Is told where an item stands, from the upper left corner of the outermost one. */
type Placed = (area: Area) => unknown;

/** How an item stands, and what is inside of it; lengths in units of the picture. */
export interface Style {
  readonly minWidth?: number;
  readonly height?: number;
  readonly marginTop?: number;
  readonly paddingTop?: number;
  readonly paddingBottom?: number;
  readonly paddingSides?: number;
  /** Between two that are inside. */
  readonly gap?: number;
  /** In the middle from left to right; otherwise a column stretches what is inside, and a row begins at the left. */
  readonly centered?: boolean;
}

/** Boxes in rows and columns, placed by Yoga: CSS flexbox, in WebAssembly. */
export class Flex {
  readonly #yoga: Yoga;
  readonly #config: Config;
  readonly #styles = new Map<string, Node>();

  private constructor(yoga: Yoga) {
    this.#yoga = yoga;
    this.#config = yoga.Config.create();
    // No rounding: what is in the middle of something stands in its middle.
    this.#config.setPointScaleFactor(0);
  }

  /** @throws where WebAssembly may not be compiled */
  static async load(): Promise<Flex> {
    return new Flex(await loadYoga());
  }

  /** Something of a size of its own. */
  leaf(width: number, height: number, placed: Placed | null = null): Item {
    const node = this.#yoga.Node.createWithConfig(this.#config);
    node.setWidth(width);
    node.setHeight(height);
    return { node, inside: [], placed };
  }

  column(style: Style, inside: readonly Item[], placed: Placed | null = null): Item {
    return this.#item('column', style, inside, placed);
  }

  /** What is inside begins at one height and keeps its own. */
  row(style: Style, inside: readonly Item[], placed: Placed | null = null): Item {
    return this.#item('row', style, inside, placed);
  }

  /** Places an item and all that is inside of it. They are used up: items may be placed once. */
  place(outermost: Item): { readonly width: number; readonly height: number } {
    outermost.node.calculateLayout(undefined, undefined);
    const { width, height } = settle(outermost, 0, 0);
    return { width, height };
  }

  #item(kind: 'row' | 'column', style: Style, inside: readonly Item[], placed: Placed | null): Item {
    const node = this.#yoga.Node.createWithConfig(this.#config);
    node.copyStyle(this.#styled(kind, style));
    for (const [index, item] of inside.entries()) node.insertChild(item.node, index);
    return { node, inside, placed };
  }

  /** A node to copy a style from: one call into WebAssembly instead of one for each property. */
  #styled(kind: 'row' | 'column', style: Style): Node {
    const { height, minWidth = 0, marginTop = 0, gap = 0, centered = false } = style;
    const { paddingTop = 0, paddingBottom = 0, paddingSides = 0 } = style;
    const padding = `${paddingTop} ${paddingBottom} ${paddingSides}`;
    const key = `${kind} ${centered} ${height} ${minWidth} ${marginTop} ${gap} ${padding}`;
    const known = this.#styles.get(key);
    if (known !== undefined) return known;
    const node = this.#yoga.Node.createWithConfig(this.#config);
    node.setHeight(height);
    node.setMinWidth(minWidth);
    node.setMargin(Edge.Top, marginTop);
    node.setPadding(Edge.Top, paddingTop);
    node.setPadding(Edge.Bottom, paddingBottom);
    node.setPadding(Edge.Horizontal, paddingSides);
    node.setGap(Gutter.All, gap);
    if (kind === 'row') {
      node.setFlexDirection(FlexDirection.Row);
      node.setAlignItems(Align.FlexStart);
      if (centered) node.setJustifyContent(Justify.Center);
    } else if (centered) {
      node.setAlignItems(Align.Center);
    }
    this.#styles.set(key, node);
    return node;
  }
}

/** Tells all where they stand, from the outermost inwards, and gives their memory back. */
function settle({ node, inside, placed }: Item, left: number, top: number): Area {
  const { left: x, top: y, width, height } = node.getComputedLayout();
  const area = { x: left + x, y: top + y, width, height };
  placed?.(area);
  for (const item of inside) settle(item, area.x, area.y);
  node.free();
  return area;
}
