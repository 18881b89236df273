#!/usr/bin/env python3
"""Judges PDFs against PDF/A-3b (ISO 19005-3) and PDF/UA-1 (ISO 14289-1): python3 tools/pdfa_check.py FILE ...

A stand-in for veraPDF, which cannot be had here: it checks the clauses that a writer of documents such as ours can break
(src/platform/pdf/PDFA.md lists them), by pikepdf and fontTools in an environment of its own (target/pdfa-venv). Each
failed clause is a line; exits 1 when there is one. Of a document with more than 300 pages the content of 150 is read,
spread over all; structure and objects are always read whole.

--self FILE plants faults into a conforming document, one at a time, and exits 1 when one of them is not seen.
"""
import collections
import hashlib
import io
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = pathlib.Path(os.environ.get("PDFA_VENV", ROOT / "target" / "pdfa-venv"))


def into_venv():
    """Runs this tool again where its libraries are."""
    if pathlib.Path(sys.prefix).resolve() == VENV.resolve():
        return
    python = VENV / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([str(python), "-m", "pip", "-q", "install", "pikepdf", "fonttools", "lxml"], check=True)
    os.execv(str(python), [str(python), *sys.argv])


if __name__ == "__main__":
    into_venv()

import pikepdf  # noqa: E402
from fontTools.cffLib import CFFFontSet  # noqa: E402
from fontTools.pens.boundsPen import BoundsPen  # noqa: E402
from fontTools.ttLib import TTFont  # noqa: E402
from lxml import etree  # noqa: E402

A, UA = "ISO 19005-3", "ISO 14289-1"
NS = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/", "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/", "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "ext": "http://www.aiim.org/pdfa/ns/extension/", "schema": "http://www.aiim.org/pdfa/ns/schema#",
    "fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
}
KNOWN = {NS[k] for k in ("rdf", "dc", "xmp", "pdf", "pdfaid", "ext")} | {"http://ns.adobe.com/xap/1.0/mm/"}
FILTERS = {"/FlateDecode", "/DCTDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/RunLengthDecode", "/CCITTFaxDecode",
           "/JBIG2Decode", "/JPXDecode"}
STANDARD = set("Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI "
               "Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Figure "
               "Formula Form".split())
PAINTS = set("S s f F f* B B* b b* sh Do BI INLINE IMAGE Tj TJ ' \"".split()) | {"INLINE IMAGE"}
SHOWS = {"Tj", "TJ", "'", '"'}


