/** Exact comparison of decimals as the wire writes them; binary fractions would err. */

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/

export function isDecimal(value: unknown): value is string | number {
  return DECIMAL.test(String(value)) && (typeof value === 'string' || typeof value === 'number')
}

/** Below 0, 0 or above 0, as the first is less, equal or more. */
export function compareDecimals(one: string | number, other: string | number): number {
  const [a, b] = [partsOf(one), partsOf(other)]
  const scale = Math.max(a.fraction.length, b.fraction.length)
  const difference = scaled(a, scale) - scaled(b, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

interface Parts {
  sign: string
  whole: string
  fraction: string
}

function partsOf(value: string | number): Parts {
  const [, sign = '', whole = '0', fraction = ''] = DECIMAL.exec(String(value)) ?? []
  return { sign, whole, fraction }
}

function scaled({ sign, whole, fraction }: Parts, scale: number): bigint {
  const size = BigInt(whole + fraction.padEnd(scale, '0'))
  return sign === '-' ? -size : size
}

/** The exact sum. */
export function sumOfDecimals(values: (string | number)[]): string {
  const parts = values.map(partsOf)
  const scale = Math.max(0, ...parts.map(({ fraction }) => fraction.length))
  const sum = parts.reduce((total, one) => total + scaled(one, scale), 0n)
  const digits = String(sum < 0n ? -sum : sum).padStart(scale + 1, '0')
  const text = scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits
  return sum < 0n ? `-${text}` : text
}
