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
  /** Tells items apart that stand otherwise. */
  readonly key: string;
  readonly inside: readonly Item[];
  readonly placed: Placed | null;
  /** Makes it an item of Yoga, without what is inside. */
  readonly made: () => Node;
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
  /** Where items stand, by their keys. */
  readonly #known = new Map<string, readonly Area[]>();

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
    const made = () => {
      const node = this.#yoga.Node.createWithConfig(this.#config);
      node.setWidth(width);
      node.setHeight(height);
      return node;
    };
    return { key: `${width}x${height}`, inside: [], placed, made };
  }

  column(style: Style, inside: readonly Item[], placed: Placed | null = null): Item {
    return this.#item('column', style, inside, placed);
  }

  /** What is inside begins at one height and keeps its own. */
  row(style: Style, inside: readonly Item[], placed: Placed | null = null): Item {
    return this.#item('row', style, inside, placed);
  }

  /** Tells an item and all that is inside of it where they stand, from the outermost inwards. */
  place(outermost: Item): { readonly width: number; readonly height: number } {
    const known = this.#known.get(outermost.key);
    const areas = known ?? this.#computed(outermost);
    if (known === undefined) {
      if (this.#known.size >= mostKnown) this.#known.clear();
      this.#known.set(outermost.key, areas);
    }
    const [all = { width: 0, height: 0 }] = areas;
    let index = 0;
    const tell = ({ placed, inside }: Item) => {
      const area = areas[index++];
      if (area !== undefined) placed?.(area);
      for (const item of inside) tell(item);
    };
    tell(outermost);
    return { width: all.width, height: all.height };
  }

  #computed(outermost: Item): readonly Area[] {
    const nodes: Node[] = [];
    const build = ({ made, inside }: Item): Node => {
      const node = made();
      nodes.push(node);
      for (const [index, item] of inside.entries()) node.insertChild(build(item), index);
      return node;
    };
    const root = build(outermost);
    root.calculateLayout(undefined, undefined);
    const areas: Area[] = [];
    const read = ({ inside }: Item, x: number, y: number) => {
      const { left, top, width, height } = (nodes[areas.length] ?? root).getComputedLayout();
      const area = { x: x + left, y: y + top, width, height };
      areas.push(area);
      for (const item of inside) read(item, area.x, area.y);
    };
    read(outermost, 0, 0);
    for (const node of nodes) node.free();
    return areas;
  }

  #item(kind: 'row' | 'column', style: Style, inside: readonly Item[], placed: Placed | null): Item {
    const { height, minWidth = 0, marginTop = 0, gap = 0, centered = false } = style;
    const { paddingTop = 0, paddingBottom = 0, paddingSides = 0 } = style;
    const padding = `${paddingTop} ${paddingBottom} ${paddingSides}`;
    const name = `${kind} ${centered} ${height} ${minWidth} ${marginTop} ${gap} ${padding}`;
    const key = `${name}(${inside.map((item) => item.key).join()})`;
    return { key, inside, placed, made: () => this.#made(name, kind, style) };
  }

  /** An item of a style: copied, which is one call into WebAssembly instead of one for each property. */
  #made(name: string, kind: 'row' | 'column', style: Style): Node {
    let known = this.#styles.get(name);
    if (known === undefined) {
      known = styled(this.#yoga.Node.createWithConfig(this.#config), kind, style);
      this.#styles.set(name, known);
    }
    const node = this.#yoga.Node.createWithConfig(this.#config);
    node.copyStyle(known);
    return node;
  }
}

/** Machines have many switches of one form; more forms than this are not kept. */
const mostKnown = 500;

function styled(node: Node, kind: 'row' | 'column', style: Style): Node {
  const { height, minWidth = 0, marginTop = 0, gap = 0, centered = false } = style;
  const { paddingTop = 0, paddingBottom = 0, paddingSides = 0 } = style;
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
  return node;
}
