import common from './de/common.json';
import status from './de/status.json';
import problems from './de/problems.json';
import wrong from './de/wrong.json';
import shell from './de/shell.json';
import setup from './de/setup.json';
import accounts from './de/accounts.json';
import today from './de/today.json';
import calendar from './de/calendar.json';
import programs from './de/programs.json';
import bookings from './de/bookings.json';
import clients from './de/clients.json';
import audio_notes from './de/audio_notes.json';
import media from './de/media.json';
import invoices from './de/invoices.json';
import drafts from './de/drafts.json';
import payments from './de/payments.json';
import reports from './de/reports.json';
import settings from './de/settings.json';
import system from './de/system.json';

export const words = {
  common, status, problems, wrong, shell, setup, accounts, today, calendar, programs, bookings, clients, audio_notes, media, invoices, drafts, payments, reports, settings, system
};
