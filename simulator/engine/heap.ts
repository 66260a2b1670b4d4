/** A place in a heap. `at` is where it stands, -1 outside; equal keys keep the order of `order`. */
export class HeapNode<T> {
  key = Number.POSITIVE_INFINITY;
  at = -1;
  readonly value: T;
  readonly order: number;

  constructor(value: T, order: number) {
    this.value = value;
    this.order = order;
  }
}

/** A binary heap, least key first, whose nodes can be removed and given another key wherever they stand. */
export class Heap<T> {
  readonly #nodes: HeapNode<T>[] = [];

  get size(): number {
    return this.#nodes.length;
  }

  first(): HeapNode<T> | undefined {
    return this.#nodes[0];
  }

  /** Puts a node in, or moves it to where its new key belongs. */
  set(node: HeapNode<T>, key: number): void {
    const before = node.key;
    node.key = key;
    if (node.at < 0) {
      this.#nodes.push(node);
      this.#rise(node, this.#nodes.length - 1);
    } else if (key < before) this.#rise(node, node.at);
    else this.#sink(node, node.at);
  }

  pop(): HeapNode<T> | undefined {
    const first = this.#nodes[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Does nothing where the node is in no heap. */
  remove(node: HeapNode<T>): void {
    const { at } = node;
    if (at < 0) return;
    node.at = -1;
    const last = this.#nodes.pop();
    if (last === undefined || last === node) return;
    const parent = this.#nodes[(at - 1) >> 1];
    if (at > 0 && parent !== undefined && precedes(last, parent)) this.#rise(last, at);
    else this.#sink(last, at);
  }

  clear(): void {
    for (const node of this.#nodes) node.at = -1;
    this.#nodes.length = 0;
  }

  #rise(node: HeapNode<T>, from: number): void {
    const nodes = this.#nodes;
    let at = from;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = nodes[up];
      if (parent === undefined || !precedes(node, parent)) break;
      nodes[at] = parent;
      parent.at = at;
      at = up;
    }
    nodes[at] = node;
    node.at = at;
  }

  #sink(node: HeapNode<T>, from: number): void {
    const nodes = this.#nodes;
    const size = nodes.length;
    let at = from;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= size) break;
      let child = nodes[down];
      const right = down + 1 < size ? nodes[down + 1] : undefined;
      if (child !== undefined && right !== undefined && precedes(right, child)) {
        child = right;
        down++;
      }
      if (child === undefined || !precedes(child, node)) break;
      nodes[at] = child;
      child.at = at;
      at = down;
    }
    nodes[at] = node;
    node.at = at;
  }
}

function precedes<T>(a: HeapNode<T>, b: HeapNode<T>): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}
