import { LONGEST_NUMBER } from "../host/places";

/** Makes of pasted text what belongs into a dial field: one line, without the scheme of a link and without its parameters. */
export function pasted(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  const linked = /^(?:tel|callto|sip|sips):(?:\/\/)?([^;?]*)/i.exec(line);
  return (linked?.[1] ?? line).slice(0, LONGEST_NUMBER);
}

/** The number in E.164 form where it says its country itself (`+49…`, `0049…`); `null` for all others. */
export function international(number: string): string | null {
  const digits = number
    .replace(/\(0\)/, "")
    .replaceAll(/[\s()./\-–]/g, "")
    .replace(/^00/, "+");
  return /^\+[1-9]\d{5,14}$/.test(digits) ? digits : null;
}

/** Whether there is anything in it that a phone system could dial. */
export function dialable(number: string): boolean {
  return /[\d*#]/.test(number) || /^[\w.+-]+@[\w.-]+$/.test(number.trim());
}
