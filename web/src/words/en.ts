import common from './en/common.json';
import status from './en/status.json';
import problems from './en/problems.json';
import wrong from './en/wrong.json';
import shell from './en/shell.json';
import setup from './en/setup.json';
import accounts from './en/accounts.json';
import today from './en/today.json';
import calendar from './en/calendar.json';
import programs from './en/programs.json';
import bookings from './en/bookings.json';
import clients from './en/clients.json';
import audio_notes from './en/audio_notes.json';
import media from './en/media.json';
import invoices from './en/invoices.json';
import drafts from './en/drafts.json';
import payments from './en/payments.json';
import reports from './en/reports.json';
import settings from './en/settings.json';
import system from './en/system.json';

export const words = {
  common, status, problems, wrong, shell, setup, accounts, today, calendar, programs, bookings, clients, audio_notes, media, invoices, drafts, payments, reports, settings, system
};
export type Words = typeof words;
