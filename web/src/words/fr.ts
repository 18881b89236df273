import common from './fr/common.json';
import status from './fr/status.json';
import problems from './fr/problems.json';
import wrong from './fr/wrong.json';
import shell from './fr/shell.json';
import setup from './fr/setup.json';
import accounts from './fr/accounts.json';
import today from './fr/today.json';
import calendar from './fr/calendar.json';
import programs from './fr/programs.json';
import bookings from './fr/bookings.json';
import clients from './fr/clients.json';
import audio_notes from './fr/audio_notes.json';
import media from './fr/media.json';
import invoices from './fr/invoices.json';
import drafts from './fr/drafts.json';
import payments from './fr/payments.json';
import reports from './fr/reports.json';
import settings from './fr/settings.json';
import system from './fr/system.json';

export const words = {
  common, status, problems, wrong, shell, setup, accounts, today, calendar, programs, bookings, clients, audio_notes, media, invoices, drafts, payments, reports, settings, system
};
