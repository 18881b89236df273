// No sentence stands in a component: what people read comes from src/words, in each language.

/** Attributes that are read aloud or shown. */
const SHOWN = new Set(['title', 'alt', 'placeholder', 'aria-label', 'aria-description', 'aria-roledescription', 'label', 'text', 'hint']);
/** Names are the same in every language. */
const NAMES = /^(Deskbell|IBAN|BIC|PDF|XML|CSV|API|SHA-256|UTF-8|XRechnung|Factur-X|ZUGFeRD|Peppol|DATEV|UBL|CII|Ctrl|Shift|Alt|Esc|Enter|Ctrl K|OpenAPI|SQLite|MySQL)$/;
const says = (text) => {
  const plain = text.replace(/&\w+;|[·–:,.]/g, ' ').trim();
  return /\p{L}{2,}/u.test(plain) && !NAMES.test(plain);
};

const noText = {
  meta: { type: 'problem', schema: [], messages: { text: 'Text for people stands in src/words: use t(…) instead of “{{text}}”.' } },
  create(context) {
    const report = (node, text) => context.report({ node, messageId: 'text', data: { text: text.trim().slice(0, 40) } });
    return {
      SvelteText(node) {
        const name = node.parent?.type === 'SvelteStyleElement' ? 'style' : node.parent?.type === 'SvelteElement' ? node.parent.name?.name : '';
        if (['style', 'script', 'kbd', 'code'].includes(name)) return;
        if (says(node.value)) report(node, node.value);
      },
      SvelteAttribute(node) {
        if (!SHOWN.has(node.key?.name)) return;
        for (const part of node.value ?? []) if (part.type === 'SvelteLiteral' && says(part.value)) report(part, part.value);
      }
    };
  }
};

export const words = { 'no-text': noText };
