// Every page of the desk, with ids of what the demo made.

/** `[name, path, signed in]` of each page. */
export async function pages(request) {
  const first = async (path) => (await (await request.get(`/api/v1${path}`)).json()).items?.[0]?.id;
  const [program, booking, client, invoice, draft] = await Promise.all(
    ['/programs?limit=1', '/bookings?limit=1', '/clients?limit=1', '/invoices?limit=1', '/drafts?limit=1'].map(first));
  const list = [
    ['login', '/login', false],
    ['today', '/'], ['calendar-month', '/calendar?view=month'], ['calendar-week', '/calendar?view=week'], ['calendar-day', '/calendar?view=day'], ['calendar-list', '/calendar?view=list'],
    ['bookings', '/bookings'], ['booking-new', '/bookings/new'], ['booking', booking && `/bookings/${booking}`],
    ['clients', '/clients'], ['client-new', '/clients/new'], ['client', client && `/clients/${client}`], ...['bookings', 'invoices', 'notes', 'files'].map((tab) => [`client-${tab}`, client && `/clients/${client}?tab=${tab}`]), ['clients-import', '/clients/import'], ['clients-duplicates', '/clients/duplicates'],
    ['programs', '/programs'], ['program-new', '/programs/new'], ['program', program && `/programs/${program}`],
    ['invoices', '/invoices'], ['invoices-drafts', '/invoices?tab=drafts'], ['invoice-new', '/invoices/new'], ['invoice', invoice && `/invoices/${invoice}`], ['draft', draft && `/invoices/drafts/${draft}`],
    ['invoice-series', '/invoices/series'], ['invoice-exports', '/invoices/exports'],
    ['reports-revenue', '/reports/revenue'], ['reports-occupancy', '/reports/occupancy'], ['reports-tax', '/reports/tax'],
    ['media', '/media'], ['account', '/account'],
    ['settings', '/settings'], ['settings-invoices', '/settings/invoices'], ['settings-staff', '/settings/staff'], ['settings-tokens', '/settings/tokens'], ['settings-files', '/settings/files'],
    ['system', '/system'], ['system-mails', '/system/mails'], ['system-log', '/system/log'], ['checklist', '/checklist']
  ];
  return list.filter(([, path]) => path).map(([name, path, signedIn = true]) => ({ name, path, signedIn }));
}
