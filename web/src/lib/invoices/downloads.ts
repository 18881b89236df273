// The e-invoice of a document as files, for machines.
import FileCode from '@lucide/svelte/icons/file-code';
import type { Choice } from '$lib/ui/Menu.svelte';

// Names of formats are the same in every language.
const formats = { facturx: 'Factur-X / ZUGFeRD (CII)', cii: 'XRechnung (CII)', ubl: 'XRechnung (UBL)' };

/** What a menu offers of it. */
export const downloads = (id: string): Choice[] =>
  Object.entries(formats).map(([format, text]) => ({ text, href: `/api/v1/invoices/${id}/xml?format=${format}`, download: true, icon: FileCode }));
