#!/usr/bin/env python3
"""Every paper of a made-up corpus holds: python3 tools/paper_corpus.py BINARY [--count 2000] [--seed N] [--keep DIR]

Starts `BINARY serve` on a fresh data directory for each currency and issues invoices and credit notes through the API:
all tax categories, several rates, the three ways of rounding, net and gross prices, discounts and charges, deposits,
clients of eight languages, businesses and clients that lack this or that. Of each document it checks that
- the sums of the API add up, lines to totals, and tax to net and rate;
- `/xml` of each format says the same sums, and passes schema and official rules (tools/einvoice_check.py) where the API
  says that nothing is missing; and where it says that something is, the rules agree for three in four at least;
- the PDF passes `qpdf --check` and tools/pdfa_check.py, carries the very bytes of `/xml?format=facturx` as an
  /Alternative, and its text shows the sums and each line's total in the document's language;
- the QR code on the rendered page (EPC069-12, Swiss QR bill) asks for the open balance, to the account of the settings.
Prints each failure and a summary; exits 1 on any. --keep holds the files of what failed.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
try:
    import fontTools  # noqa: F401
    import lxml.etree as etree
    import pikepdf
    import saxonche  # noqa: F401
    import zxingcpp
    from PIL import Image
except ImportError:
    if os.environ.get("PAPER_CHECKS"):
        raise
    found = subprocess.run(["sh", HERE + "/paper_env.sh"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    os.environ["PAPER_CHECKS"] = "1"
    os.execv(found, [found, *sys.argv])

import argparse
import collections
import decimal
import http.client
import json
import multiprocessing
import random
import re
import tempfile
import time
import traceback

sys.path.insert(0, HERE)
import einvoice_check
import pdfa_check

D = decimal.Decimal
NO_DECIMALS, THREE_DECIMALS = ("JPY", "ISK"), ("KWD",)
#: Share of the corpus; where the business is; its account.
CURRENCIES = {
    "EUR": (36, "DE", "DE89370400440532013000"),
    "CHF": (16, "CH", "CH9300762011623852957"),
    "JPY": (12, "JP", None),
    "GBP": (10, "GB", "GB29NWBK60161331926819"),
    "USD": (10, "US", None),
    "KWD": (8, "KW", "KW81CBKU0000000000001234560101"),
    "ISK": (8, "IS", "IS140159260076545510730339"),
}
QR_IBAN = "CH4431999123000889012"
#: Language, country, VAT id, name, street, postal code, city.
CLIENTS = [
    ("en", "IE", "IE6388047V", "O’Connor & Daughters Ltd.", "5 Rope Walk", "D02 X285", "Dublin"),
    ("de", "DE", "DE136695976", "Müller & Söhne GmbH", "Große Straße 12 a", "20095", "Hamburg"),
    ("de-CH", "CH", None, "Zürcher Töpferei AG", "Bahnhofstrasse 1", "8001", "Zürich"),
    ("fr", "FR", "FR40303265045", "Élodie Lefèvre Œuvres", "3 rue de l’Église", "75004", "Paris"),
    ("es", "ES", "ESB58378431", "Peñón Cerámica S.L.", "Calle Mayor 7", "28013", "Madrid"),
    ("it", "IT", "IT00743110157", "Città & Perché S.r.l.", "Via Garibaldi 9", "20121", "Milano"),
    ("nl", "NL", "NL004495445B01", "IJsvogel Keramiek B.V.", "Prinsengracht 263", "1016 GV", "Amsterdam"),
    ("ar", "AE", None, "شركة الفخار الجميل", "شارع الشيخ زايد", "00000", "دبي"),
    ("he", "IL", None, "קדרות ירושלים בע״מ", "רחוב יפו 12", "94142", "ירושלים"),
    ("en", "GR", "EL094259216", "Κεραμικά Αθηνών Α.Ε.", "Ερμού 14", "10563", "Αθήνα"),
    ("en", "BG", "BG175074752", "Керамика София ООД", "ул. Раковски 108", "1000", "София"),
]
WORDS = ["Töpferkurs", "Wheel throwing", "Glasur & Brand", "Raku <Abend>", "Čaj", "“Open studio”", "Поливане", "Αγγείο",
         "אגרטל", "ورشة", "Kiln rental\nNight rate\n12 kg of clay", "Material № 5", "Ofenmiete #3", "fi ffl Tafel"]
UNITS = ["one", "piece", "person", "hour", "minute", "day", "week", "month", "year", "set", "kg", "l", "m", "m2", "km"]
RATES = [1900, 700, 2100, 550, 997.5, 2550, 810, 260]
#: Decimal mark, group mark, and digits from which on there are groups, as CLDR 44 has them.
MARKS = {"de": (",", ".", 4), "de-CH": (".", "’", 4), "fr": (",", "\u202f", 4), "es": (",", ".", 5), "it": (",", ".", 4),
         "nl": (",", ".", 4), "en": (".", ",", 4), "ar": (".", ",", 4), "he": (".", ",", 4)}


def decimals(currency):
    return 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2


def major(minor, currency):
    return D(minor).scaleb(-decimals(currency))


def shown(minor, currency, locale):
    """An amount as its language writes it."""
    mark, group, least = MARKS.get(locale, MARKS["en"])
    whole, _, rest = str(abs(major(minor, currency))).partition(".")
    if len(whole) >= least:
        whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", group, whole)
    return ("\u2212" if minor < 0 else "") + whole + (mark + rest if rest else "")


class Refused(Exception):
    """The desk said no: its status and its problem."""


class Desk:
    """A business of its own, with a fresh data directory."""

    def __init__(self, binary, root, currency):
        self.currency, self.country, self.iban = currency, *CURRENCIES[currency][1:]
        data = root + "/data"
        env = {**os.environ, "DESKBELL_DISK_RESERVE_MIB": "0", "DESKBELL_LOG": "error", "DESKBELL_DATABASE_URL": "sqlite:"}
        self.process = subprocess.Popen([binary, "serve", "--data-dir", data, "--listen", "127.0.0.1:0"], env=env,
                                        text=True, stdout=subprocess.PIPE)
        self.connection = http.client.HTTPConnection(self.process.stdout.readline().split("http://")[1].strip(), timeout=120)
        self.headers, self.programs = {}, 0
        with open(data + "/setup-token") as file:
            setup = {"token": file.read().strip(), "owner": {"name": "O", "email": "o@example.org", "password": "correct horse battery"},
                     "business": {"name": "Atelier Nord", "country": self.country, "currency": currency, "time_zone": "Europe/Berlin"}}
        reply = self.raw("POST", "/setup", setup)[1]
        self.headers = {"Cookie": reply.getheader("Set-Cookie").split(";")[0]}
        token = self.json("POST", "/api-tokens", {"name": "corpus", "scopes": ["*"]})["token"]
        self.headers = {"Authorization": "Bearer " + token}
        self.settings = self.json("GET", "/settings")

    def end(self):
        self.process.terminate()
        self.process.wait(60)

    def raw(self, method, path, body=None):
        headers = {"Content-Type": "application/json", **self.headers}
        self.connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body), headers)
        reply = self.connection.getresponse()
        return reply.read(), reply

    def json(self, method, path, body=None):
        content, reply = self.raw(method, path, body)
        if reply.status >= 400:
            raise Refused(f"{method} {path}: {reply.status} {content[:400].decode()} for {json.dumps(body)[:400]}")
        return json.loads(content)

    def bytes(self, path):
        content, reply = self.raw("GET", path)
        if reply.status != 200:
            raise Refused(f"GET {path}: {reply.status} {content[:300]!r}")
        return content

    def money(self, amount):
        return {"amount": amount, "currency": self.currency}

    def change(self, dice):
        """Another business, or one that has not said everything yet."""
        holes = dice.random() < 0.4
        hole = lambda value: None if holes and dice.random() < 0.15 else value
        # Swiss QR bills may be in euro, too.
        self.country, self.iban = CURRENCIES["CHF" if self.currency == "EUR" and dice.random() < 0.15 else self.currency][1:]
        with_tax, swiss = dice.random() < 0.5, self.country == "CH"
        seller = {"DE": "DE123456789", "CH": "CHE123456788", "GB": "GB123456789", "IS": "IS12345", "JP": "JP1234567890123"}
        rounding = dice.choice([None, "per_line", "sum", "gross"])
        invoicing = {"rounding": rounding if with_tax or rounding != "gross" else None,
                     "tax_number": hole("12/345/67890"), "registration": hole("HRB 12345 B"), "contact": hole("Ada Adler"),
                     "qr_iban": QR_IBAN if swiss and dice.random() < 0.5 else None, "footer": dice.choice([None, "Atelier Nord · Weg 1"])}
        # A business that lacks its account must still be asked for it.
        self.settings = self.json("PATCH", "/settings", {
            "country": self.country, "prices_include_tax": with_tax, "street": hole("Am Weg 1"), "postcode": hole("10115"), "city": hole("Berlin"),
            "vat_id": hole(seller.get(self.country)), "email": hole("atelier@example.org"), "phone": hole("+49 30 123456"),
            "iban": hole(self.iban), "bic": None, "bank_holder": dice.choice([None, "Ada Adler"]),
            "locale": dice.choice(["en", "de", "fr"]), "invoice_notes": dice.choice([None, "Danke & bis bald!", "Frage #12 #ok# gern"]),
            "invoicing": invoicing})
        clients = []
        for locale, country, vat_id, name, street, postcode, city in dice.sample(CLIENTS, 3):
            holes = dice.random() < 0.25
            clients.append((locale, self.json("POST", "/clients", {
                "name": name, "email": hole(f"client{dice.randrange(10**6)}@example.org"), "locale": locale, "vat_id": hole(vat_id),
                "address": {"street": hole(street), "postcode": hole(postcode), "city": hole(city), "country": hole(country)},
                "buyer_reference": hole("04011000-12345-34")})["id"]))
        return clients


def line(desk, dice, tax):
    quantity = dice.choice([str(dice.randint(1, 5)), f"{dice.randint(0, 40)}.{dice.randint(1, 9999):04}", str(dice.randint(1, 2000))])
    if dice.random() < 0.05:
        quantity = "-1"
    price = dice.choice([dice.randint(1, 999), dice.randint(100, 99_999), 35_390, 3_400, 33, 0])
    if dice.random() < 0.04:
        price = dice.randint(10_000_000, 90_000_000)
    made = {"description": dice.choice(WORDS), "quantity": quantity, "unit": dice.choice(UNITS), "unit_price": desk.money(price), **tax}
    if dice.random() < 0.3:
        made["discount"] = {"percent": dice.choice([500, 1000, 3333, 1250.5, 10000]), "reason": dice.choice([None, "Stammgast"])}
    return made


def tax_of(category, dice):
    return {"tax_category": category, "tax_rate": dice.choice(RATES) if category == "S" else 0}


def invoice(desk, dice, client):
    main = dice.choice(["S", "S", "S", "S", "Z", "E", "AE", "K", "G", "O"])
    taxes = [tax_of(main, dice)]
    if main == "S":
        taxes += [tax_of(dice.choice("SSZE"), dice) for _ in range(dice.randint(0, 2))]
    elif main != "O" and dice.random() < 0.2:
        taxes.append(tax_of("S", dice))
    many = dice.randint(60, 260) if dice.random() < 0.03 else dice.randint(1, 8)
    lines = [line(desk, dice, dice.choice(taxes)) for _ in range(many)]
    body = {"client_id": client, "lines": lines, "service_from": "2026-03-01"}
    if dice.random() < 0.3:
        body["service_to"] = "2026-03-04"
    if dice.random() < 0.05:
        del body["service_from"]
        body.pop("service_to", None)
    if dice.random() < 0.3:
        kind = dice.choice(["discount", "charge"])
        part = {"percent": dice.choice([300, 1000])} if dice.random() < 0.5 else {"amount": desk.money(dice.randint(1, 90))}
        # Shared among the taxes of the lines, or of the tax of one.
        of_one = {name: lines[0][name] for name in ("tax_rate", "tax_category")} if dice.random() < 0.5 else {}
        body["adjustments"] = [{"kind": kind, "reason": "Frühbucher & Co", **part, **of_one}]
    if dice.random() < 0.3:
        body["order_reference"] = "PO-77/b"
    while True:
        try:
            return desk.json("POST", "/invoices", body)
        except Refused as refused:
            # Lines that take back may be more than the others, and what costs nothing has no discount.
            if not any(why in str(refused) for why in ("less than nothing", "to share the amount among")):
                raise
            body["lines"].append(line(desk, dice, taxes[0]))


def deposit(desk, dice, client):
    """A booking that is paid in part, or wholly, before it is confirmed."""
    price = dice.randint(10, 90_000)
    desk.programs += 1
    program = desk.json("POST", "/programs", {"title": f"Töpfern & Tee {desk.programs}", "price": desk.money(price), "tax_rate": 1900})["id"]
    planned = desk.json("POST", f"/programs/{program}/occurrences", {"local_starts_at": "2030-01-01T10:00", "capacity": 9})
    booking = desk.json("POST", "/bookings", {"occurrence_id": planned["id"], "client_id": client, "seats": dice.randint(1, 4)})
    paid = dice.choice([booking["total"]["amount"], max(1, booking["total"]["amount"] // 3)])
    desk.json("POST", f"/bookings/{booking['id']}/payments", {"amount": desk.money(paid), "method": "transfer"})
    confirmed = desk.json("POST", f"/bookings/{booking['id']}/confirm")
    made = desk.json("GET", "/invoices/" + confirmed["invoice_id"])
    assert made["prepaid"]["amount"] == paid, f"paid {paid} before, but the invoice says {made['prepaid']}"
    return made


def credit(desk, dice, of):
    total = of["total"]["amount"]
    body = {}
    if dice.random() < 0.4 and total > 1:
        body = {"amount": desk.money(dice.randint(1, total))}
    return desk.json("POST", f"/invoices/{of['id']}/credit-notes", {**body, "reason": "Ausgefallen"})


class Judge:
    """What is checked of one document; compiled rules are kept for the next."""

    def __init__(self):
        self.rules = einvoice_check.Checker()
        self.count = collections.Counter()

    def document(self, desk, view, folder):
        """The failures of a document."""
        failed = []
        lines = view["lines"]
        if len(lines) == 200:
            lines, cursor = [], ""
            while cursor is not None:
                page = desk.json("GET", f"/invoices/{view['id']}/lines?limit=100{cursor and '&cursor=' + cursor}")
                lines += page["items"]
                cursor = page["next_cursor"]
        failed += [f"API: {said}" for said in adds_up(view, lines)]
        gone = bool(view["einvoice"]["missing"]), bool(view["einvoice"]["missing_for_xrechnung"])
        xmls = {}
        for kind, missing in zip(("facturx", "cii", "ubl"), (gone[0], gone[1], gone[1])):
            xml = xmls[kind] = desk.bytes(f"/invoices/{view['id']}/xml?format={kind}")
            with open(f"{folder}/{kind}.xml", "wb") as file:
                file.write(xml)
            wrong = self.rules.check(xml)
            self.count[f"{kind} {'with gaps' if missing else 'complete'}{', rules fail' if wrong else ''}"] += 1
            if wrong and not missing:
                failed += [f"{kind}: {level} {rule}: {said[:300]}" for level, rule, said in wrong]
            failed += [f"{kind}: {said}" for said in same_sums(view, lines, xml, kind)]
        pdf = desk.bytes(f"/invoices/{view['id']}/pdf")
        path = folder + "/paper.pdf"
        with open(path, "wb") as file:
            file.write(pdf)
        failed += [f"PDF: {said}" for said in self.paper(desk, view, lines, path, xmls["facturx"])]
        return failed

    def paper(self, desk, view, lines, path, xml):
        checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True)
        if checked.returncode != 0:
            yield f"qpdf: {checked.stdout[-300:]} {checked.stderr[-300:]}"
            return
        for said in pdfa_check.Check(path).run():
            yield f"PDF/A: {said}"
        yield from attached(path, xml, decimals(desk.currency) == 3)
        text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
        yield from text_shows(view, lines, text)
        yield from self.code(desk, view, path)

    def code(self, desk, view, path):
        """QR codes on the last two pages."""
        with pikepdf.open(path) as pdf:
            pages = len(pdf.pages)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["pdftoppm", "-r", "150", "-gray", "-f", str(max(1, pages - 1)), path, folder + "/p"], check=True)
            codes = []
            for name in sorted(os.listdir(folder)):
                with Image.open(f"{folder}/{name}") as picture:
                    codes += [found.text for found in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]
        due, settings = view["balance_due"]["amount"], desk.settings
        asks = view["kind"] == "invoice" and 0 < due < 10**11
        accounts = [a for a in (settings["iban"], settings["invoicing"]["qr_iban"]) if a]
        swiss = desk.country == "CH" and desk.currency in ("CHF", "EUR") and settings["city"] and settings["postcode"]
        if asks and accounts and swiss:
            self.count["Swiss QR bills"] += 1
            if len(codes) != 1 or not codes[0].startswith("SPC"):
                yield f"no Swiss QR code, but {codes}"
            else:
                rows = codes[0].split("\n")
                asked = (rows[3], D(rows[18]), rows[19])
                if asked != (accounts[-1], major(due, desk.currency), desk.currency):
                    yield f"the Swiss QR code asks for {asked}, open is {due} to {accounts}"
        elif asks and accounts and desk.currency == "EUR":
            self.count["EPC QR codes"] += 1
            if len(codes) != 1 or not codes[0].startswith("BCD"):
                yield f"no EPC code, but {codes}"
            else:
                rows = codes[0].split("\n")
                if (rows[6], rows[7], rows[10]) != (accounts[0], f"EUR{major(due, 'EUR')}", view["number"]):
                    yield f"the EPC code says {rows}, open is {due}"
        elif codes:
            yield f"codes that nobody asked for: {codes}"


def adds_up(view, lines):
    """The sums of the API."""
    amount = lambda of: of["amount"]
    signed = [amount(a["net"]) * (1 if a["kind"] == "charge" else -1) for a in view["adjustments"]]
    lines_net, net, tax = (amount(view[name]) for name in ("lines_net", "net_total", "tax_total"))
    if sum(amount(one["net"]) for one in lines) != lines_net:
        yield "lines do not add up to lines_net"
    if lines_net + sum(signed) != net:
        yield "lines_net and adjustments are not net_total"
    if sum(amount(row["net"]) for row in view["taxes"]) != net or sum(amount(row["tax"]) for row in view["taxes"]) != tax:
        yield "taxes do not add up"
    if sum(amount(row["rounding"]) for row in view["taxes"]) != amount(view["rounding_amount"]):
        yield "rounding does not add up"
    if net + tax + amount(view["rounding_amount"]) != amount(view["total"]):
        yield "net, tax and rounding are not the total"
    for row in view["taxes"]:
        exact = D(amount(row["net"])) * D(str(row["tax_rate"])) / 10000
        rounded = exact.copy_abs().quantize(D(1), decimal.ROUND_HALF_UP).copy_sign(exact)
        if view["rounding"] != "per_line" and rounded != amount(row["tax"]):
            yield f"tax of {row} is not rate times net"
    for one in lines:
        before = D(one["quantity"]) * amount(one["unit_price"])
        before = before.copy_abs().quantize(D(1), decimal.ROUND_HALF_UP).copy_sign(before)
        if int(before) - amount(one["discount"]) != amount(one["total"]):
            yield f"line {one} is not quantity times price less discount"
    if view["prices_include_tax"] and view["rounding"] != "sum":
        signed = [amount(a["amount"]) * (1 if a["kind"] == "charge" else -1) for a in view["adjustments"]]
        if sum(amount(one["total"]) for one in lines) + sum(signed) != amount(view["total"]):
            yield "prices with tax do not add up to the total"


def same_sums(view, lines, xml, kind):
    """The sums of an e-invoice beside the API's."""
    try:
        tree = etree.fromstring(xml, etree.XMLParser(huge_tree=True))
    except etree.XMLSyntaxError as wrong:
        yield f"is no XML: {wrong}"
        return
    currency = view["total"]["currency"]
    if kind == "ubl":
        total, names = "{*}LegalMonetaryTotal", ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PrepaidAmount", "PayableRoundingAmount", "PayableAmount")
        each = [n for n in tree.iterfind("{*}InvoiceLine/{*}LineExtensionAmount")] + [n for n in tree.iterfind("{*}CreditNoteLine/{*}LineExtensionAmount")]
        tax = tree.find("{*}TaxTotal/{*}TaxAmount")
    else:
        total, names = ".//{*}SpecifiedTradeSettlementHeaderMonetarySummation", ("LineTotalAmount", "TaxBasisTotalAmount", "GrandTotalAmount", "TotalPrepaidAmount", "RoundingAmount", "DuePayableAmount")
        each = tree.findall(".//{*}SpecifiedTradeSettlementLineMonetarySummation/{*}LineTotalAmount")
        tax = tree.find(total + "/{*}TaxTotalAmount")
    said = [D(tree.findtext(f"{total}/{{*}}{name}") or 0) for name in names] + [D(tax.text)]
    net, rounded, whole, prepaid = (view[n]["amount"] for n in ("net_total", "rounding_amount", "total", "prepaid"))
    api = [view["lines_net"]["amount"], net, whole - rounded, prepaid, rounded, whole - prepaid, view["tax_total"]["amount"]]
    if said != [major(a, currency) for a in api]:
        yield f"says {said}, the API {api}"
    if [D(n.text) for n in each] != [major(one["net"]["amount"], currency) for one in lines]:
        yield "its lines are not the API's"


