import type { LinkTerm, Operand, Range, Value } from '../generated/ast.ts';
import { wordOf } from '../schema/cursor.ts';

/** Arguments of the template that a statement came through, by parameter (`$model`). */
export type Bindings = ReadonlyMap<string, Value>;
export const noBindings: Bindings = new Map();

/** Follows a parameter to the value bound to it; a value that is no parameter is its own. */
export function resolveValue(value: Value, bindings: Bindings): Value {
  let at = value;
  for (let depth = 0; depth < 16 && at.low?.$type === 'ParameterUse' && at.high === undefined; depth++) {
    const bound = bindings.get(at.low.parameter);
    if (bound === undefined) break;
    at = bound;
  }
  return at;
}

/** The word or number that a parameter stands for, as text: a part's name, `gen4`, `x16`. */
export function parameterText(parameter: string, bindings: Bindings): string | undefined {
  const value = bindings.get(parameter);
  if (value === undefined) return undefined;
  const resolved = resolveValue(value, bindings);
  if (resolved.high !== undefined) return undefined;
  if (resolved.low?.$type === 'Quantity' && resolved.low.unit === undefined) return resolved.low.number;
  return wordOf(resolved.low);
}

/** The text of a link term with its parameter replaced. */
export function linkTermText(term: LinkTerm, bindings: Bindings): string | undefined {
  return term.text.startsWith('$') ? parameterText(term.text, bindings) : term.text;
}

/** The whole number that a bound comes to, or undefined where it does not come to one. */
export function evaluateBound(bound: Operand | undefined, bindings: Bindings): number | undefined {
  const value = evaluate(bound, bindings, 0);
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

function evaluate(bound: Operand | undefined, bindings: Bindings, depth: number): number | undefined {
  if (bound === undefined || depth > 64) return undefined;
  switch (bound.$type) {
    case 'NumberOperand':
      return Number(bound.number);
    case 'ParameterOperand': {
      const text = parameterText(bound.parameter, bindings);
      return text === undefined ? undefined : Number(text);
    }
    case 'Sum': {
      const left = evaluate(bound.left, bindings, depth + 1);
      const right = evaluate(bound.right, bindings, depth + 1);
      if (left === undefined || right === undefined) return undefined;
      switch (bound.operator) {
        case '+':
          return left + right;
        case '-':
          return left - right;
        case '*':
          return left * right;
        case '/':
          return right === 0 ? undefined : Math.trunc(left / right);
        default:
          return undefined;
      }
    }
    default:
      return undefined;
  }
}

/** Both ends of a range; undefined where one is missing or they are the wrong way round. */
export function evaluateRange(range: Range, bindings: Bindings): { low: number; high: number } | undefined {
  const low = evaluateBound(range.low, bindings);
  const high = evaluateBound(range.high, bindings);
  return low === undefined || high === undefined || high < low ? undefined : { low, high };
}
