// decimal.mjs - exact sums of decimal strings, so that books are compared to the last digit.
const DIGITS = 18;

export function parse(text) {
    const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(text));
    if (!match)
        throw new Error(`not a decimal: ${text}`);
    const [, sign, whole, fraction = "", exponent = "0"] = match;
    const shift = DIGITS - fraction.length + Number(exponent);
    if (shift < 0)
        throw new Error(`too many digits: ${text}`);
    const value = BigInt(whole + fraction) * 10n ** BigInt(shift);
    return sign ? -value : value;
}

export function format(value) {
    const digits = (value < 0n ? -value : value).toString().padStart(DIGITS + 1, "0");
    const fraction = digits.slice(-DIGITS).replace(/0+$/, "");
    return (value < 0n ? "-" : "") + digits.slice(0, -DIGITS) + (fraction ? `.${fraction}` : "");
}

export const sum = (texts) => format(texts.reduce((total, text) => total + parse(text), 0n));
export const product = (a, b) => format((parse(a) * parse(b)) / 10n ** BigInt(DIGITS));
export const negate = (text) => format(-parse(text));
export const same = (text) => format(parse(text));
