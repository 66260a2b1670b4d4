import { type Dimension, toSi, units, usualUnits } from '../../model/quantity.ts';
import type { Scalar, Value } from '../generated/ast.ts';
import { describe, type ValueCursor, wordOf } from './cursor.ts';
import { nearUnits } from './near-units.ts';

/** Reads some of the values of a property. Undefined after a problem has been reported to the cursor. */
export interface Reader<T> {
  /** How the values are written, for documentation and completion: `<size>`, `gen<n> x<n>`. */
  readonly shape: string;
  /** Words and snippets that may stand here. */
  readonly offers: readonly string[];
  readonly dimension?: Dimension;
  read(cursor: ValueCursor): T | undefined;
}

const dimensionNames: Readonly<Record<Dimension, string>> = {
  bytes: 'a size such as 4 KiB',
  bytesPerSecond: 'a rate such as 25 GB/s',
  seconds: 'a time such as 5 us',
  hertz: 'a frequency such as 2 GHz',
  iops: 'operations per second such as 900 kIOPS',
  fraction: 'a share such as 90 %',
  transfersPerSecond: 'a transfer rate such as 16 GT/s',
};

const dimensionShapes: Readonly<Record<Dimension, string>> = {
  bytes: '<size>',
  bytesPerSecond: '<rate>',
  seconds: '<time>',
  hertz: '<frequency>',
  iops: '<operations per second>',
  fraction: '<share>',
  transfersPerSecond: '<transfer rate>',
};

const wordNumber = /^([0-9]+(?:\.[0-9]+)?)([A-Za-z%/\u00b5\u03bc]+)$/;

/** The SI value of one scalar in `dimension`; reports and returns undefined where it is not one. */
export function readQuantity(scalar: Scalar, dimension: Dimension, cursor: ValueCursor): number | undefined {
  const at = cursor.position;
  if (scalar.$type === 'Quantity') {
    if (scalar.unit === undefined) {
      if (dimension === 'iops') return Number(scalar.number);
      if (dimension === 'seconds' && Number(scalar.number) === 0) return 0;
      const word = cursor.peekBehind();
      const meant = word === undefined ? [] : nearUnits(word, dimension);
      if (meant.length > 0) {
        cursor.take();
        cursor.problem({
          code: 'language/wrong-unit',
          message: `There is no unit '${word}': write ${meant.join(' or ')}.`,
          fixes: meant.map((unit) => ({ title: `Write ${scalar.number} ${unit}`, text: unit })),
        });
        return undefined;
      }
      cursor.problem({
        code: 'language/missing-unit',
        message: `${scalar.number} needs a unit: write ${dimensionNames[dimension]}.`,
        at,
        fixes: usualUnits[dimension].map((unit) => ({
          title: `Write ${scalar.number} ${unit}`,
          text: `${scalar.number} ${unit}`,
        })),
      });
      return undefined;
    }
    const unit = units.get(scalar.unit);
    if (unit?.dimension === dimension) return toSi(scalar.number, unit);
    cursor.problem({
      code: 'language/wrong-unit',
      message: `${scalar.number} ${scalar.unit} is not ${dimensionNames[dimension]}.`,
      at,
      fixes: usualUnits[dimension].slice(0, 5).map((symbol) => ({
        title: `Write ${scalar.number} ${symbol}`,
        text: `${scalar.number} ${symbol}`,
      })),
    });
    return undefined;
  }
  const word = wordOf(scalar);
  const glued = word === undefined ? null : wordNumber.exec(word);
  if (glued?.[1] !== undefined && glued[2] !== undefined) {
    const [, number, symbol] = glued;
    const known = units.get(symbol);
    if (known?.dimension === dimension) return toSi(number, known);
    const meant = known === undefined ? nearUnits(symbol, dimension) : [];
    cursor.problem({
      code: 'language/wrong-unit',
      message: known
        ? `${number} ${symbol} is not ${dimensionNames[dimension]}.`
        : `There is no unit '${symbol}': write ${dimensionNames[dimension]}.`,
      at,
      fixes: (meant.length > 0 ? meant : usualUnits[dimension].slice(0, 5)).map((unit) => ({
        title: `Write ${number} ${unit}`,
        text: `${number} ${unit}`,
      })),
    });
    return undefined;
  }
  cursor.problem({
    code: 'language/bad-value',
    message: `Expected ${dimensionNames[dimension]}, found '${scalar.$cstNode?.text ?? ''}'.`,
    at,
  });
  return undefined;
}