def attached(path, xml, never):
    with pikepdf.open(path) as pdf:
        if never:
            if len(pdf.attachments):
                yield "carries an e-invoice that cannot be one"
            return
        if list(pdf.attachments) != ["factur-x.xml"]:
            yield f"carries {list(pdf.attachments)}"
            return
        spec = pdf.attachments["factur-x.xml"]
        if spec.get_file().read_bytes() != xml:
            yield "carries other bytes than /xml?format=facturx"
        if str(spec.obj.get("/AFRelationship")) != "/Alternative":
            yield f"/AFRelationship is {spec.obj.get('/AFRelationship')}"
        if spec.obj.objgen not in [one.objgen for one in pdf.Root.get("/AF", [])]:
            yield "the catalogue's /AF does not name what it carries"


def text_shows(view, lines, text):
    """Each amount as often as it must stand there, as its language writes it."""
    currency, locale = view["total"]["currency"], view["locale"]
    # Marks of direction stand around numbers in Arabic and Hebrew; pdftotext makes every space a plain one.
    text = re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", text).replace("\u202f", " ").replace("\u00a0", " ")
    total, rounded, prepaid = (view[name]["amount"] for name in ("total", "rounding_amount", "prepaid"))
    wanted = collections.Counter([shown(total - prepaid, currency, locale)])
    if prepaid:
        wanted[shown(total - rounded, currency, locale)] += 1
        wanted[shown(-prepaid, currency, locale)] += 1
    if rounded:
        wanted[shown(rounded, currency, locale)] += 1
    for row in view["taxes"]:
        # Net and tax by rate, as the law wants them (art. 226 (8) of the VAT directive).
        for name in ("net", "tax"):
            wanted[shown(row[name]["amount"], currency, locale)] += bool(row[name]["amount"])
    for one in lines:
        wanted[shown(one["total"]["amount"], currency, locale)] += 1
    lost = {}
    for amount, often in wanted.items():
        # Not a part of another number; where a space stands between groups, a digit before a space is one.
        exact = r"(?<![0-9.,’])" + r"(?<![0-9] )" * (locale == "fr") + re.escape(amount.replace("\u202f", " ")) + r"(?![0-9]|[.,’][0-9])"
        there = len(re.findall(exact, text))
        if there < often:
            lost[amount] = f"{there} of {often}"
    if lost:
        yield f"its text lacks, in {locale}, {lost}"
    if view["number"] not in text:
        yield "its text lacks its number"


