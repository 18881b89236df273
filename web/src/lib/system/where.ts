// Where what the log names can be looked at. Pure.

const pages: Record<string, (id: string) => string> = {
  booking: (id) => `/bookings/${id}`, client: (id) => `/clients/${id}`, invoice: (id) => `/invoices/${id}`, program: (id) => `/programs/${id}`,
  draft: (id) => `/invoices/drafts/${id}`, mail: (id) => `/system/mails?mail=${id}`, account: () => '/settings/staff', settings: () => '/settings',
  api_token: () => '/settings/tokens', media: () => '/media'
};

/** Its page; nothing where it has none, or is gone. */
export function where(noun: string, id: string, action = ''): string | undefined {
  return action === 'delete' ? undefined : pages[noun]?.(id);
}

/** The noun of a job's subject. */
export function subjectOf(kind: string): string {
  return kind.includes('invoice') ? 'invoice' : kind.includes('mail') ? 'mail' : 'media';
}

export const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text.trim());