/** One quantity of a dimension, in SI. */
export function quantity(dimension: Dimension): Reader<number> {
  return {
    shape: dimensionShapes[dimension],
    offers: [],
    dimension,
    read(cursor) {
      const value = cursor.peek();
      if (value?.low === undefined || value.high !== undefined) {
        return missing(cursor, dimensionNames[dimension], value);
      }
      const result = readQuantity(value.low, dimension, cursor);
      cursor.take();
      return result;
    },
  };
}

function missing(cursor: ValueCursor, expected: string, value: Value | undefined): undefined {
  cursor.problem({
    code: value === undefined ? 'language/missing-value' : 'language/bad-value',
    message: value === undefined ? `Expected ${expected}.` : `Expected ${expected}, found ${describe(value)}.`,
  });
  if (value !== undefined) cursor.take();
  return undefined;
}

/** A whole number, decimal or hexadecimal, within bounds (inclusive). */
export function integer(minimum: number, maximum: number, offers: readonly string[] = []): Reader<number> {
  return {
    shape: '<number>',
    offers,
    read(cursor) {
      const value = cursor.peek();
      const low = value?.high === undefined ? value?.low : undefined;
      let number: number | undefined;
      if (low?.$type === 'Quantity' && low.unit === undefined) number = Number(low.number);
      else if (low?.$type === 'Literal' && /^0x/i.test(low.text)) number = Number(low.text);
      if (number === undefined || !Number.isSafeInteger(number)) return missing(cursor, 'a whole number', value);
      if (number < minimum || number > maximum) {
        cursor.problem({
          code: 'language/bad-value',
          message: `${number} is out of range: ${minimum} to ${maximum === Number.MAX_SAFE_INTEGER ? 'any' : maximum}.`,
        });
        cursor.take();
        return undefined;
      }
      cursor.take();
      return number;
    },
  };
}

/** Any number, with a decimal point or an exponent (`3e-8`). */
export function decimalNumber(): Reader<number> {
  return {
    shape: '<number>',
    offers: [],
    read(cursor) {
      const value = cursor.peek();
      const low = value?.high === undefined ? value?.low : undefined;
      let number = Number.NaN;
      if (low?.$type === 'Quantity' && low.unit === undefined) number = Number(low.number);
      else if (low !== undefined) number = Number(wordOf(low) ?? Number.NaN);
      if (!Number.isFinite(number)) return missing(cursor, 'a number', value);
      cursor.take();
      return number;
    },
  };
}

/** One of some words. */
export function oneOf<const W extends string>(...words: readonly W[]): Reader<W> {
  return {
    shape: words.join(' | '),
    offers: words,
    read(cursor) {
      const word = cursor.peekWord();
      const found = words.find((candidate) => candidate === word);
      if (found === undefined) {
        const value = cursor.peek();
        cursor.problem({
          code: value === undefined ? 'language/missing-value' : 'language/bad-value',
          message: `Expected ${words.length === 1 ? words[0] : `one of ${words.join(', ')}`}${value === undefined ? '' : `, found ${describe(value)}`}.`,
          fixes: value === undefined ? [] : words.slice(0, 6).map((text) => ({ title: `Write ${text}`, text })),
        });
        cursor.take();
        return undefined;
      }
      cursor.take();
      return found;
    },
  };
}

