/** The parts of an XML document, as text. Numbers and booleans need no escaping; everything else goes through here. */

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** An element around markup that is written already; `attributes` begin with a space. */
export function element(name: string, markup: string, attributes = ""): string {
  return markup === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${markup}</${name}>`;
}

/** One attribute, with the space before it. */
export function attribute(name: string, value: string): string {
  return ` ${name}="${escapeXml(value)}"`;
}

const special = /[&<>"\r\u2028]|(?![\t\n])\p{Cc}/u;
const allSpecial = new RegExp(special, "gu");

/** Text as markup. Control characters become references, as S3 sends them, although XML 1.0 readers may refuse those. */
export function escapeXml(text: string): string {
  if (!special.test(text)) return text;
  return text.replace(allSpecial, (character) => {
    switch (character) {
      case "&":
        return "&amp;";
      case "<":
        return "&lt;";
      case ">":
        return "&gt;";
      case '"':
        return "&quot;";
      default:
        return `&#x${character.charCodeAt(0).toString(16)};`;
    }
  });
}
