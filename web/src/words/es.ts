import common from './es/common.json';
import status from './es/status.json';
import problems from './es/problems.json';
import wrong from './es/wrong.json';
import shell from './es/shell.json';
import setup from './es/setup.json';
import accounts from './es/accounts.json';
import today from './es/today.json';
import calendar from './es/calendar.json';
import programs from './es/programs.json';
import bookings from './es/bookings.json';
import clients from './es/clients.json';
import audio_notes from './es/audio_notes.json';
import media from './es/media.json';
import invoices from './es/invoices.json';
import drafts from './es/drafts.json';
import payments from './es/payments.json';
import reports from './es/reports.json';
import settings from './es/settings.json';
import system from './es/system.json';

export const words = {
  common, status, problems, wrong, shell, setup, accounts, today, calendar, programs, bookings, clients, audio_notes, media, invoices, drafts, payments, reports, settings, system
};
