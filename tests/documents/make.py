"""How the documents beside this file were made: by other people's programs, from our own invented words, once.

Run by hand in an environment of its own, then commit what changed; the tests only read the files:
    pip install reportlab fpdf2 typst pikepdf xhtml2pdf python-docx docxtpl msoffcrypto-tool openpyxl xlsxwriter pyexcelerate \
        python-pptx python-hwpx pillow
    apt-get install --no-install-recommends libreoffice-writer libreoffice-calc libreoffice-impress chromium zip fonts-nanum
    python tests/documents/make.py tests/documents
A name says what is expected: language, program, then `table`: a cell that must be read once; `scan`: a picture of text;
`locked`: a password; `blank`: a blank page in the middle; `hidden`: SECRET stands where nobody sees
it, for the reason that follows.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WORDS = {
    "ko": ("구조 드론 제품설명서", "연기 속에서 사람을 찾는 구조 드론", "탐지 거리"),
    "en": ("Rescue drone proposal", "A rescue drone finds people in smoke", "Detection range"),
}
SECRET = {"ko": "보이지 않게 적은 낱말", "en": "words that nobody can see"}
FONT = "/usr/share/fonts/truetype/nanum/NanumGothic.ttf"
OUT = Path(sys.argv[1] if len(sys.argv) > 1 else ".")


def html(title: str, line: str, cell: str) -> str:
    table = f"<table border=1><tr><td>{cell}</td><td>120 m</td></tr></table>"
    return f"<html><meta charset=utf-8><body><h1>{title}</h1><p>{line}.</p>{table}</body></html>"


def pdfs(lang: str, title: str, line: str, cell: str) -> None:
    import pikepdf
    import typst
    from fpdf import FPDF
    from PIL import Image, ImageDraw, ImageFont
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen import canvas
    from xhtml2pdf import pisa

    pdfmetrics.registerFont(UnicodeCIDFont("HYGothic-Medium"))
    pdfmetrics.registerFont(TTFont("Nanum", FONT))
    for name, font in (("reportlab_cid", "HYGothic-Medium"), ("reportlab_ttf", "Nanum")):
        page = canvas.Canvas(str(OUT / f"{lang}_{name}_blank.pdf"), invariant=1)
        page.setFont(font, 12)
        page.drawString(72, 720, title)
        page.drawString(72, 700, line)
        page.showPage()
        page.showPage()
        page.setFont(font, 12)
        page.drawString(72, 720, cell)
        page.showPage()
        page.save()
    sheet = FPDF()
    sheet.add_page()
    sheet.add_font("Nanum", fname=FONT)
    sheet.set_font("Nanum", size=12)
    sheet.cell(text=line)
    sheet.output(str(OUT / f"{lang}_fpdf2.pdf"))
    source = f'#set text(font: "NanumGothic")\n= {title}\n{line}.\n#table(columns: 2, [{cell}], [120 m])\n'
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.typ"
        path.write_text(source, encoding="utf-8")
        (OUT / f"{lang}_typst_table.pdf").write_bytes(typst.compile(str(path)))
        (OUT / f"{lang}_typst_a_table.pdf").write_bytes(typst.compile(str(path), pdf_standards=["a-2b"]))
    with pikepdf.open(OUT / f"{lang}_typst_table.pdf") as plain:
        forbidden = pikepdf.Encryption(owner="owner", user="", allow=pikepdf.Permissions(extract=False, print_highres=False))
        plain.save(OUT / f"{lang}_pikepdf_no_printing_table.pdf", encryption=forbidden)
        plain.save(OUT / f"{lang}_pikepdf_locked.pdf", encryption=pikepdf.Encryption(owner="owner", user="secret"))
        plain.save(OUT / f"{lang}_pikepdf_streams_table.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)
    if lang == "en":  # it draws black squares for Hangul, whatever font it is given
        with (OUT / "en_xhtml2pdf.pdf").open("wb") as out:
            pisa.CreatePDF(f"<p>{title}</p><p>{line}</p>", dest=out)
    picture = Image.new("L", (640, 200), 255)
    ImageDraw.Draw(picture).text((20, 80), line, font=ImageFont.truetype(FONT, 24), fill=0)
    picture.save(OUT / f"{lang}_pillow_scan.pdf")
    picture.save(OUT / f"{lang}_pillow_scan.png", optimize=True)
    picture.save(OUT / f"{lang}_pillow_scan.jpg", quality=40)


def word(lang: str, title: str, line: str, cell: str) -> None:
    import docx
    import msoffcrypto
    from docxtpl import DocxTemplate

    document = docx.Document()
    document.add_heading(title, 1)
    document.add_paragraph(line + ".")
    table = document.add_table(1, 2, style="Table Grid")
    table.cell(0, 0).text, table.cell(0, 1).text = cell, "120 m"
    document.sections[0].header.paragraphs[0].text = "PPIR"
    document.save(str(OUT / f"{lang}_python_docx_table.docx"))
    inner = docx.Document()
    inner.add_table(1, 1).cell(0, 0).add_table(1, 1).cell(0, 0).text = cell
    inner.add_paragraph(line)
    inner.save(str(OUT / f"{lang}_python_docx_nested_table.docx"))
    template = docx.Document()
    template.add_paragraph("{{ line }}")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "t.docx")
        template.save(path)
        filled = DocxTemplate(path)
        filled.render({"line": line})
        filled.save(str(OUT / f"{lang}_docxtpl.docx"))
    with (OUT / f"{lang}_docxtpl.docx").open("rb") as plain, (OUT / f"{lang}_msoffcrypto_locked.docx").open("wb") as locked:
        msoffcrypto.OfficeFile(plain).encrypt("secret", locked)


def books(lang: str, title: str, line: str, cell: str) -> None:
    import openpyxl
    import pyexcelerate
    import xlsxwriter

    book = openpyxl.Workbook()
    book.active.title = title[:20]
    book.active.append([cell, 120])
    book.active.append([line, 0.5])
    book.save(OUT / f"{lang}_openpyxl_table.xlsx")
    other = xlsxwriter.Workbook(str(OUT / f"{lang}_xlsxwriter_table.xlsx"))
    sheet = other.add_worksheet(title[:20])
    sheet.write_string(0, 0, cell)
    sheet.write_rich_string(1, 0, line[:5], other.add_format({"bold": True}), line[5:])
    sheet.write_formula(2, 0, "=1+1", value=2)
    other.close()
    third = pyexcelerate.Workbook()
    third.new_sheet(title[:20], data=[[cell, 120], [line, 1]])
    third.save(str(OUT / f"{lang}_pyexcelerate_table.xlsx"))


def slides(lang: str, title: str, line: str, cell: str) -> None:
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = title, line
    second = show.slides.add_slide(show.slide_layouts[6])
    second.shapes.add_table(1, 2, 0, 0, Inches(4), Inches(1)).table.cell(0, 0).text = cell
    show.save(str(OUT / f"{lang}_python_pptx_table.pptx"))


def hangul(lang: str, title: str, line: str, cell: str) -> None:
    from hwpx import HwpxDocument

    for name in ("table", "sections_table", "notes_table"):
        document = HwpxDocument.new()
        document.add_paragraph(title)
        document.add_paragraph(line)
        document.add_table(1, 2).set_cell_text(0, 0, cell)
        if name.startswith("sections"):
            document.add_section()
            document.add_paragraph("PPIR", section_index=1)
        if name.startswith("notes"):
            document.set_header_text("PPIR")
            document.add_footnote("1", paragraph=document.paragraphs[0])
        document.save_to_path(str(OUT / f"{lang}_python_hwpx_{name}.hwpx"))


def office(lang: str, title: str, line: str, cell: str) -> None:
    """What LibreOffice and Chromium make of a page, a table and a presentation."""
    with tempfile.TemporaryDirectory() as folder:
        page, rows = Path(folder) / f"{lang}_libreoffice_table.html", Path(folder) / f"{lang}_libreoffice_csv_table.csv"
        page.write_text(html(title, line, cell), encoding="utf-8")
        rows.write_text(f"{cell},120\n{line},1\n", encoding="utf-8")
        soffice = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        for path, kinds in ((page, ("odt", "docx:MS Word 2007 XML")), (rows, ("xlsx", "ods"))):
            for kind in kinds:
                extra = ["--infilter=HTML (StarWriter)"] if path is page else ["--infilter=CSV:44,34,76,1"]
                subprocess.run([*soffice, *extra, "--convert-to", kind, "--outdir", folder, str(path)], check=True)
        for made, kind in (("table.odt", "pdf"), ("csv_table.ods", "pdf")):
            path = f"{folder}/{lang}_libreoffice_{made}"
            subprocess.run([*soffice, "--convert-to", kind, "--outdir", folder, path], check=True)
        show = str(OUT / f"{lang}_python_pptx_table.pptx")
        subprocess.run([*soffice, "--convert-to", "odp", "--outdir", folder, show], check=True)
        odp = f"{folder}/{lang}_python_pptx_table.odp"
        for kind in ("pptx", "pdf"):
            subprocess.run([*soffice, "--convert-to", kind, "--outdir", folder, odp], check=True)
            made_show = Path(folder) / f"{lang}_python_pptx_table.{kind}"
            made_show.rename(OUT / f"{lang}_libreoffice_show_table.{kind}")
        for made in Path(folder).glob(f"{lang}_libreoffice_*"):
            if made.suffix in (".docx", ".xlsx", ".pdf"):
                (OUT / made.name).write_bytes(made.read_bytes())
        printed = OUT / f"{lang}_chromium_table.pdf"
        chromium = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        subprocess.run([*chromium, f"--print-to-pdf={printed}", str(page)], check=True)


def bundles(lang: str) -> None:
    own = [OUT / f"{lang}_python_hwpx_table.hwpx", OUT / f"{lang}_typst_table.pdf"]
    target = OUT / f"{lang}_zip.zip"
    target.unlink(missing_ok=True)
    subprocess.run(["zip", "-jq", str(target), *map(str, own)], check=True)
    if lang == "ko":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("구조 드론.pdf".encode("cp949").decode("cp437"), own[1].read_bytes())
        (OUT / "ko_python_cp949.zip").write_bytes(out.getvalue())


def hidden_pdfs(lang: str, line: str, secret: str) -> None:
    """Under a picture, cut off by a clip, in the colour of its box, and on a layer that is switched off."""
    import pikepdf
    from PIL import Image
    from reportlab.lib.colors import Color
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen import canvas

    pdfmetrics.registerFont(TTFont("Nanum", FONT))

    def sheet(name: str) -> canvas.Canvas:
        page = canvas.Canvas(str(OUT / f"{lang}_{name}.pdf"), invariant=1)
        page.setFont("Nanum", 12)
        page.drawString(72, 720, line)
        return page

    page = sheet("reportlab_hidden_covered")
    page.drawString(72, 600, secret)
    page.drawImage(ImageReader(Image.new("RGB", (8, 8), (200, 220, 240))), 60, 560, 300, 80)
    page.save()
    page = sheet("reportlab_cut_hidden_covered")
    page.saveState()
    frame = page.beginPath()
    frame.rect(300, 300, 50, 50)
    page.clipPath(frame, stroke=0)
    page.drawString(72, 600, secret)
    page.restoreState()
    page.save()
    page = sheet("reportlab_hidden_colour")
    page.setFillColor(Color(0.1, 0.3, 0.5))
    page.rect(60, 580, 400, 60, stroke=0, fill=1)
    page.setFont("Nanum", 12)
    page.drawString(72, 600, secret)
    page.setFillColor(Color(1, 1, 1))
    page.drawString(72, 625, "PPIR")
    page.save()
    page = sheet("pikepdf_layer_hidden_covered")
    page.drawString(72, 600, secret)
    page.save()
    path = OUT / f"{lang}_pikepdf_layer_hidden_covered.pdf"
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        layer = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Off"))
        off = pikepdf.Dictionary(OFF=[layer], Order=[layer])
        document.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer], D=off)
        own = document.pages[0]
        own.Resources.Properties = pikepdf.Dictionary(L=layer)
        parts = pikepdf.parse_content_stream(own)
        blocks = [at for at, part in enumerate(parts) if str(part.operator) == "BT"]
        ends = [at for at, part in enumerate(parts) if str(part.operator) == "ET"]
        begin = pikepdf.ContentStreamInstruction([pikepdf.Name.OC, pikepdf.Name.L], pikepdf.Operator("BDC"))
        end = pikepdf.ContentStreamInstruction([], pikepdf.Operator("EMC"))
        parts = [*parts[: blocks[-1]], begin, *parts[blocks[-1] : ends[-1] + 1], end, *parts[ends[-1] + 1 :]]
        own.Contents = document.make_stream(pikepdf.unparse_content_stream(parts))
        document.save(path)


def hidden_office(lang: str, line: str, secret: str) -> None:
    import docx
    import openpyxl
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import RGBColor
    from openpyxl.styles import Font, PatternFill
    from pptx import Presentation
    from pptx.dml.color import RGBColor as SlideColor
    from pptx.enum.dml import MSO_THEME_COLOR
    from pptx.util import Inches

    document = docx.Document()
    document.add_paragraph(line)
    document.add_paragraph().add_run(secret).font.hidden = True
    document.save(str(OUT / f"{lang}_python_docx_hidden_vanished.docx"))
    document = docx.Document()
    pale = document.styles.add_style("Pale", WD_STYLE_TYPE.PARAGRAPH)
    pale.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)
    document.add_paragraph(line)
    document.add_paragraph(secret, style="Pale")
    document.save(str(OUT / f"{lang}_python_docx_hidden_colour.docx"))

    def book() -> tuple[openpyxl.Workbook, openpyxl.worksheet.worksheet.Worksheet]:
        made = openpyxl.Workbook()
        made.active.append([line, 120])
        return made, made.active

    for why in ("colour", "row", "sheet"):
        made, sheet = book()
        if why == "colour":
            sheet["A2"], sheet["A3"] = secret, "PPIR"
            sheet["A2"].font = Font(color="FFFFFFFF")
            sheet["A3"].font, sheet["A3"].fill = Font(color="FFFFFFFF"), PatternFill("solid", fgColor="FF1F4E79")
        elif why == "row":
            sheet["A5"], sheet["D1"] = secret[:4], secret[4:]
            sheet.row_dimensions[5].hidden = True
            sheet.column_dimensions["D"].hidden = True
        else:
            other = made.create_sheet("숨김")
            other["A1"] = secret
            other.sheet_state = "hidden"
        made.save(OUT / f"{lang}_openpyxl_hidden_{why}.xlsx")

    def show() -> tuple[Presentation, object]:
        made = Presentation()
        slide = made.slides.add_slide(made.slide_layouts[6])
        slide.shapes.add_textbox(Inches(1), Inches(1), Inches(6), Inches(1)).text_frame.text = line
        return made, slide

    def box(slide: object, text: str, top: float, colour: object) -> object:
        shape = slide.shapes.add_textbox(Inches(1), Inches(top), Inches(6), Inches(1))
        run = shape.text_frame.paragraphs[0].add_run()
        run.text = text
        if isinstance(colour, MSO_THEME_COLOR):
            run.font.color.theme_color = colour
        else:
            run.font.color.rgb = colour
        return shape

    white = SlideColor(0xFF, 0xFF, 0xFF)
    made, slide = show()
    box(slide, secret, 3, MSO_THEME_COLOR.BACKGROUND_1)
    dark = box(slide, "PPIR", 5, white)
    dark.fill.solid()
    dark.fill.fore_color.rgb = SlideColor(0x1F, 0x4E, 0x79)
    made.save(str(OUT / f"{lang}_python_pptx_hidden_colour.pptx"))
    made, slide = show()
    second = made.slides.add_slide(made.slide_layouts[6])
    second.shapes.add_textbox(0, 0, Inches(6), Inches(1)).text_frame.text = secret
    second._element.set("show", "0")
    made.save(str(OUT / f"{lang}_python_pptx_hidden_slide.pptx"))
    made, slide = show()
    slide.shapes.add_textbox(Inches(-9), Inches(1), Inches(6), Inches(1)).text_frame.text = secret
    made.save(str(OUT / f"{lang}_python_pptx_hidden_beside.pptx"))
    with tempfile.TemporaryDirectory() as folder:
        soffice = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        for program, kind, between in (("openpyxl", "xlsx", "ods"), ("python_pptx", "pptx", "odp")):
            source = OUT / f"{lang}_{program}_hidden_colour.{kind}"
            for to, path in ((between, str(source)), (kind, f"{folder}/{source.stem}.{between}")):
                subprocess.run([*soffice, "--convert-to", to, "--outdir", folder, path], check=True)
            (OUT / f"{lang}_libreoffice_hidden_colour.{kind}").write_bytes((Path(folder) / source.name).read_bytes())


def hidden_hangul(lang: str, line: str, secret: str) -> None:
    from hwpx import HwpxDocument

    document = HwpxDocument.new()
    document.add_paragraph(line)
    pale = document.ensure_run_style(color="#FFFFFF")
    document.add_paragraph(secret, char_pr_id_ref=pale)
    document.save_to_path(str(OUT / f"{lang}_python_hwpx_hidden_colour.hwpx"))


if __name__ == "__main__":
    for language, words in WORDS.items():
        for make in (pdfs, word, books, slides, hangul, office):
            make(language, *words)
        bundles(language)
        for make_hidden in (hidden_pdfs, hidden_office, hidden_hangul):
            make_hidden(language, words[1], SECRET[language])