/** `on` or `off`. */
export const flag: Reader<boolean> = {
  shape: 'on | off',
  offers: ['on', 'off'],
  read(cursor) {
    const word = oneOf('on', 'off').read(cursor);
    return word === undefined ? undefined : word === 'on';
  },
};

/** A string in quotes. */
export const text: Reader<string> = {
  shape: '"<text>"',
  offers: [],
  read(cursor) {
    const value = cursor.peek();
    if (value?.low?.$type !== 'Text' || value.high !== undefined) return missing(cursor, 'a text in quotes', value);
    cursor.take();
    return value.low.text;
  },
};

/** Any one word: a name, a version, a model. */
export const word: Reader<string> = {
  shape: '<word>',
  offers: [],
  read(cursor) {
    const value = cursor.peek();
    const found = value?.high === undefined ? wordOf(value?.low) : undefined;
    if (found !== undefined) {
      cursor.take();
      return found;
    }
    if (value?.low?.$type === 'Quantity' && value.high === undefined && value.low.unit === undefined) {
      cursor.take();
      return value.low.number;
    }
    if (value?.low?.$type === 'Text') return text.read(cursor);
    return missing(cursor, 'a word', value);
  },
};

/** The value if it comes, undefined silently if there is none: for optional tails. */
export function optional<T>(reader: Reader<T>): Reader<T | null> {
  return {
    shape: `[${reader.shape}]`,
    offers: reader.offers,
    read: (cursor) => (cursor.done ? null : reader.read(cursor)),
  };
}

/** All the values that are left, each by the same reader; at least one. */
export function list<T>(reader: Reader<T>): Reader<readonly T[]> {
  return {
    shape: `${reader.shape} …`,
    offers: reader.offers,
    read(cursor) {
      const result: T[] = [];
      let sound = true;
      do {
        const value = reader.read(cursor);
        if (value === undefined) sound = false;
        else result.push(value);
      } while (!cursor.done);
      return sound ? result : undefined;
    },
  };
}

/** A range `a..b` of quantities, both ends in SI. */
export function quantityRange(dimension: Dimension): Reader<readonly [number, number]> {
  return {
    shape: `${dimensionShapes[dimension]}..${dimensionShapes[dimension]}`,
    offers: [],
    read(cursor) {
      const value = cursor.peek();
      if (value?.low === undefined || value.high === undefined) {
        return missing(cursor, `a range of two such as 256 MiB..32 GiB`, value);
      }
      const low = readQuantity(value.low, dimension, cursor);
      const high = readQuantity(value.high, dimension, cursor);
      cursor.take();
      return low === undefined || high === undefined ? undefined : [low, high];
    },
  };
}

/** A range `a..b` of whole numbers, decimal or hexadecimal, or one that is both ends. */
export const integerRange: Reader<readonly [number, number]> = {
  shape: '<number>..<number>',
  offers: [],
  read(cursor) {
    const value = cursor.peek();
    const ends = [value?.low, value?.high ?? value?.low].map((scalar) => {
      if (scalar?.$type === 'Quantity' && scalar.unit === undefined) return Number(scalar.number);
      if (scalar?.$type === 'Literal' && /^0x/i.test(scalar.text)) return Number(scalar.text);
      return undefined;
    });
    const [low, high] = ends;
    if (low === undefined || high === undefined || low > high) {
      return missing(cursor, 'a range of whole numbers such as 0..15', value);
    }
    cursor.take();
    return [low, high];
  },
};

/** `10de:20b5`: vendor and device ID. */
export const idPair: Reader<readonly [number, number]> = {
  shape: '<vendor>:<device>',
  offers: [],
  read(cursor) {
    const word = cursor.peekWord();
    const pair = word === undefined ? null : /^([0-9a-fA-F]{4}):([0-9a-fA-F]{4})$/.exec(word);
    if (pair === null) return missing(cursor, 'a vendor and device ID such as 10de:2331', cursor.peek());
    cursor.take();
    return [Number.parseInt(pair[1] ?? '', 16), Number.parseInt(pair[2] ?? '', 16)];
  },
};