class Check:
    def __init__(self, path):
        self.path, self.failures, self.seen = path, [], set()
        self.raw = pathlib.Path(path).read_bytes()
        self.pdf = pikepdf.open(io.BytesIO(self.raw))
        self.cids = collections.defaultdict(set)
        self.fonts, self.forms, self.marks = {}, {}, {}

    def that(self, holds, standard, clause, what):
        """Notes a clause that does not hold, once for the same words."""
        if not holds and (clause, what) not in self.seen:
            self.seen.add((clause, what))
            self.failures.append(f"{standard} {clause}: {what}")

    def run(self):
        for step in (self.file, self.objects, self.catalog, self.intent, self.metadata, self.attachments, self.content,
                     self.font_programs, self.structure):
            try:
                step()
            except Exception as error:  # a document that breaks the checker is not conforming
                self.that(False, "checker", step.__name__, f"{type(error).__name__}: {error}")
        return self.failures

    # ---- the file

    def file(self):
        raw = self.raw
        self.that(re.match(rb"%PDF-1\.[0-7][\r\n]", raw), A, "6.1.2", "the header is not %PDF-1.n at byte 0")
        second = raw.split(b"\n", 2)[1]
        self.that(second[:1] == b"%" and len(second) > 4 and all(b > 127 for b in second[1:5]), A, "6.1.2",
                  "the second line is no comment of four bytes above 127")
        self.that(re.search(rb"%%EOF[\r\n]{0,2}$", raw), A, "6.1.3", "something follows the last %%EOF")
        ids = self.pdf.trailer.get("/ID")
        self.that(ids is not None and len(ids) == 2 and len(bytes(ids[0])) >= 16, A, "6.1.3", "no file identifier")
        self.that("/Encrypt" not in self.pdf.trailer, A, "6.1.3", "encrypted")
        for m in re.finditer(rb"(?:^|[^\d ])(\d+) (\d+) obj(.)", raw):
            self.that(m[3] in b"\r\n", A, "6.1.9", "obj is not followed by an end of line")
        for m in re.finditer(rb"endobj(.)", raw):
            if raw[m.start() - 1:m.start()] in (b"\n", b"\r"):
                self.that(m[1] in b"\r\n", A, "6.1.9", "endobj is not followed by an end of line")

    def objects(self):
        for obj in self.pdf.objects:
            self.walk(obj, 0)
            if isinstance(obj, pikepdf.Stream):
                for key in ("/F", "/FFilter", "/FDecodeParms"):
                    self.that(key not in obj, A, "6.1.7.1", f"a stream has {key}")
                filters = obj.get("/Filter", pikepdf.Array())
                for name in filters if isinstance(filters, pikepdf.Array) else [filters]:
                    self.that(str(name) in FILTERS, A, "6.1.7.2", f"filter {name}")
                kind = str(obj.get("/Subtype", ""))
                if kind == "/Image":
                    for key in ("/Alternates", "/OPI"):
                        self.that(key not in obj, A, "6.2.8", f"an image has {key}")
                    self.that(not obj.get("/Interpolate", False), A, "6.2.8", "an image is interpolated")
                    self.that(str(obj.get("/ColorSpace")) in ("/DeviceRGB", "/DeviceGray"), A, "6.2.4.3",
                              f"colour space {obj.get('/ColorSpace')} of an image")
                    self.that(int(obj.get("/BitsPerComponent", 8)) in (1, 2, 4, 8), A, "6.2.8.3", "bits a component")
                self.that(kind != "/PS", A, "6.2.9.3", "a PostScript XObject")
                if kind == "/Form":
                    for key in ("/OPI", "/Ref", "/PS", "/Subtype2"):
                        self.that(key not in obj, A, "6.2.9", f"a form has {key}")
                    self.that("/Resources" in obj, A, "6.2.2", "a form without resources of its own")

    def walk(self, obj, depth):
        if depth > 20:
            return
        if isinstance(obj, pikepdf.Name):
            self.that(len(str(obj).encode()) <= 128, A, "6.1.13", "a name longer than 127 bytes")
        elif isinstance(obj, pikepdf.String):
            self.that(len(bytes(obj)) <= 32767, A, "6.1.13", "a string longer than 32767 bytes")
        elif isinstance(obj, int):
            self.that(-2**31 <= obj < 2**31, A, "6.1.13", "a number beyond 32 bits")
        elif isinstance(obj, pikepdf.Array):
            for item in obj:
                if not getattr(item, "is_indirect", False):
                    self.walk(item, depth + 1)
        elif isinstance(obj, (pikepdf.Dictionary, pikepdf.Stream)):
            for key, item in obj.items():
                self.that(key not in ("/AA", "/JS", "/OpenAction", "/JavaScript", "/XFA", "/PresSteps", "/OCProperties",
                                      "/Requirements", "/AlternatePresentations"), A, "6.5", f"forbidden key {key}")
                if key == "/S" and str(item) in ("/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/JavaScript",
                                                 "/Hide", "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView"):
                    self.that(False, A, "6.5.1", f"forbidden action {item}")
                if not getattr(item, "is_indirect", False):
                    self.walk(item, depth + 1)

    def catalog(self):
        root = self.pdf.Root
        self.that(root.get("/MarkInfo", {}).get("/Marked") is True, UA, "7.1", "MarkInfo does not say Marked")
        self.that(not root.get("/MarkInfo", {}).get("/Suspects", False), UA, "7.1", "MarkInfo says Suspects")
        self.that(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle") is True, UA, "7.1", "DisplayDocTitle")
        self.that(re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", str(root.get("/Lang", ""))), UA, "7.2",
                  f"Lang {root.get('/Lang')!r} is no language")
        self.that("/StructTreeRoot" in root, UA, "7.1", "no structure")
        for key in ("/AcroForm", "/Perms", "/Collection"):
            self.that(key not in root, A, "6.4", f"the catalog has {key}")
        for page in self.pdf.pages:
            self.that(str(page.obj.get("/Tabs")) == "/S", UA, "7.18.3", "a page without Tabs S")
            self.that("/Resources" in page.obj, A, "6.2.2", "a page without resources of its own")
            self.that("/Annots" not in page.obj, A, "6.3", "an annotation (this checker knows of none)")

    def intent(self):
        intents = self.pdf.Root.get("/OutputIntents", [])
        own = [i for i in intents if str(i.get("/S")) == "/GTS_PDFA1"]
        self.that(len(own) == 1, A, "6.2.3", "not one output intent GTS_PDFA1")
        for intent in own:
            profile = intent.DestOutputProfile
            icc = profile.read_bytes()
            self.that(int(profile.N) == 3 and icc[16:20] == b"RGB ", A, "6.2.3", "the profile is not of RGB")
            self.that(icc[36:40] == b"acsp" and icc[12:16] in (b"mntr", b"prtr") and icc[8] < 5, A, "6.2.3",
                      "the profile is no display profile of ICC 2 or 4")
            self.that(int.from_bytes(icc[:4], "big") == len(icc), A, "6.2.3", "the profile has another length")
            self.that(str(intent.get("/OutputConditionIdentifier", "")) != "", A, "6.2.3", "no condition identifier")

    def metadata(self):
        stream = self.pdf.Root.get("/Metadata")
        self.that(stream is not None, A, "6.6.2.1", "no metadata")
        self.that("/Filter" not in stream and str(stream.get("/Subtype")) == "/XML", A, "6.6.2.1", "metadata is filtered")
        packet = stream.read_bytes()
        self.that(packet.startswith(b"<?xpacket begin=") and b"bytes=" not in packet[:80], A, "6.6.2.1", "packet header")
        tree = etree.fromstring(packet.decode("utf-8").encode())

        def text(path):
            found = tree.xpath(path, namespaces=NS)
            return found[0].text if found else None

        self.that(text("//pdfaid:part") == "3" and text("//pdfaid:conformance") == "B", A, "6.6.4", "pdfaid")
        self.that(text("//pdfuaid:part") == "1", UA, "5", "pdfuaid")
        title = text("//dc:title/rdf:Alt/rdf:li[@xml:lang='x-default']")
        self.that(title, UA, "7.1", "no dc:title")
        info = self.pdf.trailer.get("/Info", {})
        pairs = {"/Title": title, "/Author": text("//dc:creator/rdf:Seq/rdf:li"),
                 "/Subject": text("//dc:description/rdf:Alt/rdf:li"), "/Producer": text("//pdf:Producer"),
                 "/Creator": text("//xmp:CreatorTool")}
        for key, said in pairs.items():
            if key in info:
                self.that(str(info[key]) == (said or ""), A, "6.6.3", f"{key} is {info[key]!r}, the XMP says {said!r}")
        for key, path in (("/CreationDate", "//xmp:CreateDate"), ("/ModDate", "//xmp:ModifyDate")):
            if key in info:
                digits = re.sub(r"\D", "", text(path) or "")[:14]
                self.that(re.sub(r"\D", "", str(info[key]))[:14] == digits, A, "6.6.3", f"{key} and the XMP differ")
        described = {e.text for e in tree.xpath("//schema:namespaceURI", namespaces=NS)}
        for node in tree.xpath("//rdf:Description/*", namespaces=NS):
            space = etree.QName(node).namespace
            self.that(space in KNOWN or space in described, A, "6.6.2.3", f"no schema describes {space}")

    def attachments(self):
        root = self.pdf.Root
        specs = list(root.get("/AF", []))
        names = root.get("/Names", {}).get("/EmbeddedFiles", {}).get("/Names", [])
        named = {names[i + 1].objgen: bytes(names[i]) for i in range(0, len(names), 2)}
        self.that(sorted(named.values()) == list(named.values()), A, "6.8", "the names are not sorted")
        self.that({s.objgen for s in specs} == set(named), A, "6.8", "AF and EmbeddedFiles name different files")
        for spec in specs:
            self.that("/F" in spec and "/UF" in spec and "/Desc" in spec, A, "6.8", "a file without F, UF or Desc")
            self.that(str(spec.get("/AFRelationship")) in ("/Alternative", "/Source", "/Data", "/Supplement",
                                                           "/Unspecified"), A, "6.8", "no AFRelationship")
            file = spec.EF.F
            self.that(spec.EF.UF.objgen == file.objgen, A, "6.8", "EF has two files")
            self.that(re.fullmatch(r"/[a-z]+/[A-Za-z0-9.+-]+", str(file.get("/Subtype", ""))), A, "6.8",
                      f"media type {file.get('/Subtype')}")
            self.that("/ModDate" in file.Params, A, "6.8", "no ModDate")
            body = file.read_bytes()
            self.that(int(file.Params.Size) == len(body), A, "6.8", "Size is not the size")
            sum_of_it = file.Params.get("/CheckSum")
            self.that(sum_of_it is None or bytes(sum_of_it) == hashlib.md5(body).digest(), A, "6.8",
                      "CheckSum is not the sum")

    # ---- pages

    def content(self):
        pages = list(self.pdf.pages)
        step = max(1, len(pages) // 150) if len(pages) > 300 else 1
        for index, page in enumerate(pages):
            if index % step == 0 or index > len(pages) - 10:
                self.marks[page.obj.objgen] = self.one(page.obj, page.obj.Resources, "page")
        for form in list(self.forms.values()):
            self.one(form, form.Resources, "form")

    def one(self, holder, resources, kind):
        """Reads a content stream: the marked sequences of it, in order."""
        mcids, stack, font, depth = [], [], None, 0
        outside = kind == "form"  # what draws a form says what it is
        for operands, operator in pikepdf.parse_content_stream(holder):
            op = str(operator)
            if op in ("BDC", "BMC"):
                props = operands[1] if op == "BDC" and len(operands) > 1 else {}
                tag = str(operands[0])
                mcid = props.get("/MCID") if not isinstance(props, pikepdf.Name) else None
                inside = [k for k in stack if k in ("artifact", "tagged")]
                if tag == "/Artifact":
                    self.that("tagged" not in inside, UA, "7.1", "an artifact within tagged content")
                    stack.append("artifact")
                elif mcid is not None:
                    self.that(not inside, UA, "7.1", "tagged content within marked content")
                    mcids.append((int(mcid), tag))
                    stack.append("tagged")
                else:
                    stack.append("span")
            elif op == "EMC":
                self.that(stack, "ISO 32000-1", "14.6", "EMC without its begin")
                stack and stack.pop()
            elif op in ("BT", "ET", "q", "Q"):
                depth += {"q": 1, "Q": -1}.get(op, 0)
                self.that(0 <= depth <= 28, A, "6.1.13", "q and Q")
            elif op == "Tf":
                font = resources.Font[str(operands[0])]
                self.fonts[font.objgen] = font
            elif op in ("k", "K", "cs", "CS", "scn", "SCN", "sc", "SC", "sh", "ri", "gs"):
                self.that(False, A, "6.2.4", f"operator {op}, which the checker does not know")
            if op in PAINTS:
                self.that(outside or "artifact" in stack or "tagged" in stack, UA, "7.1", f"{op} outside of marked content")
            if op in SHOWS:
                parts = operands[0] if op == "TJ" else [operands[-1]]
                for part in parts:
                    if isinstance(part, pikepdf.String):
                        data = bytes(part)
                        codes = [data[i] << 8 | data[i + 1] for i in range(0, len(data) - 1, 2)]
                        self.that(len(data) % 2 == 0, A, "6.2.11", "half a character code")
                        self.that(0 not in codes, A, "6.2.11.8", ".notdef is shown")
                        self.cids[font.objgen].update(codes)
            if op == "Do":
                drawn = resources.XObject[str(operands[0])]
                if str(drawn.Subtype) == "/Form":
                    self.forms[drawn.objgen] = drawn
                if kind == "page":
                    self.that(stack, UA, "7.1", "an XObject outside of marked content")
        self.that(not stack and depth == 0, "ISO 32000-1", "14.6", "marks or states left open")
        self.that(kind == "page" or not mcids, UA, "7.20", "a form with marked content of its own")
        return mcids

    def font_programs(self):
        for key, font in self.fonts.items():
            name = str(font.BaseFont)
            self.that(re.match(r"/[A-Z]{6}\+", name), A, "6.2.11.4.2", f"{name} is no subset by its name")
            self.that(str(font.Subtype) == "/Type0" and str(font.Encoding) == "/Identity-H", A, "6.2.11.3.3", f"{name}")
            cid = font.DescendantFonts[0]
            info = cid.CIDSystemInfo
            self.that(bytes(info.Registry) == b"Adobe" and bytes(info.Ordering) == b"Identity", A, "6.2.11.3.1", name)
            descriptor = cid.FontDescriptor
            self.that(str(cid.BaseFont) == name == str(descriptor.FontName), A, "6.2.11.2", f"names of {name} differ")
            program = descriptor.get("/FontFile2", descriptor.get("/FontFile3"))
            self.that(program is not None, A, "6.2.11.4.1", f"{name} is not embedded")
            data = program.read_bytes()
            if "/FontFile2" in descriptor:
                self.that(str(cid.Subtype) == "/CIDFontType2", A, "6.2.11.2", f"{name} is no CIDFontType2")
                self.that(str(cid.get("/CIDToGIDMap")) == "/Identity", A, "6.2.11.3.2", f"{name} has no CIDToGIDMap")
                self.that(int(program.Length1) == len(data), A, "6.2.11.2", f"Length1 of {name}")
                with TTFont(io.BytesIO(data), lazy=True) as inside:
                    order, upem = inside.getGlyphOrder(), inside["head"].unitsPerEm
                    advances = [inside["hmtx"][glyph][0] * 1000 / upem for glyph in order]
                    for glyph in order:
                        inside["glyf"][glyph]
            else:
                self.that(str(cid.Subtype) == "/CIDFontType0" and str(program.Subtype) == "/CIDFontType0C", A, "6.2.11.2",
                          f"{name} is no CIDFontType0C")
                fonts = CFFFontSet()
                fonts.decompile(io.BytesIO(data), None)
                top = fonts[fonts.fontNames[0]]
                self.that(hasattr(top, "ROS"), A, "6.2.11.3.1", f"{name} has no CIDs of its own")
                scale = 1000 * (top.FontMatrix[0] if hasattr(top, "FontMatrix") else 0.001)
                advances = []
                for glyph in top.CharStrings.keys():
                    outline = top.CharStrings[glyph]
                    outline.draw(BoundsPen(None))
                    advances.append(outline.width * scale)
                order = advances
            widths = self.widths(cid)
            for code in self.cids[key]:
                self.that(code < len(order), A, "6.2.11.4.1", f"{name} has no glyph {code}")
                if code < len(order):
                    self.that(abs(widths.get(code, float(cid.get("/DW", 1000))) - advances[code]) <= 1, A, "6.2.11.5",
                              f"{name}: width of {code} is {widths.get(code)}, the program says {advances[code]:.2f}")
            said = self.to_unicode(font.ToUnicode.read_bytes().decode("ascii"))
            for code in self.cids[key]:
                text = said.get(code)
                self.that(text, UA, "7.21.7", f"{name}: {code} is not in ToUnicode")
                self.that(not text or not set(text) & {"\0", "\ufeff", "\ufffe"}, UA, "7.21.7", f"{name}: {code} is {text!r}")

    @staticmethod
    def widths(cid):
        found, items, i = {}, list(cid.W), 0
        while i < len(items):
            first = int(items[i])
            if isinstance(items[i + 1], pikepdf.Array):
                found.update({first + k: float(w) for k, w in enumerate(items[i + 1])})
                i += 2
            else:
                found.update({code: float(items[i + 2]) for code in range(first, int(items[i + 1]) + 1)})
                i += 3
        return found

    @staticmethod
    def to_unicode(text):
        found = {}
        for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.S):
            for code, said in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
                found[int(code, 16)] = bytes.fromhex(said).decode("utf-16-be")
        return found

    # ---- structure

    def structure(self):
        root = self.pdf.Root.StructTreeRoot
        by_page = collections.defaultdict(dict)  # page -> mcid -> element
        headings, seen = [], set()

        def kids(element):
            k = element.get("/K")
            return [] if k is None else list(k) if isinstance(k, pikepdf.Array) else [k]

        def name(element):
            return str(element.get("/S", ""))[1:]

        stack = [(root, None)]
        while stack:
            element, parent = stack.pop()
            if parent is not None:
                key = element.objgen
                self.that(key not in seen, "ISO 32000-1", "14.7.2", "an element with two parents")
                seen.add(key)
                self.that(element.P.objgen == parent.objgen, "ISO 32000-1", "14.7.2", f"P of a {name(element)} is wrong")
                self.element(element, name(element), name(parent), headings, [k for k in kids(element)], name)
            following = []
            for kid in kids(element):
                if isinstance(kid, int):
                    self.note(by_page, element.Pg.objgen, kid, element)
                elif "/MCID" in kid:
                    page = kid.get("/Pg", element.get("/Pg"))
                    self.note(by_page, page.objgen, int(kid.MCID), element)
                else:
                    following.append((kid, element))
            stack.extend(reversed(following))
        for before, after in zip([0, *headings], headings):
            self.that(after <= before + 1, UA, "7.4.2", f"a heading of level {after} follows one of {before}")
        top = [k for k in kids(root)]
        self.that(len(top) == 1 and name(top[0]) == "Document", UA, "7.1", "the structure is not one Document")

        owners = self.number_tree(root.ParentTree)
        self.that(int(root.get("/ParentTreeNextKey", -1)) > max(owners, default=-1), "ISO 32000-1", "14.7.4.4", "next key")
        for page in self.pdf.pages:
            key = page.obj.objgen
            own = owners.get(int(page.obj.get("/StructParents", -1)))
            self.that(own is not None, UA, "7.1", "a page is not in the tree of parents")
            if own is None:
                continue
            told = {i: e.objgen for i, e in enumerate(own)}
            tree = {i: e.objgen for i, e in by_page[key].items()}
            self.that(told == tree, UA, "7.1", f"page {page.index + 1}: the tree of parents and the elements differ")
            if key in self.marks:
                drawn = [mcid for mcid, _ in self.marks[key]]
                self.that(sorted(drawn) == sorted(tree), UA, "7.1",
                          f"page {page.index + 1}: marked sequences and elements differ")
                for mcid, tag in self.marks[key]:
                    if mcid in by_page[key]:
                        self.that(tag[1:] == name(by_page[key][mcid]), UA, "7.1", f"{tag} belongs to another element")

    def note(self, by_page, page, mcid, element):
        self.that(mcid not in by_page[page], "ISO 32000-1", "14.7.4", "a marked sequence in two elements")
        by_page[page][mcid] = element

    def element(self, element, own, parent, headings, kids, name):
        self.that(own in STANDARD, UA, "7.1", f"type {own}")
        attributes = element.get("/A", {})
        if re.fullmatch("H[1-6]", own):
            headings.append(int(own[1]))
        if own == "Figure":
            self.that(str(element.get("/Alt", "")).strip() or "/ActualText" in element, UA, "7.3", "a figure without Alt")
            self.that("/BBox" in attributes, UA, "7.3", "a figure without BBox")
        if own == "TH":
            self.that(str(attributes.get("/Scope")) in ("/Row", "/Column", "/Both"), UA, "7.5", "TH without Scope")
        allowed = {"TR": {"Table", "THead", "TBody", "TFoot"}, "TD": {"TR"}, "TH": {"TR"}, "THead": {"Table"},
                   "TBody": {"Table"}, "TFoot": {"Table"}, "LI": {"L"}, "LBody": {"LI"}}
        self.that(own not in allowed or parent in allowed[own], "ISO 32000-1", "14.8.4", f"{own} within {parent}")
        if own == "Table":
            widths = set()
            rows = [k for k in kids if name(k) == "TR"]
            for group in kids:
                if name(group) in ("THead", "TBody", "TFoot"):
                    inner = group.get("/K", [])
                    rows += list(inner) if isinstance(inner, pikepdf.Array) else [inner]
            for row in rows:
                cells = row.get("/K", [])
                cells = list(cells) if isinstance(cells, pikepdf.Array) else [cells]
                widths.add(sum(int(c.get("/A", {}).get("/ColSpan", 1)) for c in cells))
            self.that(len(widths) <= 1, UA, "7.5", f"rows of {sorted(widths)} columns in one table")

    def number_tree(self, node):
        found, stack = {}, [node]
        while stack:
            one = stack.pop()
            nums = one.get("/Nums", [])
            keys = [int(nums[i]) for i in range(0, len(nums), 2)]
            found.update({key: nums[2 * i + 1] for i, key in enumerate(keys)})
            if "/Limits" in one and keys:
                self.that([int(x) for x in one.Limits] == [keys[0], keys[-1]], "ISO 32000-1", "7.9.7", "Limits")
            stack.extend(one.get("/Kids", []))
        return found


def faults():
    """Each clause and what breaks it in an open document."""
    def content(old, new):
        def change(pdf):
            page = pdf.pages[0].obj
            page.Contents.write(page.Contents.read_bytes().replace(old, new, 1))
        return change

    def font(change):
        def apply(pdf):
            change(next(iter(pdf.pages[0].obj.Resources.Font.values())))
        return apply

    def elements(pdf, kind):
        return [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and str(o.get("/S", "")) == kind]

    def xmp(old, new):
        def change(pdf):
            data = pdf.Root.Metadata.read_bytes()
            assert old in data
            pdf.Root.Metadata.write(data.replace(old, new, 1))
        return change

    def width(type0):
        type0.DescendantFonts[0].W[1][1] = 999

    def unicode(type0):
        data = type0.ToUnicode.read_bytes()
        type0.ToUnicode.write(re.sub(rb"<0001> <", b"<7001> <", data, count=1))

    def other_sum(pdf):
        pdf.Root.AF[0].EF.F.Params.CheckSum = pikepdf.String(bytes(16))

    return [
        ("6.2.3", lambda pdf: pdf.Root.__delattr__("OutputIntents")),
        ("6.2.4", content(b"BT", b"0 0 0 1 k BT")),
        ("6.2.11.8", content(b" Td", b" Td(\0\0)Tj")),
        ("6.2.11.5", font(width)),
        ("6.2.11.4.1", font(lambda f: f.DescendantFonts[0].FontDescriptor.__delattr__("FontFile2"))),
        ("6.2.11.3.2", font(lambda f: f.DescendantFonts[0].__delattr__("CIDToGIDMap"))),
        ("6.5", lambda pdf: pdf.Root.__setattr__("OpenAction", pikepdf.Dictionary(S=pikepdf.Name.JavaScript))),
        ("6.6.3", lambda pdf: pdf.trailer.Info.__setattr__("Title", pikepdf.String("Another"))),
        ("6.6.4", xmp(b"<pdfaid:part>3", b"<pdfaid:part>1")),
        ("6.6.2.3", xmp(b"<pdfaSchema:namespaceURI>", b"<pdfaSchema:namespaceURI>x")),
        ("6.8", lambda pdf: pdf.Root.AF[0].__delattr__("AFRelationship")),
        ("6.8", other_sum),
        ("5", xmp(b"<pdfuaid:part>1", b"<pdfuaid:part>9")),
        ("7.1", content(b"/P<</MCID", b"/P<</Nothing")),
        ("7.1", content(b"<</MCID 0>>", b"<</MCID 7000>>")),
        ("7.1", lambda pdf: pdf.Root.__delattr__("MarkInfo")),
        ("7.1", lambda pdf: pdf.pages[0].obj.__setattr__("StructParents", 7000)),
        ("7.2", lambda pdf: pdf.Root.__delattr__("Lang")),
        ("7.3", lambda pdf: [e.__delattr__("Alt") for e in elements(pdf, "/Figure")]),
        ("7.5", lambda pdf: [e.__delattr__("A") for e in elements(pdf, "/TH")]),
        ("7.5", lambda pdf: elements(pdf, "/TR")[-1].K.__delitem__(0)),
        ("7.18.3", lambda pdf: pdf.pages[0].obj.__delattr__("Tabs")),
        ("7.21.7", font(unicode)),
        ("14.7.2", lambda pdf: elements(pdf, "/TR")[0].__setattr__("P", pdf.Root)),
    ]


def self_test(path):
    unseen = 0
    for number, (clause, plant) in enumerate(faults()):
        pdf = pikepdf.open(path)
        plant(pdf)
        broken = pathlib.Path(path).with_suffix(f".fault{number}.pdf")
        pdf.save(broken)
        failures = Check(broken).run()
        broken.unlink()
        if not any(f.split(" ", 2)[1 if f.startswith("checker") else 2].startswith(f"{clause}:") for f in failures):
            unseen += 1
            print(f"fault {number} ({clause}) was not seen; seen: {failures}")
    print(f"{len(faults()) - unseen} of {len(faults())} planted faults were seen")
    sys.exit(1 if unseen else 0)


def main():
    if sys.argv[1:2] == ["--self"]:
        self_test(sys.argv[2])
    failed = False
    for path in sys.argv[1:] or sys.exit(__doc__):
        failures = Check(path).run()
        failed |= bool(failures)
        print(f"{path}: {'conforms' if not failures else f'{len(failures)} clauses fail'}")
        for line in failures:
            print(f"  {line}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
