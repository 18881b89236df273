// The rooms of the desk, as the side shows them and keys reach them.
import CalendarDays from '@lucide/svelte/icons/calendar-days';
import ChartColumn from '@lucide/svelte/icons/chart-column';
import FileText from '@lucide/svelte/icons/file-text';
import House from '@lucide/svelte/icons/house';
import Images from '@lucide/svelte/icons/images';
import LayoutGrid from '@lucide/svelte/icons/layout-grid';
import Server from '@lucide/svelte/icons/server';
import Settings from '@lucide/svelte/icons/settings';
import Ticket from '@lucide/svelte/icons/ticket';
import Users from '@lucide/svelte/icons/users';
import type { Key } from '$lib/base/words.svelte';

export const rooms = [
  { path: '/', name: 'shell.today', icon: House, keys: 'g t' },
  { path: '/calendar', name: 'shell.calendar', icon: CalendarDays, keys: 'g k' },
  { path: '/bookings', name: 'shell.bookings', icon: Ticket, keys: 'g b' },
  { path: '/clients', name: 'shell.clients', icon: Users, keys: 'g c' },
  { path: '/programs', name: 'shell.programs', icon: LayoutGrid, keys: 'g p' },
  { path: '/invoices', name: 'shell.invoices', icon: FileText, keys: 'g i' },
  { path: '/reports', name: 'shell.reports', icon: ChartColumn, keys: 'g r' },
  { path: '/media', name: 'shell.media', icon: Images, keys: 'g m' },
  { path: '/settings', name: 'shell.settings', icon: Settings, keys: 'g s' },
  { path: '/system', name: 'shell.system', icon: Server, keys: 'g y' }
] satisfies { path: string; name: Key; icon: unknown; keys: string }[];

/** Where something new begins. */
export const fresh = [
  { path: '/bookings/new', name: 'shell.new_booking', keys: 'n b' },
  { path: '/clients/new', name: 'shell.new_client', keys: 'n c' },
  { path: '/programs/new', name: 'shell.new_program', keys: 'n p' },
  { path: '/invoices/new', name: 'shell.new_invoice', keys: 'n i' }
] satisfies { path: string; name: Key; keys: string }[];