def work(job):
    """One currency's share. Gives (documents, failures, counts)."""
    currency, count, seed, binary, keep = job
    dice, failures, documents = random.Random(seed), [], 0
    judge = work.judge = getattr(work, "judge", None) or Judge()
    judge.count.clear()
    with tempfile.TemporaryDirectory() as root:
        desk = Desk(binary, root, currency)
        try:
            while documents < count:
                clients = desk.change(dice)
                for _ in range(min(6, count - documents)):
                    locale, client = dice.choice(clients)
                    make = deposit if dice.random() < 0.15 else invoice
                    made = [make(desk, dice, client)]
                    if made[0]["total"]["amount"] > 0 and dice.random() < 0.35 and documents + 1 < count:
                        made.append(credit(desk, dice, made[0]))
                    for view in made:
                        documents += 1
                        judge.count[f"{view['kind']} in {currency}"] += 1
                        judge.count[f"language {view['locale']}"] += 1
                        for category in {row["tax_category"] for row in view["taxes"]}:
                            judge.count[f"category {category}"] += 1
                        judge.count[f"rounding {view['rounding']}, {'gross' if view['prices_include_tax'] else 'net'} prices"] += 1
                        folder = tempfile.mkdtemp(dir=root)
                        failed = judge.document(desk, view, folder)
                        if view["locale"] != locale:
                            failed.append(f"is in {view['locale']}, its client speaks {locale}")
                        failures += [f"{currency} {view['number']} (seed {seed}): {said}" for said in failed]
                        if failed and keep:
                            os.makedirs(keep, exist_ok=True)
                            with open(folder + "/api.json", "w") as file:
                                json.dump(view, file, indent=1, ensure_ascii=False)
                            os.rename(folder, f"{keep}/{currency}-{seed}-{documents}")
                        else:
                            subprocess.run(["rm", "-r", folder], check=True)
        except Exception:
            failures.append(f"{currency} (seed {seed}): stopped at document {documents}: {traceback.format_exc()}")
        finally:
            desk.end()
    return documents, failures, dict(judge.count)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("binary")
    arguments.add_argument("--count", type=int, default=2000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--currency", choices=CURRENCIES, help="only this one")
    arguments.add_argument("--keep", help="a folder for the files of what failed")
    given = arguments.parse_args()
    begun, jobs = time.monotonic(), []
    for currency, (share, _, _) in CURRENCIES.items():
        left = given.count if given.currency == currency else 0 if given.currency else max(2, given.count * share // 100)
        while left > 0:
            jobs.append((currency, min(left, 150), given.seed * 1000 + len(jobs), os.path.abspath(given.binary), given.keep))
            left -= 150
    jobs.sort(key=lambda job: -job[1])
    documents, failures, counts = 0, [], collections.Counter()
    with multiprocessing.Pool(2) as pool:
        for done, failed, counted in pool.imap_unordered(work, jobs):
            documents += done
            counts.update(counted)
            for said in failed:
                failures.append(said)
                if len(failures) <= 200:
                    print(said, flush=True)
    for what, how_often in sorted(counts.items()):
        print(f"  {how_often:6} {what}")
    said_gaps = sum(n for what, n in counts.items() if "with gaps" in what)
    agreed = sum(n for what, n in counts.items() if "with gaps, rules fail" in what)
    if agreed * 4 < said_gaps * 3:
        failures.append("gaps are said where the rules find none")
        print(failures[-1])
    print(f"{documents} documents, {len(failures)} failures, {time.monotonic() - begun:.0f} s")
    sys.exit(1 if failures or not documents else 0)


if __name__ == "__main__":
    main()
