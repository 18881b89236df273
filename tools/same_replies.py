#!/usr/bin/env python3
"""The main job by curl, once on SQLite and once on another database, reply by reply the same:
python3 tools/same_replies.py BINARY mysql://user:password@host:port/name [--show]

Compared are status, headers and body of each reply, refusals too. Ids and references are replaced by the order in
which they appear, so that a reply that names another row than its twin is found; moments of now, tokens and cursors
are hidden, for they cannot be the same.
"""
import argparse
import base64
import datetime
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

arguments = argparse.ArgumentParser()
arguments.add_argument("binary")
arguments.add_argument("database")
arguments.add_argument("--show", action="store_true", help="print the replies")
given = arguments.parse_args()

HEADERS = ("content-type", "location", "etag", "retry-after", "allow", "accept-ranges", "content-range",
           "content-disposition", "cache-control", "www-authenticate", "x-content-type-options")
NOW = "|".join(str(datetime.date.today() + datetime.timedelta(days=n)) for n in (-1, 0, 1))
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
FILM = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41" + bytes(5000)
SOUND = b"OggS\0\x02" + bytes(2000)


class Desk:
    """A fresh desk on `database`, spoken to by curl; `said` is what it answered, masked."""

    def __init__(self, database):
        self.root = tempfile.TemporaryDirectory()
        self.said, self.names, self.sign_in = [], {}, []
        env = {**os.environ, "DESKBELL_DISK_RESERVE_MIB": "0", "DESKBELL_LOG": "error", "DESKBELL_DATABASE_URL": database}
        self.process = subprocess.Popen([given.binary, "serve", "--data-dir", self.root.name + "/data", "--listen", "127.0.0.1:0"],
                                        env=env, text=True, stdout=subprocess.PIPE)
        self.base = self.process.stdout.readline().split(" on ")[1].strip()

    def end(self):
        self.process.terminate()
        self.process.wait(30)
        self.root.cleanup()

    def call(self, method, path, body=None, *options):
        """One request by curl. Gives (status, headers, body as JSON or bytes)."""
        head, content = self.root.name + "/head", self.root.name + "/content"
        command = ["curl", "--silent", "--show-error", "--max-time", "30", "--dump-header", head, "--output", content, *self.sign_in]
        command += ["--head"] if method == "HEAD" else ["--request", method]
        if body is not None:
            command += ["--header", "Content-Type: application/json", "--data-binary", json.dumps(body)]
        open(content, "wb").close()
        subprocess.run([*command, *options, self.base + ("" if path.startswith("/api/") else "/api/v1") + path], check=True)
        with open(head, encoding="latin-1") as file:
            lines = file.read().strip().split("\n")
        status = int(lines[0].split()[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        with open(content, "rb") as file:
            raw = b"" if method == "HEAD" else file.read()
        answer = json.loads(raw) if "json" in headers.get("content-type", "") and raw else raw
        self.note(method, path, status, headers, answer)
        return status, headers, answer

    def settle(self):
        """Waits until what follows commits (looking into files, papers) is done: a reply may show it or not yet."""
        name, value = self.sign_in[1].split(": ", 1)
        for _ in range(200):
            request = urllib.request.Request(self.base + "/api/v1/system/info", headers={name: value})
            if json.load(urllib.request.urlopen(request))["events_waiting"] == 0:
                return
            time.sleep(0.05)
        sys.exit("events are still waiting after ten seconds")

    def note(self, method, path, status, headers, answer):
        text = f"{method} {path}\n{status}\n"
        for name in HEADERS:
            if name in headers:
                # A paper shows its own references, so its hash differs.
                hidden = name == "etag" and headers.get("content-type") == "application/pdf"
                text += f"{name}: {'<any>' if hidden else headers[name]}\n"
        if isinstance(answer, bytes):
            text += f"{answer[:5]!r}, " + ("a page or more" if answer[:4] == b"%PDF" else f"{len(answer)} bytes")
        else:
            text += json.dumps(answer, indent=1, ensure_ascii=False)
        self.said += self.mask(text).split("\n") + [""]

    def mask(self, text):
        def numbered(kind):
            return lambda found: self.names.setdefault(found.group(), f"<{kind} {len(self.names) + 1}>")
        text = re.sub(rf"(?:{NOW})T\d\d:\d\d:\d\d(\.\d+)?Z", "<now>", text)
        text = re.sub(r'("(?:next_cursor|token)": )"[^"]+"', r"\1<secret>", text)
        text = re.sub(r"cursor=[\w%=-]+", "cursor=<secret>", text)
        text = re.sub(r'"request_id": "[0-9a-f]{16}"', '"request_id": <any>', text)
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", numbered("id"), text)
        for reference in re.findall(r'"reference": "([2-9A-Z]{8})"', text):
            self.names.setdefault(reference, f"<reference {len(self.names) + 1}>")
        for name, put in self.names.items():
            text = text.replace(name, put)
        return text


def main_job(desk):
    def upload(path, name, content, kind):
        file = f"{desk.root.name}/{name}"
        with open(file, "wb") as out:
            out.write(content)
        answer = desk.call("POST", path, None, "--form", f"file=@{file};type={kind}")[2]
        desk.settle()
        return answer

    with open(desk.root.name + "/data/setup-token") as file:
        token = file.read().strip()
    desk.call("GET", "/setup")
    desk.call("GET", "/bookings")
    owner = {"name": "Ada Adler", "email": "ada@example.org", "password": "correct horse battery"}
    business = {"name": "Atelier Nord", "country": "DE", "currency": "EUR", "time_zone": "Europe/Berlin"}
    desk.call("POST", "/setup", {"token": "wrong", "business": business, "owner": owner})
    headers = desk.call("POST", "/setup", {"token": token, "business": business, "owner": owner})[1]
    desk.sign_in = ["--header", "Cookie: " + headers["set-cookie"].split(";")[0]]
    desk.call("POST", "/setup", {"token": token, "business": business, "owner": owner})
    made = desk.call("POST", "/api-tokens", {"name": "curl", "scopes": ["*"]})[2]
    desk.sign_in = ["--header", "Authorization: Bearer " + made["token"]]
    desk.call("GET", "/auth/me")
    desk.call("GET", "/settings")

    program = desk.call("POST", "/programs", {"title": "Töpfern für Anfänger", "price": {"amount": 4900, "currency": "EUR"}, "tax_rate": 1900})[2]["id"]
    desk.call("POST", "/programs", {"title": "", "price": {"amount": -1, "currency": "EUR"}, "tax_rate": 1900})
    desk.call("POST", "/programs", None, "--header", "Content-Type: application/json", "--data-binary", '{"title": ')
    upload(f"/programs/{program}/poster", "poster.png", PNG, "image/png")
    upload(f"/programs/{program}/images", "one.png", PNG, "image/png")
    film = upload(f"/programs/{program}/video", "film.mp4", FILM, "video/mp4")["video"]["content_url"]
    upload(f"/programs/{program}/poster", "page.html", b"<html>", "text/html")
    desk.call("GET", film, None, "--range", "0-1")
    desk.call("HEAD", film)
    desk.call("GET", film, None, "--range", "99999-")
    desk.call("PATCH", f"/programs/{program}", {"status": "published"}, "--header", 'If-Match: "99"')
    desk.call("PATCH", f"/programs/{program}", {"status": "published"})
    planned = desk.call("POST", f"/programs/{program}/occurrences",
                        {"local_starts_at": "2030-03-20T10:00", "time_zone": "Europe/Berlin", "capacity": 3, "recurrence": "FREQ=WEEKLY;COUNT=3"})[2]
    occurrence, other = planned["items"][0]["id"], planned["items"][1]["id"]
    desk.call("GET", f"/occurrences?program_id={program}")

    client = desk.call("POST", "/clients", {"name": "Grace Hopper", "email": "grace@example.org", "tags": ["vip"], "notes": "Ünïcode ✓"})[2]["id"]
    for name in ("Alan Turing", "ada lovelace", "Ångström"):
        desk.call("POST", "/clients", {"name": name})
    page = desk.call("GET", "/clients?limit=3")[2]
    desk.call("GET", "/clients?limit=3&cursor=" + page["next_cursor"])
    desk.call("GET", "/clients?q=hop")
    desk.call("GET", "/clients?q=GRACE")
    desk.call("GET", "/clients?limit=0")
    desk.call("DELETE", f"/clients/{client}/nothing")
    upload(f"/clients/{client}/audio-notes", "note.ogg", SOUND, "audio/ogg")
    desk.call("GET", f"/clients/{client}/audio-notes")

    wanted = {"occurrence_id": occurrence, "client_id": client, "seats": 2}
    key = ("--header", "Idempotency-Key: the-first")
    booking = desk.call("POST", "/bookings", wanted, *key)[2]["id"]
    desk.call("POST", "/bookings", wanted, *key)
    desk.call("POST", "/bookings", {**wanted, "seats": 1}, *key)
    desk.call("POST", "/bookings", wanted)
    desk.call("POST", "/bookings", {**wanted, "waitlist": True})
    desk.call("POST", "/bookings", {**wanted, "client_id": occurrence})
    desk.call("GET", f"/bookings/{booking}/invoice")
    desk.call("POST", f"/bookings/{booking}/confirm", {})
    desk.call("POST", f"/bookings/{booking}/confirm", {})
    desk.call("POST", f"/bookings/{booking}/payments", {"amount": {"amount": 9800, "currency": "EUR"}, "method": "card"})
    desk.call("GET", f"/bookings/{booking}")
    desk.call("GET", f"/bookings/{booking}/invoice")
    desk.call("HEAD", f"/bookings/{booking}/invoice")
    moved = desk.call("POST", "/bookings", {"occurrence_id": other, "client": {"name": "Mary Shelley"}, "seats": 1, "confirm": True})[2]["id"]
    desk.call("POST", f"/bookings/{moved}/reschedule", {"occurrence_id": planned["items"][2]["id"]})
    desk.call("POST", f"/bookings/{booking}/cancel", {"reason": "Fell ill", "refund": True})
    desk.call("GET", f"/bookings/{booking}/refund-invoice")
    desk.call("GET", f"/occurrences/{occurrence}")
    desk.call("POST", "/invoices", {"client_id": client, "lines": [
        {"description": "Clay", "quantity": "2.5", "unit_price": {"amount": 333, "currency": "EUR"}, "tax_rate": 700},
        {"description": "Kiln", "quantity": "1", "unit_price": {"amount": 1999, "currency": "EUR"}, "tax_rate": 1900}]})
    for path in ("/invoices", "/bookings", "/programs", "/media", "/staff", "/api-tokens", "/audit-log?limit=200", "/nothing"):
        desk.call("GET", path)
    desk.call("DELETE", f"/programs/{program}")
    desk.call("PUT", f"/programs/{program}")


transcripts = []
for database in ("sqlite:", given.database):
    desk = Desk(database)
    try:
        main_job(desk)
    finally:
        desk.end()
    transcripts.append(desk.said)
if given.show:
    print("\n".join(transcripts[0]))
differences = list(difflib.unified_diff(*transcripts, "SQLite", "the other", lineterm="", n=6))
requests = sum(re.match(r"(GET|HEAD|POST|PATCH|PUT|DELETE) /", line) is not None for line in transcripts[0])
if differences:
    print("\n".join(differences))
    sys.exit("the replies differ")
print(f"the main job by curl: {requests} requests, the same replies on both databases")
